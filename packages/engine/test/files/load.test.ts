import { execFile } from 'node:child_process'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'

import { transformSync } from '@swc/core'

import { sqliteType } from '../../../../tools/testing/databases'
import { createModuleLoader, loadMigration, type ModuleLoader } from '../../src/files/load'
import { readRevisions } from '../../src/files/read'
import type { Revision } from '../../src/revision/revision'
import { caughtAsync } from '../revision/caught'

import { project, removeFolders } from '../../../../tools/testing/folders'

afterAll(removeFolders)

async function load(files: Readonly<Record<string, string>>, entry: string): Promise<Record<string, unknown>> {
  return createModuleLoader()(path.join(await project(files), entry))
}

/** Entities that import each other; `ending` is the extension in their imports. */
const entities = (ending: string): Record<string, string> => ({
  'src/author.ts': `import 'reflect-metadata'
import { Column, Entity, OneToMany, OneToOne, PrimaryGeneratedColumn } from 'typeorm'
import { Post, State } from './post${ending}'
@Entity()
export class Author {
  @PrimaryGeneratedColumn() id!: number
  @Column() name!: string
  @Column({ type: 'simple-enum', enum: State, default: State.Draft }) favorite!: State
  @OneToMany(() => Post, (post) => post.author) posts!: Post[]
  @OneToOne(() => Post) best!: Post
}
`,
  'src/post.ts': `import { Column, Entity, ManyToOne, PrimaryGeneratedColumn } from 'typeorm'
import { Author } from './author${ending}'
export enum State { Draft = 'draft', Public = 'public' }
@Entity()
export class Post {
  @PrimaryGeneratedColumn() id!: number
  @Column({ nullable: true }) at!: Date
  @ManyToOne(() => Author, (author) => author.posts) author!: Author
  constructor(private readonly first?: Author) {}
}
`,
})

const loading = [
  'load',
  'babel',
  'text-file',
  'project-code',
  'transform',
  'column-types',
  'type-kind',
  'type-scope',
  'parse',
  'canonical',
].map((name) => `files/${name}`)

/**
 * Loads a DataSource file in a separate Node process and returns the columns that TypeORM derives. The code of a loaded file
 * runs in Node's own realm; within jest, its `Date` would not be the `Date` that TypeORM looks for.
 */
async function columnsOf(
  files: Readonly<Record<string, string>>,
  exportName: string,
): Promise<Record<string, unknown>> {
  const source = path.resolve(__dirname, '../../src')
  const engine: Record<string, string> = {}
  const errors = (await readdir(path.join(source, 'errors'))).map((name) => `errors/${path.basename(name, '.ts')}`)
  for (const file of [...errors, ...loading]) {
    const text = await readFile(path.join(source, `${file}.ts`), 'utf8')
    engine[`engine/${file}.js`] = transformSync(text, {
      configFile: false,
      swcrc: false,
      jsc: { target: 'es2022', parser: { syntax: 'typescript' } },
      module: { type: 'commonjs', importInterop: 'node', ignoreDynamic: true },
    }).code
  }
  const directory = await project({
    ...files,
    ...engine,
    'engine/package.json': '{}',
    'engine/main.js': `
const { createModuleLoader } = require('./files/load')
const { DataSource } = require('typeorm')
async function main() {
  const exported = await createModuleLoader()(process.argv[2])
  const dataSource = exported[process.argv[3]]
  if (!(dataSource instanceof DataSource)) throw new Error('no DataSource of this typeorm')
  await dataSource.initialize()
  await dataSource.synchronize()
  const columns = dataSource.entityMetadatas.flatMap((entity) =>
    entity.columns.map(({ propertyName, type }) => entity.name + '.' + propertyName + ' ' + (typeof type === 'function' ? type.name : type)))
  await dataSource.destroy()
  console.log(JSON.stringify({ columns: columns.sort(), facts: exported.facts }))
}
main()
`,
  })
  const args = [path.join(directory, 'engine/main.js'), path.join(directory, 'src/data-source.ts'), exportName]
  const { stdout } = await promisify(execFile)(process.execPath, args, { env: { ...process.env, NODE_OPTIONS: '' } })
  return JSON.parse(stdout) as Record<string, unknown>
}

