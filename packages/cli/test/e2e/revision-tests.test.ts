import { readFileSync, readdirSync } from 'node:fs'
import path from 'node:path'

import type { TestResult } from '@aludel/engine'

import { postgresUrl, sqliteType } from '../../../../tools/testing/databases'
import {
  aludel,
  aludelProcess,
  dialects,
  execute,
  makeDirectory,
  type Ran,
  removeDirectory,
  writeFiles,
} from './harness'
import type { ErrorDocument } from './shop-project'

/** A project in one of the kinds of modules, on all databases of the stack. */
const kinds = {
  TypeScript: {
    files: {
      'package.json': '{}',
      'data-source.ts': `import { DataSource } from 'typeorm'
export default new DataSource({ type: '${sqliteType}', database: 'app.db', migrations: ['migrations/*.ts'] })`,
      'migrations/1700000000001-people.ts': `import type { QueryRunner } from 'typeorm'
/** people */
export class People1700000000001 {
  async up(q: QueryRunner): Promise<void> { await q.query('CREATE TABLE "people" ("id" integer PRIMARY KEY, "name" text)') }
  async down(q: QueryRunner): Promise<void> { await q.query('DROP TABLE "people"') }
}`,
    },
    extension: 'ts',
  },
  CommonJS: {
    files: {
      'package.json': '{}',
      'data-source.js': `const { DataSource } = require('typeorm')
module.exports = new DataSource({ type: '${sqliteType}', database: 'app.db', migrations: ['migrations/*.js'] })`,
      'migrations/1700000000001-people.js': `/** people */
module.exports = class People1700000000001 {
  async up(q) { await q.query('CREATE TABLE "people" ("id" integer PRIMARY KEY, "name" text)') }
  async down(q) { await q.query('DROP TABLE "people"') }
}`,
    },
    extension: 'js',
  },
  'ES modules': {
    files: {
      'package.json': '{ "type": "module" }',
      'data-source.js': `import { DataSource } from 'typeorm'
export default new DataSource({ type: '${sqliteType}', database: 'app.db', migrations: ['migrations/*.js'] })`,
      'migrations/1700000000001-people.js': `/** people */
export class People1700000000001 {
  async up(q) { await q.query('CREATE TABLE "people" ("id" integer PRIMARY KEY, "name" text)') }
  async down(q) { await q.query('DROP TABLE "people"') }
}`,
    },
    extension: 'js',
  },
} as const

const config = (extension: string): Record<string, string> => ({
  'aludel.config.json': JSON.stringify({
    dataSource: `data-source.${extension}`,
    dialects,
    ...(dialects.includes('postgres') && { shadow: { postgres: postgresUrl() } }),
  }),
})

