// cspell:ignore sorce
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'

import type { CreateResult, CurrentResult } from '@aludel/engine'

import { sqliteType } from '../../../../tools/testing/databases'
import { aludel, aludelProcess, makeDirectory, removeDirectory, writeFiles } from './harness'
import { shop } from './shop'

describe('the files of a project', () => {
  let directory: string
  beforeEach(() => {
    directory = makeDirectory(shop('sqlite'))
  })
  afterEach(() => removeDirectory(directory))

  test.each([
    ['exports something else', 'export const answer = 42\n', 2, 'ALUDEL_DATA_SOURCE'],
    ['exports nothing', '', 2, 'ALUDEL_DATA_SOURCE'],
    ['does not parse', 'export default {{', 2, 'ALUDEL_DATA_SOURCE'],
    ['throws', "throw new Error('no environment')", 2, 'ALUDEL_DATA_SOURCE'],
  ])('rejects a DataSource file that %s', async (_, text, code, errorCode) => {
    writeFiles(directory, { 'data-source.ts': text })
    const ran = await aludel(['migrate', 'current', '--data-source', 'data-source.ts'], { cwd: directory })
    expect(ran.stderr).toContain(`[${errorCode}]`)
    expect(ran.stderr).toContain('data-source.ts')
    expect(ran.code).toBe(code)
  })

  test('is the same project in a folder below its configuration: relative paths start beside it', async () => {
    writeFiles(directory, {
      'aludel.config.json': '{ "dataSource": "./relative.cjs", "revisions": "./migrations" }\n',
      'relative.cjs': `const { DataSource } = require('typeorm')
module.exports = new DataSource({ type: ${JSON.stringify(sqliteType)}, database: 'relative.db', entities: [] })\n`,
      'src/deep/file.txt': '',
    })
    const below = path.join(directory, 'src/deep')
    expect(await aludelProcess(['migrate', 'upgrade'], { cwd: directory })).toMatchObject({ code: 0 })
    const current = await aludelProcess(['migrate', 'current', '--check-heads'], { cwd: below })
    expect(current).toMatchObject({ code: 0, stderr: '' })
    expect(readdirSync(below)).toEqual(['file.txt'])
    // What is given on the command line starts where that is typed.
    const other = await aludelProcess(['migrate', 'upgrade', '--database-url', 'sqlite:///mine.db'], { cwd: below })
    expect(other).toMatchObject({ code: 0 })
    expect(readdirSync(below).filter((name) => name.endsWith('.db'))).toEqual(['mine.db'])
  })

  test('rejects a DataSource file that does not exist', async () => {
    const ran = await aludel(['migrate', 'current', '--data-source', 'nowhere.ts'], { cwd: directory })
    expect(ran).toMatchObject({ code: 2, stderr: expect.stringContaining('[ALUDEL_DATA_SOURCE]') as string })
  })

  test('history skips a helper next to revisions, and names it with -v', async () => {
    writeFiles(directory, { 'migrations/helpers.ts': 'export const table = "users"\n' })
    const history = (...args: string[]) =>
      aludel(['migrate', 'history', '--data-source', 'data-source.ts', ...args], { cwd: directory })
    const ran = await history()
    expect(ran).toMatchObject({ code: 0, stderr: '' })
    const verbose = await history('-v')
    expect(verbose).toMatchObject({ code: 0, stderr: 'not revisions, skipped: migrations/helpers.ts\n' })
    expect((await history('-v', '--json')).json<{ revisions: unknown[] }>().revisions).toHaveLength(3)
  })

  test('history refuses a file that is meant as a revision and exports none', async () => {
    writeFiles(directory, { 'migrations/add.ts': 'class Add1763750000000 {\n  up() {}\n  down() {}\n}\n' })
    const ran = await aludel(['migrate', 'history', '--data-source', 'data-source.ts'], { cwd: directory })
    expect(ran.stderr).toContain('migrations/add.ts exports no migration class: class Add1763750000000 is not exported')
    expect(ran.code).toBe(1)
  })

  test('create names an entity that TypeORM rejects, and writes no revision', async () => {
    writeFiles(directory, {
      'entities/user.ts':
        "import { Column, Entity } from 'typeorm'\n@Entity('users')\nexport class User {\n  @Column({ type: 'varchar' }) name!: string\n}\n",
    })
    const ran = await aludel(['migrate', 'create', 'x', '--data-source', 'data-source.ts'], { cwd: directory })
    expect(ran.stderr).toContain('[ALUDEL_ENTITIES]')
    expect(ran.stderr).toContain('User')
    expect(ran.code).toBe(1)
    expect(readdirSync(path.join(directory, 'migrations'))).toHaveLength(3)
  })

  test('rejects a configuration that does not exist or has an unknown key', async () => {
    expect(await aludel(['migrate', 'heads', '--config', 'nowhere.json'], { cwd: directory })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('[ALUDEL_CONFIG]') as string,
    })
    writeFiles(directory, { 'aludel.config.json': '{ "dataSorce": "./data-source.ts" }' })
    const ran = await aludel(['migrate', 'heads'], { cwd: directory })
    expect(ran.stderr).toContain('dataSorce')
    expect(ran.code).toBe(2)
  })

  test('init scaffolds a project once, and the commands work in it', async () => {
    writeFiles(directory, {
      'src/data-source.ts': `import { DataSource } from 'typeorm'\nexport default new DataSource({ type: '${sqliteType}', database: 'own.db', entities: [] })\n`,
    })
    const first = await aludel(['migrate', 'init', '--json'], { cwd: directory })
    expect(first.code).toBe(0)
    expect(first.json()).toEqual({
      written: [
        'aludel.config.json',
        'src/migrations/',
        'src/migrations/README.md',
        'src/migrations/revision.ts.template',
        'package.json (script "migrate")',
      ],
      kept: [],
      revisions: ['src/migrations'],
      found: 0,
    })
    const readme = readFileSync(path.join(directory, 'src/migrations/README.md'), 'utf8')
    expect(readme.trimEnd().split('\n').length).toBeLessThanOrEqual(10)
    const second = await aludel(['migrate', 'init'], { cwd: directory })
    expect(second.stdout).toContain('aludel.config.json (unchanged)')
    const current = await aludel(['migrate', 'current', '--json'], { cwd: directory })
    expect(current.json<CurrentResult>()).toMatchObject({ current: [], heads: [], upToDate: true })
    expect(existsSync(path.join(directory, 'own.db'))).toBe(true)

    const template = path.join(directory, 'src/migrations/revision.ts.template')
    writeFileSync(template, `// of the shop\n${readFileSync(template, 'utf8')}`)
    const created = await aludel(['migrate', 'create', 'fill', '--no-autogenerate', '--json'], { cwd: directory })
    const written = created.json<CreateResult>().created?.path ?? ''
    expect(readFileSync(written, 'utf8')).toMatch(
      /^\/\/ of the shop\nimport type [^]*\/\*\* fill \*\/\nexport class Fill/,
    )
    writeFileSync(template, '// empty\n')
    const refused = await aludel(['migrate', 'create', 'more', '--no-autogenerate'], { cwd: directory })
    expect(refused.stderr).toMatch(/^error: .*revision\.ts\.template: it lacks \{\{doc\}\};.* \[ALUDEL_TEMPLATE\]\n/)
    expect(refused.code).toBe(2)
  })

  test('init and the commands take the revisions that the DataSource names', async () => {
    const named = ['add-users', 'add-orders'].map((name, index) => ({ name, stamp: 1_763_750_000_000 + index }))
    writeFiles(directory, {
      'src/data-source.ts': `import path from 'node:path'
import { DataSource } from 'typeorm'
export default new DataSource({ type: '${sqliteType}', database: 'own.db', migrations: [path.join(__dirname, 'db/**/*.ts')] })
`,
      ...Object.fromEntries(
        named.map(({ name, stamp }) => [
          `src/db/${name}/${stamp}-${name}.ts`,
          `export class Step${stamp} {\n  async up() {}\n  async down() {}\n}\n`,
        ]),
      ),
    })
    const heads = await aludel(['migrate', 'history', '--data-source', 'src/data-source.ts', '--json'], {
      cwd: directory,
    })
    expect(heads.json<{ revisions: unknown[] }>().revisions).toHaveLength(2)
    const ran = await aludel(['migrate', 'init'], { cwd: directory })
    expect(ran.stdout).toContain('Found 2 revisions in src/db/add-orders, src/db/add-users.')
    expect(ran.stdout).not.toContain('first revision')
    expect((await aludel(['migrate', 'current', '--json'], { cwd: directory })).json()).toMatchObject({ pending: 2 })
  })
})