const columns = [
  'Author.favorite simple-enum',
  'Author.id Number',
  'Author.name String',
  'Post.at Date',
  'Post.author Number',
  'Post.id Number',
]

describe('createModuleLoader for TypeScript', () => {
  test('loads CommonJS entities with circular imports, decorator metadata and the same typeorm', async () => {
    const found = await columnsOf(
      {
        ...entities(''),
        'src/data-source.ts': `import { DataSource } from 'typeorm'
import { Author } from './author'
import { Post } from './post'
export const dataSource = new DataSource({ type: '${sqliteType}', database: ':memory:', entities: [Author, Post] })
`,
      },
      'dataSource',
    )
    expect(found['columns']).toEqual(columns)
  })

  test.each([
    ['a license in a block comment', '/*\n * Copyright\n */\n'],
    ['a line comment', '// Copyright\n'],
    ['a hashbang and a directive', "#!/usr/bin/env node\n'use client'\n"],
    ['a docstring and a kept comment', '/** The entity. */\n/*! kept */\n'],
  ])('loads entities with circular imports that begin with %s', async (_what, header) => {
    const { 'src/author.ts': author = '', 'src/post.ts': post = '', ...others } = entities('')
    const found = await columnsOf(
      {
        ...others,
        'src/author.ts': header + author,
        'src/post.ts': header + post,
        'src/data-source.ts': `import { DataSource } from 'typeorm'
import { Author } from './author'
import { Post } from './post'
export const dataSource = new DataSource({ type: '${sqliteType}', database: ':memory:', entities: [Author, Post] })
`,
      },
      'dataSource',
    )
    expect(found['columns']).toEqual(columns)
  })

  test.each([
    ['a value', 'import { Level, Role }'],
    ['a type', 'import type { Level, Role }'],
  ])('gives columns the type of an enum or alias that is imported as %s', async (_what, imports) => {
    const found = await columnsOf(
      {
        'tsconfig.json': '{ "compilerOptions": { "paths": { "@/*": ["./src/*"] } } }',
        'src/index.ts': "export * from './user'\nexport * from './role'",
        'src/role.ts': "export enum Role { A = 'a' }\nexport type Level = 1 | 2",
        'src/user.ts': `import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm'
${imports} from '@/index'
@Entity()
export class User {
  @PrimaryGeneratedColumn() id!: number
  @Column() role!: Role
  @Column({ nullable: true }) level!: Level | null
}
`,
        'src/data-source.ts': `import { DataSource } from 'typeorm'
import { User } from '@/index'
export const dataSource = new DataSource({ type: '${sqliteType}', database: ':memory:', entities: [User] })
`,
      },
      'dataSource',
    )
    expect(found['columns']).toEqual(['User.id Number', 'User.level Number', 'User.role String'])
  })

  test('gives columns the type of an enum of a package without declarations', async () => {
    const found = await columnsOf(
      {
        'src/package.cjs': "exports.Role = { A: 'a' }; exports.Level = { A: 0, B: -1, 0: 'A', '-1': 'B' }",
        'src/user.ts': `import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm'
import { Level, Role } from './package.cjs'
@Entity()
export class User {
  @PrimaryGeneratedColumn() id!: number
  @Column() role!: Role
  @Column() level!: Level
}
`,
        'src/data-source.ts': `import { DataSource } from 'typeorm'
import { User } from './user'
export const dataSource = new DataSource({ type: '${sqliteType}', database: ':memory:', entities: [User] })
`,
      },
      'dataSource',
    )
    expect(found['columns']).toEqual(['User.id Number', 'User.level Number', 'User.role String'])
  })

  test('loads ESM with .js endings, default imports, JSON, import.meta and top-level await', async () => {
    const found = await columnsOf(
      {
        'package.json': '{ "type": "module" }',
        ...entities('.js'),
        'src/settings.json': '{ "database": ":memory:" }',
        'src/secrets.ts': 'export const secrets = await Promise.resolve({ password: import.meta.dirname })',
        'src/both.ts': "export default 'default'; export const named: string = 'named'",
        'src/later.mts': "import { basename } from 'node:path'\nexport default basename(import.meta.filename)",
        'src/data-source.ts': `import fs from 'node:fs'
import typeorm, { DataSource } from 'typeorm'
import settings from './settings.json' with { type: 'json' }
import { Author } from './author.js'
import { Post } from './post.js'
import whole, { named } from './both.js'
import { secrets } from './secrets.js'
const later = await import('./later.mjs')
export const facts = [typeof fs.readFileSync, typeorm.DataSource === DataSource, whole, named, later.default, secrets.password, import.meta.url]
export default new DataSource({ type: '${sqliteType}', database: settings.database, entities: [Author, Post] })
`,
      },
      'default',
    )
    const facts = found['facts'] as readonly string[]
    expect(facts.slice(0, 5)).toEqual(['function', true, 'default', 'named', 'later.mts'])
    expect(facts[5]).toMatch(/^\/.*\/src$/)
    expect(facts[6]).toMatch(/^file:\/\/\/.*\/src\/data-source\.ts$/)
    expect(found['columns']).toEqual(columns)
  })

  test('resolves path aliases of tsconfig.json', async () => {
    const files = {
      'tsconfig.base.json': '{ "compilerOptions": { "baseUrl": ".", "paths": { "@app/*": ["src/*"] } } }',
      'tsconfig.json': '{ "extends": "./tsconfig.base.json", /* comment */ "compilerOptions": { "strict": true, }, }',
      'src/a/x.ts': "import { y } from '@app/b/y'\nimport { z } from 'src/z'\nexport const x = y + z",
      'src/b/y.ts': "import { w } from '@app/w'\nexport const y = 1 + w",
      'src/w.ts': 'export const w: number = 10',
      'src/z.ts': 'export const z: number = 100',
    }
    expect(await load(files, 'src/a/x.ts')).toMatchObject({ x: 111 })
  })

  test('loads modules even if tsconfig.json extends a missing package', async () => {
    const files = {
      'tsconfig.json': '{ "extends": "@nowhere/tsconfig" }',
      'x.ts': "import { y } from './y'\nexport const x = y",
      'y.ts': 'export const y: number = 1',
    }
    expect(await load(files, 'x.ts')).toMatchObject({ x: 1 })
  })

  test('loads .cts and .mts files that import each other', async () => {
    const files = {
      'package.json': '{ "type": "module" }',
      'x.cts':
        "import fs = require('fs')\nimport y from './y.mjs'\nconst z: number = 3\nexport = { z, y, fs: typeof fs.readFileSync, __dirname }",
      'y.mts': "import z from './z.cjs'\nexport default z.a + 1",
      'z.cts': 'exports.a = 1 as number',
    }
    const exported = await load(files, 'x.cts')
    expect(exported).toMatchObject({ z: 3, y: 2, fs: 'function' })
    expect(exported['default']).toMatchObject({ z: 3 })
  })

  test('imports CommonJS and ESM JavaScript from TypeScript', async () => {
    const files = {
      'common.js': 'exports.a = 1; exports.__esModule = true; exports.default = 2',
      'plain.js': 'module.exports = { a: 3 }',
      'module.mjs': 'export const a = 5; export default 6',
      'x.ts': `import two, { a } from './common.js'
import * as plain from './plain'
import six from './module.mjs'
import whole from './plain.js'
export const numbers: number[] = [a, two, plain.a, whole.a, six]`,
    }
    expect(await load(files, 'x.ts')).toMatchObject({ numbers: [1, 2, 3, 3, 6] })
  })

  test('keeps one instance of each module', async () => {
    const directory = await project({
      'counter.ts': 'export class Counter { static count: number = 0 }',
      'a.ts': "import { Counter } from './counter'\nexport { Counter }; export const count = ++Counter.count",
      'b.ts':
        "import { Counter } from './counter'\nexport const same = (other: unknown) => other === Counter; export const count = ++Counter.count",
    })
    const loader = createModuleLoader({ anchor: directory })
    const [counter, a, b, again] = await Promise.all(['counter.ts', 'a.ts', 'b.ts', 'a.ts'].map(loader))
    expect([a?.['count'], b?.['count'], again?.['count']]).toEqual([1, 2, 1])
    expect(a?.['Counter']).toBe(counter?.['Counter'])
    expect((b?.['same'] as (other: unknown) => boolean)(counter?.['Counter'])).toBe(true)
  })

  test("rethrows a module's own error, and loads the module once it is fixed", async () => {
    const directory = await project({
      'x.ts': "import { y } from './y'\nexport const x = y",
      'y.ts': "import 'node:fs'\nconst broken: number = 1\nthrow new RangeError('boom')",
    })
    const loader = createModuleLoader()
    await expect(loader(path.join(directory, 'x.ts'))).rejects.toMatchObject({ name: 'RangeError', message: 'boom' })
    await writeFile(path.join(directory, 'y.ts'), 'export const y: number = 2')
    expect(await loader(path.join(directory, 'x.ts'))).toMatchObject({ x: 2 })
    await expect(loader(path.join(directory, 'nowhere.ts'))).rejects.toMatchObject({ code: 'ENOENT' })
  })

  test('reports file and line of a syntax error', async () => {
    const files = { 'x.ts': "import './y'", 'y.ts': 'const a: number = 1\n\nconst = 2' }
    await expect(load(files, 'x.ts')).rejects.toThrow(/\(\/.*\/y\.ts:3:\d+\)$/)
    await expect(load(files, 'y.ts')).rejects.toMatchObject({ name: 'SyntaxError' })
  })
})