describe.each(Object.entries(kinds))('migrate test in a project of %s', (kind, { files, extension }) => {
  let directory: string
  beforeEach(() => {
    directory = makeDirectory({ ...files, ...config(extension) })
  })
  afterEach(() => removeDirectory(directory))

  // Hostile rows have tests of their own.
  const migrate = (...words: readonly string[]): Promise<Ran> =>
    aludel(['migrate', ...words, ...(words[0] === 'test' ? ['--hostile', 'never'] : [])], { cwd: directory })
  const file = `migrations/1700000000001-people.test.${extension}`
  const on = dialects.join(' and ')
  const write = (cases: string): void => {
    const [head, tail] =
      kind === 'CommonJS'
        ? [`const { testRevision } = require('@aludel/engine/testing')\nmodule.exports = `, '']
        : [`import { testRevision } from '@aludel/engine/testing'\nexport default `, '']
    writeFiles(directory, { [file]: `${head}testRevision({\n${cases}\n})${tail}\n` })
  }

  test('says where there is no test how to begin one, which then passes', async () => {
    const none = await migrate('test')
    expect(none.code).toBe(0)
    expect(none.stdout).toMatch(
      new RegExp(
        `^There are no tests beside 1 revision\\.\nLet \`aludel migrate test [0-9a-f]{12} --create\` begin one, in ${file}\\.\n$`,
      ),
    )
    const written = await migrate('test', 'head', '--create')
    expect(written.code).toBe(0)
    expect(written.stdout).toContain(`Wrote ${file} (revision `)
    expect(readFileSync(path.join(directory, file), 'utf8')).toContain('people: []')
    const ran = await migrate('test')
    expect(ran.stdout).toMatch(new RegExp(`\n✓ 1 test passed on ${on}\\.\n$`))
    expect(ran.code).toBe(0)
    expect((await migrate('test', '--create')).stderr).toContain('[ALUDEL_REVISION_EXISTS]')
  })

  test('shows what failed, where, and ends with 3', async () => {
    write(`  'has nobody': { after: { people: [] } },
  'has somebody': {
    after: { people: [{ id: 1 }] },
  },
  'has a name': { skip: 'not yet', after: { people: [] } },`)
    const { code, stdout } = await migrate('test')
    expect(code).toBe(3)
    expect(stdout).toMatch(
      /^[0-9a-f]{12} people\n {2}✓ has nobody +\S.*\n {2}✗ has somebody +\S.*\n {2}- has a name +skipped: not yet\n\n/,
    )
    expect(stdout).toContain(`\n✗ has somebody\n`)
    expect(stdout).toMatch(
      new RegExp(` on ${on}, in after\n {2}${file}:4:3\n\n {4}people has other rows than expected:\n`),
    )
    expect(stdout).toMatch(new RegExp(`\n✗ 1 of 2 tests failed on ${on}, 1 skipped\\.\n$`))
    expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80)

    const json = await migrate('test', '--json')
    expect(json.code).toBe(3)
    expect(json.json<TestResult>()).toMatchObject({
      revisions: 1,
      untested: [],
      tests: [
        ...dialects.map((dialect) => ({ dialect, title: 'has nobody', outcome: 'passed', path: file })),
        ...dialects.map((dialect) => ({
          dialect,
          title: 'has somebody',
          outcome: 'failed',
          failure: { phase: 'after', line: 4, column: 3, statement: null },
        })),
        ...dialects.map((dialect) => ({ dialect, title: 'has a name', outcome: 'skipped', reason: 'not yet' })),
      ],
    })
    const github = await migrate('test', '--format', 'github')
    expect(github.code).toBe(3)
    expect(github.stdout.split('\n')[0]).toMatch(
      new RegExp(`^::error file=${file},line=4,title=has somebody::${dialects[0] ?? ''}, after: people has other rows`),
    )
    expect((await migrate('test', '--only', 'NOBODY')).code).toBe(0)
    const unknown = await migrate('test', '--only', 'x', '--json')
    expect([unknown.code, unknown.json<ErrorDocument>().error.code]).toEqual([2, 'ALUDEL_UNKNOWN_TEST'])
  })

  test('leaves tests to itself: other commands find only the revision', async () => {
    write(`  'a': { before: () => undefined, after: {} },`)
    expect((await migrate('upgrade')).code).toBe(0)
    expect((await migrate('history', '--json')).json<{ revisions: unknown[] }>().revisions).toHaveLength(1)
    expect((await migrate('current', '--check-heads')).code).toBe(0)
  })

  test('reports a file that is no test with exit code 1', async () => {
    writeFiles(directory, { [file]: 'throw new TypeError("at load")\n' })
    const { code, stderr } = await migrate('test')
    expect(code).toBe(1)
    expect(stderr).toMatch(
      /^error: the tests of revision [0-9a-f]{12} do not load: at load \(.*\) \[ALUDEL_TEST_LOAD\]\n/,
    )
  })
})

describe('migrate test', () => {
  let directory: string
  beforeEach(() => {
    directory = makeDirectory({ ...kinds.CommonJS.files, ...config('js') })
  })
  afterEach(() => removeDirectory(directory))

  const test1 = 'migrations/1700000000001-people.test.js'
  const declare = (cases: string): string =>
    `const { testRevision } = require('@aludel/engine/testing')\nmodule.exports = testRevision({\n${cases}\n})\n`

  test("leaves TypeORM's own runner what it finds without tests", async () => {
    writeFiles(directory, { [test1]: declare(`'a': { before: () => undefined, after: () => undefined },`) })
    const script = `const dataSource = require('./data-source')
      dataSource.initialize().then(() => console.log(dataSource.migrations.map((one) => one.constructor.name).join()))`
    const { stdout } = await execute(process.execPath, ['-e', script], { cwd: directory })
    expect(stdout).toBe('People1700000000001\n')
  })

  test('fails a test whose promise never settles, and goes on', async () => {
    writeFiles(directory, {
      [test1]: declare(`'hangs': { after: () => new Promise(() => {}) }, 'next': { after: { people: [] } },`),
    })
    const { code, stdout } = await aludelProcess(['migrate', 'test'], { cwd: directory })
    expect(code).toBe(3)
    expect(stdout).toContain('after of the test "hangs" never settles: the process has nothing left to wait for')
    expect(stdout).toContain('✓ next')
  })

  test('ends with 130 when it is interrupted in a test, and leaves no file', async () => {
    const waits = `async after() { console.error('in the test'); await new Promise((r) => setTimeout(r, 50000)) }`
    writeFiles(directory, { [test1]: declare(`'waits': { ${waits} },`) })
    const temporary = path.join(directory, 'temporary')
    writeFiles(directory, { 'temporary/x': '' })
    const { code } = await aludelProcess(['migrate', 'test'], {
      cwd: directory,
      env: { TMPDIR: temporary },
      onStderr: (text, kill) => {
        if (text.endsWith('in the test\n')) kill('SIGINT')
      },
    })
    expect(code).toBe(130)
    expect(readdirSync(temporary).filter((name) => name.startsWith('aludel-shadow-'))).toEqual([])
  })
})
