// Uses the packages as users do: packs them, installs them into two sample projects, and runs the tour there.
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { after, before, describe, test } from 'node:test'
import pg from 'pg'
import { Consumer, packAll } from '../lib/packed.mjs'
import { packageNames } from '../lib/nx.mjs'
import { root } from '../lib/process.mjs'

/** @typedef {import('../lib/packed.mjs').Packed} Packed */

const folder = mkdtempSync(join(tmpdir(), 'aludel-packed-'))
after(() => rmSync(folder, { recursive: true, force: true }))
/** @type {Packed[]} */
let packed = []
before(async () => {
  packed = await packAll(folder)
})

describe('the packed packages', () => {
  for (const name of packageNames) {
    test(`contain only the build of ${name} and every file that its package.json names`, () => {
      const files = packed.find((one) => one.name === `@aludel/${name}`)?.files ?? []
      const manifest = JSON.parse(readFileSync(join(root, 'packages', name, 'package.json'), 'utf8'))
      const named = [
        ...[manifest.main, manifest.types, ...Object.values(manifest.bin ?? {})],
        ...Object.values(manifest.exports).flatMap((entry) =>
          typeof entry === 'string' ? entry : Object.values(entry),
        ),
      ].map((path) => path.replace(/^\.\//, ''))
      assert.deepEqual(
        ['README.md', 'LICENSE', ...named].filter((path) => !files.includes(path)),
        [],
      )
      const expected =
        /^(?:package\.json|README\.md|LICENSE|config\.schema\.json|bin\/.*\.js|dist\/.*\.(?:js|d\.ts|js\.map|d\.ts\.map)|dist\/bundle\/LICENSES\.txt|dist\/api\/schemas\.json|dist\/page\/.*)$/
      assert.deepEqual(
        files.filter((path) => !expected.test(path) || /(?:^|\/)test\/|\.test\./.test(path)),
        [],
      )
    })
  }
})

const compilerOptions = {
  ...{ target: 'es2022', module: 'node16', moduleResolution: 'node16', strict: true, skipLibCheck: true },
  ...{ experimentalDecorators: true, emitDecoratorMetadata: true, strictPropertyInitialization: false },
  ...{ noEmit: true, types: [] },
}

/** Application code that uses the types of every package, with the DataSource of its own TypeORM. */
const typed = `import { DataSource } from 'typeorm'
import { initializeDatabase, Migrator, type CurrentResult } from '@aludel/engine'
import { entities, Workflow } from '@aludel/models'
import { ReviewService, listReviews } from '@aludel/services'
import { revisionsDirectory } from '@aludel/migrations'
import { aludelWeb, createServer, type Status } from '@aludel/web'

export async function use(dataSource: DataSource): Promise<CurrentResult> {
  await initializeDatabase({ dataSource, revisions: revisionsDirectory })
  const migrator = new Migrator({ dataSource, revisions: revisionsDirectory })
  const workflow: Workflow | null = await dataSource.getRepository(Workflow).findOneBy({ id: 'x' })
  void workflow
  void new ReviewService(dataSource)
  void listReviews(dataSource)
  void new DataSource({ type: 'postgres', entities })
  const server = await createServer({ project: { dataSource, revisions: revisionsDirectory } })
  await server.app.register(aludelWeb, { project: { dataSource, revisions: 'x' }, authenticate: () => null })
  const pending = (status: Status): number => status.pending
  void pending
  return migrator.current()
}
`

/** Serves the page of a project, and asks its API for what is applied. */
const served = `import { loadProject } from '@aludel/engine'
import { createServer } from '@aludel/web'

const { limits, ...project } = await loadProject({ cwd: process.cwd(), env: process.env })
const server = await createServer({ project: { ...project, ...limits, dataSource: () => project.dataSource() }, port: 0 })
const url = await server.listen()
const page = await fetch(url)
const headers = { 'content-type': 'application/json' }
const body = JSON.stringify({ token: server.token })
const session = await fetch(url + 'api/v1/session', { method: 'POST', headers, body })
const cookie = session.headers.get('set-cookie').split(';')[0]
const status = await fetch(url + 'api/v1/status', { headers: { cookie } })
console.log(JSON.stringify({ page: page.status, html: page.headers.get('content-type'), status: await status.json() }))
await server.close()
`

/**
 * @typedef {object} Stranger
 * @property {string} title
 * @property {Record<string, string>} dependencies
 * @property {object} manifest
 * @property {Record<string, string>} files
 * @property {string} entity the file of the entity
 * @property {(columns: string) => string} entityText
 * @property {string} priority one more column, as the entity's file has it
 * @property {string} application a file that upgrades its database at start-up, and prints the result
 */

const drivers = { 'reflect-metadata': 'reflect-metadata', '@types/node': '@types/node' }

/** @type {Stranger[]} */
const strangers = [
  {
    title: 'TypeORM 1, ES modules in TypeScript, better-sqlite3',
    dependencies: { ...drivers, typeorm: 'typeorm', 'better-sqlite3': 'better-sqlite3' },
    manifest: { type: 'module' },
    entity: 'src/note.ts',
    entityText: (columns) => `import { Column, Entity, Index, PrimaryGeneratedColumn } from 'typeorm'

@Entity('notes')
export class Note {
  @PrimaryGeneratedColumn()
  id!: number

  @Index()
  @Column({ type: 'varchar', length: 80 })
  title!: string
  ${columns}
}
`,
    priority: "@Column({ type: 'int', default: 0 }) priority!: number",
    files: {
      'tsconfig.json': JSON.stringify({ compilerOptions, include: ['src', 'typed.ts'] }),
      'src/data-source.ts': `import 'reflect-metadata'
import { DataSource } from 'typeorm'
import { Note } from './note.js'

export default new DataSource({ type: 'better-sqlite3', database: 'app.db', entities: [Note] })
`,
    },
    application: `import { DataSource } from 'typeorm'
import { initializeDatabase } from '@aludel/engine'

const dataSource = new DataSource({ type: 'better-sqlite3', database: 'other.db' })
const { action } = await initializeDatabase({ dataSource, revisions: 'src/migrations' })
await dataSource.query("INSERT INTO notes (title) VALUES ('first')")
console.log(action, JSON.stringify(await dataSource.query('SELECT title, priority FROM notes')))
await dataSource.destroy()
`,
  },
  {
    title: 'TypeORM 0.3, CommonJS in JavaScript, sqlite3',
    dependencies: { ...drivers, typeorm: 'typeorm-0.3', sqlite3: 'sqlite3' },
    manifest: {},
    entity: 'src/note.js',
    entityText: (columns) => `const { EntitySchema } = require('typeorm')

exports.Note = new EntitySchema({
  name: 'Note',
  tableName: 'notes',
  columns: {
    id: { type: 'int', primary: true, generated: 'increment' },
    title: { type: 'varchar', length: 80 },
    ${columns}
  },
  indices: [{ columns: ['title'] }],
})
`,
    priority: "priority: { type: 'int', default: 0 },",
    files: {
      'tsconfig.json': JSON.stringify({ compilerOptions, include: ['typed.ts'] }),
      'src/data-source.js': `const { DataSource } = require('typeorm')
const { Note } = require('./note')

module.exports = new DataSource({ type: 'sqlite', database: 'app.db', entities: [Note] })
`,
    },
    application: `const { DataSource } = require('typeorm')
const { initializeDatabase } = require('@aludel/engine')

async function main() {
  const dataSource = new DataSource({ type: 'sqlite', database: 'other.db' })
  const { action } = await initializeDatabase({ dataSource, revisions: 'src/migrations' })
  await dataSource.query("INSERT INTO notes (title) VALUES ('first')")
  console.log(action, JSON.stringify(await dataSource.query('SELECT title, priority FROM notes')))
  await dataSource.destroy()
}
main()
`,
  },
]

for (const stranger of strangers) {
  describe(`a project with ${stranger.title}`, () => {
    /** @type {Consumer} */
    let app
    before(async () => {
      const { dependencies, manifest, files, entity, entityText, application } = stranger
      app = await Consumer.make(packed, {
        dependencies,
        manifest,
        files: { ...files, [entity]: entityText(''), 'typed.ts': typed, 'app.js': application, 'served.mjs': served },
      })
    })
    after(() => app?.remove())

    /** @param {string[]} args */
    const json = async (...args) => JSON.parse(await app.aludel(...args, '--json'))

    test('completes the tour: init, create, upgrade, check, downgrade, verify', async () => {
      await app.aludel('migrate', 'init')
      const first = await json('migrate', 'create', 'first')
      assert.deepEqual(
        first.operations.map((/** @type {{ op: string }} */ { op }) => op),
        ['createTable', 'createIndex'],
      )
      await app.aludel('migrate', 'upgrade')

      app.write({ [stranger.entity]: stranger.entityText(stranger.priority) })
      const second = await json('migrate', 'create', 'add priority to notes')
      assert.deepEqual(
        second.operations.map((/** @type {{ op: string }} */ { op }) => op),
        ['addColumn'],
      )
      assert.equal((await json('migrate', 'current')).pending, 1)
      await app.aludel('migrate', 'upgrade')
      assert.equal((await json('migrate', 'check', '--database')).clean, true)
      await app.aludel('migrate', 'downgrade', '-1', '--yes')
      assert.deepEqual((await json('migrate', 'current')).current, [first.created.revision])
      await app.aludel('migrate', 'upgrade')
      await app.aludel('migrate', 'verify')
      const { revisions } = await json('migrate', 'history', '--indicate-current')
      assert.deepEqual(
        revisions.map((/** @type {{ revision: string, applied: boolean }} */ { revision, applied }) => [
          revision,
          applied,
        ]),
        [second, first].map(({ created }) => [created.revision, true]),
      )
      assert.equal((await json('migrate', 'create', 'nothing')).created, null)
    })

    test('initializes a database with the shipped entities and revisions', async () => {
      const outside = ['--config', 'shipped.json']
      app.write({ 'shipped.json': '{ "shipped": true }' })
      const initialized = await json('db', 'init', '--database-url', 'sqlite:///shipped.db', ...outside)
      assert.deepEqual([initialized.action, initialized.upToDate], ['upgraded', true])
    })

    test('upgrades its database automatically when the application starts', async () => {
      assert.equal(await app.node('app.js'), 'upgraded [{"title":"first","priority":0}]\n')
    })

    test('serves the page, and tells what is applied', async () => {
      const { page, html, status } = JSON.parse(await app.node('served.mjs'))
      assert.deepEqual([page, html], [200, 'text/html; charset=utf-8'])
      assert.deepEqual([status.upToDate, status.current], [true, (await json('migrate', 'current')).current])
    })

    test('compiles against the types of every package', async () => {
      await app.node(join(root, 'node_modules', 'typescript', 'bin', 'tsc'), '-p', '.')
    })
  })
}

describe('a project with only the command line, the engine, TypeORM and pg', () => {
  const database = `packed_${randomBytes(6).toString('hex')}`
  const server = process.env['ALUDEL_TEST_POSTGRES_URL'] ?? ''
  const url = new URL(server)
  url.pathname = '/' + database
  /** @param {string} sql */
  const onServer = async (sql) => {
    const client = new pg.Client(server)
    await client.connect()
    await client.query(sql).finally(() => client.end())
  }
  /** @type {Consumer} */
  let app
  before(async () => {
    await onServer(`CREATE DATABASE "${database}"`)
    app = await Consumer.make(
      packed.filter(({ name }) => ['@aludel/cli', '@aludel/engine'].includes(name)),
      {
        dependencies: { ...drivers, pg: 'pg' },
        copied: { typeorm: () => true },
        manifest: { type: 'module', dependencies: { typeorm: '1', pg: '8', 'better-sqlite3': '12' } },
        files: {
          'tsconfig.json': JSON.stringify({ compilerOptions, include: ['src', 'aludel.config.ts'] }),
          'src/data-source.ts': `import 'reflect-metadata'
import { Column, DataSource, Entity, PrimaryGeneratedColumn } from 'typeorm'

@Entity('notes')
export class Note {
  @PrimaryGeneratedColumn() id!: number
  @Column({ type: 'varchar', length: 80 }) title!: string
}

export default new DataSource({ type: 'postgres', url: ${JSON.stringify(url.href)}, entities: [Note] })
`,
          'sqlite/data-source.cjs': `module.exports = new (require('typeorm').DataSource)({ type: 'better-sqlite3', database: 'app.db' })\n`,
        },
      },
    )
  })
  after(async () => {
    app?.remove()
    await onServer(`DROP DATABASE IF EXISTS "${database}" WITH (FORCE)`)
  })

  test('completes the tour on PostgreSQL', async () => {
    const { written } = JSON.parse(await app.aludel('migrate', 'init', '--json'))
    assert.ok(written.includes('package.json (allowScripts "better-sqlite3")'), written.join())
    await app.aludel('migrate', 'create', 'first')
    await app.aludel('migrate', 'upgrade')
    assert.equal(JSON.parse(await app.aludel('migrate', 'check', '--database', '--json')).clean, true)
    await app.aludel('migrate', 'downgrade', '-1', '--yes')
    await app.aludel('migrate', 'verify')
    await app.aludel('db', 'init')
  })

  test('has a configuration, with its schema and types, that needs no other package', async () => {
    const { $schema } = JSON.parse(readFileSync(join(app.folder, 'aludel.config.json'), 'utf8'))
    assert.ok(existsSync(join(app.folder, $schema)))
    assert.ok(existsSync(join(app.folder, 'node_modules/@aludel/cli/config.schema.json')))
    app.write({
      'aludel.config.ts': `import { type AludelConfig, defineConfig } from '@aludel/cli'

const config: AludelConfig = { dataSource: './src/data-source.ts', revisions: './src/migrations' }
export default defineConfig(config)
`,
    })
    await app.node(join(root, 'node_modules', 'typescript', 'bin', 'tsc'), '-p', '.')
    assert.equal(JSON.parse(await app.aludel('migrate', 'current', '--json')).upToDate, true)
  })

  test('has no command of the shipped data layer, and names its package to those who call one', async () => {
    assert.doesNotMatch(await app.aludel('--help'), /reviews/)
    assert.doesNotMatch(await app.aludel('completion', 'bash'), /reviews/)
    for (const args of [
      ['reviews', 'list'],
      ['reviews', 'import', 'x', '--dry-run'],
      ['reviews', '--help'],
      ['stats'],
      ['db', 'seed', '--rows', '10'],
      ['audit', 'export', '--output', 'x'],
    ]) {
      const { code, details, exit } = await app.fails(...args)
      assert.deepEqual(
        [exit, code, details],
        [2, 'ALUDEL_PACKAGE', { package: '@aludel/services', install: 'npm install @aludel/services' }],
      )
    }
    const { code: webCode, details: web } = await app.fails('web')
    assert.deepEqual([webCode, web], ['ALUDEL_PACKAGE', { package: '@aludel/web', install: 'npm install @aludel/web' }])
    app.write({ 'shipped.json': '{ "shipped": true }' })
    const { code, help } = await app.fails('migrate', 'current', '--config', 'shipped.json')
    assert.deepEqual([code, help], ['ALUDEL_PACKAGE', 'Install it: npm install @aludel/migrations'])
  })

  test('names the driver that is missing, and the line that installs it', async () => {
    const args = ['migrate', 'current', '--data-source', 'sqlite/data-source.cjs']
    const { code, details, exit } = await app.fails(...args)
    assert.deepEqual(
      [exit, code, details],
      [1, 'ALUDEL_DRIVER', { driver: 'better-sqlite3', problem: 'missing', mend: 'npm install better-sqlite3' }],
    )
    app.write({
      'both.json': '{ "dataSource": "src/data-source.ts", "revisions": "both", "dialects": ["postgres", "sqlite"] }',
      'both/.gitkeep': '',
    })
    assert.equal((await app.fails('migrate', 'create', 'x', '--config', 'both.json')).code, 'ALUDEL_DRIVER')
  })
})

test('a driver whose install script did not run is named, with the line that runs it', async () => {
  const app = await Consumer.make(
    packed.filter(({ name }) => ['@aludel/cli', '@aludel/engine'].includes(name)),
    {
      dependencies: drivers,
      copied: { typeorm: () => true, 'better-sqlite3': (path) => !/^[\\/](?:build|deps)\b/.test(path) },
      manifest: {},
      files: {
        'data-source.js': `module.exports = new (require('typeorm').DataSource)({ type: 'better-sqlite3', database: 'app.db' })\n`,
      },
    },
  )
  try {
    const { code, message, details } = await app.fails('migrate', 'upgrade', '--data-source', 'data-source.js')
    assert.match(
      message,
      /^the database driver better-sqlite3 is installed, but does not load: Could not locate the bindings file$/,
    )
    assert.deepEqual(
      [code, details],
      [
        'ALUDEL_DRIVER',
        {
          driver: 'better-sqlite3',
          problem: 'unbuilt',
          mend: 'npm pkg set "allowScripts.better-sqlite3=true" --json && npm rebuild better-sqlite3 --ignore-scripts=false',
        },
      ],
    )
  } finally {
    app.remove()
  }
})