describe('createModuleLoader for JavaScript', () => {
  test('imports .js, .cjs and .mjs files as Node does', async () => {
    const esm = { 'package.json': '{ "type": "module" }', 'x.js': 'export const a = await 1; export default 2' }
    expect(await load(esm, 'x.js')).toEqual({ a: 1, default: 2 })
    expect((await load({ 'x.cjs': 'module.exports = { a: 1 }' }, 'x.cjs'))['default']).toEqual({ a: 1 })
    expect(await load({ 'x.mjs': 'export const dir = import.meta.url' }, 'x.mjs')).toMatchObject({
      dir: expect.stringMatching(/x\.mjs$/),
    })
  })
})

describe('loadMigration', () => {
  const up = "async up(queryRunner) { await queryRunner.query('up') } async down() {}"
  const typed = 'async up(queryRunner: unknown): Promise<void> { void queryRunner } async down(): Promise<void> {}'
  const name = 'X1763750000000'

  async function loadOnly(files: Readonly<Record<string, string>>, loadModule: ModuleLoader = createModuleLoader()) {
    const directory = await project(
      Object.fromEntries(Object.entries(files).map(([file, text]) => [`revisions/${file}`, text])),
    )
    const { revisions } = await readRevisions([path.join(directory, 'revisions')])
    const [revision] = revisions
    if (revision === undefined || revisions.length !== 1) throw new Error(`${revisions.length} revisions`)
    return loadMigration(revision, loadModule)
  }

  test.each([
    ['x.ts', `export class ${name} { ${typed} }`],
    ['x.ts', `import fs from 'node:fs'\nexport class ${name} { read = fs.readFileSync; ${typed} }`],
    ['x.ts', `export default class ${name} { ${typed} }`],
    ['x.ts', `class ${name} { ${typed} }\nexport = ${name}`],
    ['x.ts', `class ${name} { ${typed} }\nexport { ${name} as Other }`],
    ['x.mts', `export class ${name} { ${typed} }\nexport const ready: boolean = await Promise.resolve(true)`],
    ['x.js', `exports.${name} = class ${name} { ${up} }`],
    ['x.js', `module.exports = { ${name}: class ${name} { ${up} } }`],
    ['x.js', `module.exports = class ${name} { ${up} }`],
    [
      'x.js',
      `Object.defineProperty(exports, '__esModule', { value: true }); exports.default = class ${name} { ${up} }`,
    ],
    ['x.cjs', `class ${name} { ${up} } module.exports = { [\`${name}\`]: ${name} }`],
    ['x.mjs', `export class ${name} { ${up} }`],
    ['x.mjs', `class ${name} { ${up} } export { ${name} as "a name" }`],
  ])('finds the migration class in %s: %s', async (file, text) => {
    const migration = await loadOnly({ [file]: text })
    expect(migration.constructor.name).toBe(name)
    expect(typeof Reflect.get(migration, 'up')).toBe('function')
  })

  test('returns an instance with its fields', async () => {
    const migration = await loadOnly({
      'x.ts': `export class X { name = '${name}'; readonly transaction = false; ${typed} }`,
    })
    expect(migration).toMatchObject({ name, transaction: false })
  })

  test('reports the first line and the cause when a file throws', async () => {
    for (const [file, text] of [
      ['x.ts', `throw new Error('boom\\nsecond line')\nexport class ${name} { ${typed} }`],
      ['x.ts', `import 'node:fs'\nthrow new Error('boom\\nsecond line')\nexport class ${name} { ${typed} }`],
      ['x.mjs', `throw new Error('boom\\nsecond line')\nexport class ${name} { ${up} }`],
      ['x.cjs', `throw new Error('boom\\nsecond line')\nexports.${name} = class ${name} { ${up} }`],
      ['x.ts', `export class ${name} { constructor() { throw new Error('boom\\nsecond line') } ${typed} }`],
    ] as const) {
      const error = await caughtAsync(() => loadOnly({ [file]: text }))
      expect(error.code).toBe('ALUDEL_REVISION_LOAD')
      expect(error.message).toMatch(new RegExp(`^revision [0-9a-f]{12} does not load: boom \\(/.*/${file}\\)$`))
      expect(error.cause).toMatchObject({ message: 'boom\nsecond line' })
    }
  })

  test('reports a missing package', async () => {
    const error = await caughtAsync(() =>
      loadOnly({ 'x.ts': `import x from 'nowhere-at-all'\nexport class ${name} { x = x; ${typed} }` }),
    )
    expect(error.code).toBe('ALUDEL_REVISION_LOAD')
    expect(error.message).toContain('nowhere-at-all')
  })

  test('reports a missing class or method', async () => {
    const directory = await project({
      'x.ts': 'export class A { async up() {} }; export const B = 1; export class C { up = 1; down = 2 }',
    })
    const revision = { id: 'aa', name: 'A', path: path.join(directory, 'x.ts') } as Revision
    for (const [exportName, text] of [
      ['A', 'class A of revision aa has no method "down"'],
      ['B', 'exports no class "B"'],
      ['C', 'has no method "up"'],
      ['D', 'exports no class "D"'],
    ] as const) {
      const error = await caughtAsync(() => loadMigration({ ...revision, exportName }, createModuleLoader()))
      expect(error.code).toBe('ALUDEL_REVISION_INVALID')
      expect(error.message).toContain(text)
      expect(error.message).toContain(revision.path)
    }
  })

  test('loads many revisions at once', async () => {
    const files = Array.from({ length: 100 }, (_, index) => [
      `${index}.ts`,
      `${index % 10 === 0 ? "import 'node:fs'\n" : ''}export class M${1763750000000 + index} { ${typed} }`,
    ])
    const directory = await project(Object.fromEntries(files) as Record<string, string>)
    const { revisions } = await readRevisions([directory])
    const loader = createModuleLoader()
    const migrations = await Promise.all(revisions.map((revision) => loadMigration(revision, loader)))
    expect(migrations.map((migration) => migration.constructor.name)).toEqual(
      revisions.map((revision) => revision.name),
    )
  })
})
