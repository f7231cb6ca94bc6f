import type { TestResult } from '@aludel/engine'

import { postgresUrl, sqliteType } from '../../../../tools/testing/databases'
import { aludel, dialects, makeDirectory, type Ran, removeDirectory, writeFiles } from './harness'
import type { ErrorDocument } from './shop-project'

const project = {
  'package.json': '{}',
  'aludel.config.json': JSON.stringify({
    dataSource: 'data-source.js',
    dialects,
    ...(dialects.includes('postgres') && { shadow: { postgres: postgresUrl() } }),
  }),
  'data-source.js': `const { DataSource } = require('typeorm')
module.exports = new DataSource({ type: '${sqliteType}', database: 'app.db', migrations: ['migrations/*.js'] })`,
  'migrations/1700000000001-users.js': `/** users */
module.exports = class Users1700000000001 {
  async up(q) { await q.query('CREATE TABLE "users" ("id" integer PRIMARY KEY NOT NULL, "email" varchar(100))') }
  async down(q) { await q.query('DROP TABLE "users"') }
}`,
}
const unique = (before: string): Record<string, string> => ({
  'migrations/1700000000002-unique.js': `/** unique */
module.exports = class Unique1700000000002 {
  async up(q) {
    ${before}
    await q.query('CREATE UNIQUE INDEX "ux" ON "users" ("email")')
  }
  async down(q) { await q.query('DROP INDEX "ux"') }
}`,
})

describe('migrate test with hostile rows', () => {
  let directory: string
  beforeEach(() => {
    directory = makeDirectory({ ...project, ...unique('// unique') })
  })
  afterEach(() => removeDirectory(directory))

  const migrate = (...words: readonly string[]): Promise<Ran> =>
    aludel(['migrate', 'test', ...words], { cwd: directory })

  test('shows the rows with which the newest revision fails, and ends with 3', async () => {
    const { code, stdout } = await migrate()
    expect(code).toBe(3)
    expect(stdout).toMatch(/^There are no tests beside 2 revisions\.\n/)
    expect(stdout).toMatch(
      new RegExp(
        `\\n[0-9a-f]{12} migrations/1700000000002-unique\\.js
  ✗ error   duplicate  line 5, ${dialects.join(' and ')}
    the upgrade fails if two rows of users have the same email: .*
    Merge or change such rows first: .*

✗ Hostile rows: 1 error in 1 revision \\(\\d+ runs\\)\\.
Change the revision, or say above the statement why no such row is there: // aludel-test-ignore duplicate: REASON\\n$`,
      ),
    )
    const verbose = await migrate('--hostile', 'only', '--verbose')
    expect(verbose.stdout).toMatch(
      /\n {6}CREATE UNIQUE INDEX "ux" ON "users" \("email"\)\n {6}users: email = 'sample.0'\n/,
    )
    expect(verbose.stdout).not.toContain('There are no tests')
  })

  test('answers with a document, and with annotations', async () => {
    const { code, json } = await migrate('head', '--hostile', 'only', '--json')
    expect(code).toBe(3)
    expect(json<TestResult>()).toMatchObject({
      tests: [],
      revisions: 1,
      hostile: {
        revisions: 1,
        untried: [],
        ignored: 0,
        findings: dialects.map((dialect) => ({ dialect, kind: 'duplicate', severity: 'error', columns: ['email'] })),
      },
    })
    const lines = (await migrate('--hostile', 'only', '--format', 'github')).stdout.trimEnd().split('\n')
    expect(lines).toEqual(
      dialects.map((dialect) =>
        expect.stringContaining(
          `::error file=migrations/1700000000002-unique.js,line=5,title=duplicate (${dialect})::the upgrade fails if `,
        ),
      ),
    )
  })

  test('is content with a reason', async () => {
    writeFiles(directory, unique('// aludel-test-ignore duplicate: the API refuses them'))
    const { code, stdout } = await migrate('--hostile', 'only')
    expect(stdout).toMatch(/^✓ Hostile rows: nothing found in 1 revision \(\d+ runs\), \d ignored\.\n$/)
    expect(code).toBe(0)
  })

  test('warns of a comment that ignores nothing, once for all databases', async () => {
    writeFiles(
      directory,
      unique('// aludel-test-ignore duplicate: the API refuses them\n    // aludel-test-ignore null: nobody knows'),
    )
    const message = 'the comment ignores null, which hostile rows do not show there'
    const text = await migrate('--hostile', 'only')
    expect(text.stdout).toMatch(
      new RegExp(
        `^[0-9a-f]{12} migrations/1700000000002-unique\\.js
  ! warning unused-ignore  line 5
    ${message}
    Remove it, or put it directly above the statement\\..*

! Hostile rows: 1 warning in 1 revision \\(\\d+ runs\\), \\d ignored\\.\\n$`,
      ),
    )
    expect(text.code).toBe(0)
    expect((await migrate('--hostile', 'only', '--quiet')).stdout).toBe('')
    expect((await migrate('--hostile', 'only', '--json')).json<TestResult>().hostile?.unusedIgnores).toMatchObject([
      { path: 'migrations/1700000000002-unique.js', line: 5, kinds: ['null'], message },
    ])
    expect((await migrate('--hostile', 'only', '--format', 'github')).stdout).toMatch(
      new RegExp(
        `^::warning file=migrations/1700000000002-unique\\.js,line=5,title=unused-ignore::${message}%0A.*\\n$`,
      ),
    )
  })

  test('tries no rows where nobody wants them, or one test is asked for', async () => {
    const { code, json } = await migrate('--hostile', 'never', '--json')
    expect(Object.keys(json())).toEqual(['tests', 'revisions', 'untested'])
    expect(code).toBe(0)
    expect((await migrate('--only', 'x')).stderr).toContain('[ALUDEL_UNKNOWN_TEST]')
    const wrong = await migrate('--hostile', 'perhaps', '--json')
    expect(wrong.code).toBe(2)
    expect(wrong.json<ErrorDocument>().error.message).toContain('perhaps')
  })
})
