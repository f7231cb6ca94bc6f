import path from 'node:path'

import type { TestOptions } from '../../../src/testing/test'
import type { HostileResult } from '../../../src/results'
import { migration } from '../../migrator/plain-migration'
import { entity, id, openProject, type TestProject, text } from '../../migrator/project'
import { dialectNames } from '../../run/databases'
import { coded, dropUnique, unique, users } from './revisions'

describe.each(dialectNames)('hostile rows on %s', (dialect) => {
  let project: TestProject
  beforeEach(async () => {
    project = await openProject(dialect)
  })
  afterEach(() => project.remove())

  const tried = async (options: TestOptions = {}): Promise<HostileResult> => {
    const { hostile } = await project.migrator([]).test({ hostile: 'only', ...options })
    if (hostile === undefined) throw new Error('no hostile rows were tried')
    return hostile
  }
  const words = ({ findings }: HostileResult): readonly string[] =>
    findings.map(({ severity, kind, message }) => `${severity} ${kind}: ${message}`)

  test('name the row, the statement and its line', async () => {
    await project.write({ ...users('"email" text NOT NULL'), ...coded('Unique1700000000002', unique, dropUnique) })
    const { findings } = await tried()
    expect(findings).toEqual([
      expect.objectContaining({
        path: 'migrations/Unique1700000000002.js',
        line: 4,
        dialect,
        kind: 'duplicate',
        direction: 'upgrade',
        table: 'users',
        columns: ['email'],
        rows: [{ email: expect.stringMatching(/^'sample.0'$/) as string }],
        statement: 'CREATE UNIQUE INDEX "ux" ON "users" ("email")',
      }),
    ])
  })

  test('try only the heads without a range, and the revisions of a range', async () => {
    await project.write({
      ...users('"email" text'),
      ...coded('Unique1700000000002', unique, dropUnique),
      ...migration('Other1700000000003', ['CREATE TABLE "other" ("id" integer)'], ['DROP TABLE "other"']),
    })
    expect(await tried()).toMatchObject({ revisions: 1, findings: [] })
    const all = await tried({ range: 'base:head' })
    expect(all).toMatchObject({ revisions: 3, findings: [{ kind: 'duplicate' }] })
    expect(await tried({ range: 'base:head' })).toEqual(all)
  })

  test('do not try anything unless they are asked for', async () => {
    await project.write({ ...users('"email" text'), ...coded('Unique1700000000002', unique, dropUnique) })
    expect(Object.keys(await project.migrator([]).test())).not.toContain('hostile')
  })

  test('report a downgrade that fails as a warning', async () => {
    await project.write({
      ...users('"email" text NOT NULL'),
      ...coded('Unique1700000000002', unique, dropUnique),
      ...coded('Drop1700000000003', dropUnique, unique),
    })
    expect(words(await tried())).toEqual([
      expect.stringMatching(/^warning duplicate: the downgrade fails if two rows of users have the same email: /),
    ])
  })

  test('report a revision that refuses rows itself as a note', async () => {
    const refuse = `const [row] = await queryRunner.query('SELECT count(*) AS n FROM "users" WHERE "email" IS NULL')
    if (Number(row.n) > 0) throw new Error('users without an address: ' + row.n)
    ${unique}`
    await project.write({
      ...users('"email" text'),
      ...coded('Refuse1700000000002', refuse, dropUnique),
    })
    const { findings } = await tried()
    expect(findings.map(({ severity, kind, message }) => `${severity} ${kind}: ${message}`)).toEqual([
      expect.stringMatching(/^error duplicate: /),
      'info null: the upgrade refuses to run if a row has NULL in users.email: users without an address: 1',
    ])
  })

  test('report what a generated revision refuses as a note, and what its author has told it to convert as any other', async () => {
    const before = entity('users', { id, name: text(50, { nullable: true }), code: text(50) })
    await project.migrator([before]).create('users')
    const after = entity('users', { id, name: text(50), code: { type: 'int' } })
    await project.migrator([after]).create('stricter', {
      confirm: () => Promise.resolve(true),
      ...(dialect === 'postgres' && { using: ['users.code=code::integer'] }),
    })
    expect(words(await tried()).toSorted()).toEqual([
      ...(dialect === 'sqlite'
        ? []
        : [
            `error value: the upgrade fails if a row has '' in users.code (or ' ', 'abc' …): invalid input syntax for type integer: ""`,
          ]),
      'info null: the upgrade refuses to run if a row has NULL in users.name: rows with NULL in users.name, which becomes NOT NULL: 1',
      ...(dialect === 'sqlite'
        ? [
            "info value: the upgrade refuses to run if a row has '' in users.code (or ' ', 'abc' …): rows of users.code that do not fit integer: 1",
          ]
        : []),
    ])
  })

  test('find code that does not expect a value', async () => {
    const split = `await queryRunner.query('ALTER TABLE "users" ADD COLUMN "first" text')
    for (const { id, name } of await queryRunner.query('SELECT "id", "name" FROM "users"'))
      await queryRunner.query(\`UPDATE "users" SET "first" = '\${name.split(' ')[0]}' WHERE "id" = \${id}\`)`
    await project.write({
      ...users('"name" text'),
      ...coded('Split1700000000002', split, `await queryRunner.query('ALTER TABLE "users" DROP COLUMN "first"')`),
    })
    expect(words(await tried())).toEqual([
      "error null: the upgrade fails if a row has NULL in users.name: Cannot read properties of null (reading 'split')",
      expect.stringMatching(/^error value: the upgrade fails if a row has 'it''s' in users\.name: .*syntax error/),
    ])
  })

  test('find code that does not end', async () => {
    const loop = `for (;;) {
      const rows = await queryRunner.query('SELECT "id" FROM "users" WHERE "email" IS NULL')
      if (rows.length === 0) return
      await queryRunner.query('UPDATE "users" SET "email" = "id" || "email" WHERE "email" IS NULL')
    }`
    await project.write({ ...users('"email" text'), ...coded('Loop1700000000002', loop) })
    expect(words(await tried())).toEqual([
      'error null: the upgrade fails if a row has NULL in users.email: it does not end: it has sent 2010 statements',
    ])
  })

  test('name the line of a statement that changes values without a word', async () => {
    const [change, back] =
      dialect === 'postgres'
        ? [
            ['ALTER TABLE "users" ALTER COLUMN "size" TYPE integer'],
            ['ALTER TABLE "users" ALTER COLUMN "size" TYPE numeric(8,2)'],
          ]
        : [
            [
              'CREATE TABLE "new_users" ("id" integer PRIMARY KEY NOT NULL, "size" integer)',
              'INSERT INTO "new_users" ("id", "size") SELECT "id", CAST("size" AS integer) FROM "users"',
              'DROP TABLE "users"',
              'ALTER TABLE "new_users" RENAME TO "users"',
            ],
            [],
          ]
    const code = (statements: readonly string[]): string =>
      statements.map((sql) => `await queryRunner.query('${sql}')`).join('\n    ')
    await project.write({ ...users('"size" numeric(8,2)'), ...coded('Size1700000000002', code(change), code(back)) })
    const { findings } = await tried()
    const changed = findings.filter(({ kind }) => kind === 'changed')
    expect(changed).toEqual([expect.objectContaining({ line: dialect === 'postgres' ? 4 : 5, statement: null })])
    expect(changed[0]?.message).toMatch(
      /^the upgrade changes '(?:0\.50|12\.5)' in users\.size to '1[2]?', and reports nothing$/,
    )
  })

  test('leave out a failure that a test of the revision expects', async () => {
    await project.write({
      ...users('"email" text NOT NULL'),
      ...coded('Unique1700000000002', unique, dropUnique),
      'Unique1700000000002.test.js': `const { testRevision } = require(${JSON.stringify(path.resolve(__dirname, '../../../src/testing'))})
exports.default = testRevision({ 'refuses duplicates': {
  before: { users: [{ id: 1, email: 'a' }, { id: 2, email: 'a' }] },
  fails: 'unique',
} })`,
    })
    const result = await project.migrator([]).test({ hostile: true })
    expect(result.tests.map(({ outcome }) => outcome)).toEqual(['passed'])
    expect(result.hostile).toMatchObject({ findings: [], ignored: 1 })
  })

  test('say what was not tried', async () => {
    await project.write({
      ...users('"email" text'),
      ...migration('Wrong1700000000002', ['DROP TABLE "no_such_table"'], []),
    })
    const { untried, findings } = await tried({ range: 'base:head' })
    expect(findings).toEqual([])
    expect(untried).toEqual([
      expect.objectContaining({
        dialect,
        reason: expect.stringMatching(/^it does not run on empty tables: .*no_such_table/) as string,
      }),
    ])
  })

  test('find what fails outside a transaction', async () => {
    const concurrently = dialect === 'postgres' ? unique.replace('INDEX', 'INDEX CONCURRENTLY') : unique
    await project.write({
      ...users('"email" text NOT NULL'),
      ...coded('Unique1700000000002', concurrently, dropUnique, 'transaction = false'),
    })
    expect(words(await tried())).toEqual([
      expect.stringMatching(/^error duplicate: the upgrade fails if two rows of users have the same email: /),
    ])
  })

  test('find what fails between statements that end the transaction', async () => {
    const up = `await queryRunner.query('COMMIT')
    ${unique}
    await queryRunner.query('BEGIN')`
    await project.write({ ...users('"email" text NOT NULL'), ...coded('Unique1700000000002', up, dropUnique) })
    expect(words(await tried())).toEqual([
      expect.stringMatching(/^error duplicate: the upgrade fails if two rows of users have the same email: /),
    ])
  })

  test('respect the constraints that rows have already', async () => {
    await project.write({
      ...users(`"email" text NOT NULL UNIQUE, "state" text NOT NULL CHECK ("state" IN ('on', 'off'))`),
      ...coded(
        'Change1700000000002',
        `${unique}
    await queryRunner.query('ALTER TABLE "users" ADD COLUMN "is_on" integer')
    await queryRunner.query(\`UPDATE "users" SET "is_on" = CASE "state" WHEN 'on' THEN 1 WHEN 'off' THEN 0 END\`)`,
        `await queryRunner.query('ALTER TABLE "users" DROP COLUMN "is_on"')
    ${dropUnique}`,
      ),
    })
    expect(words(await tried())).toEqual([])
  })

  test('stop when they are interrupted', async () => {
    await project.write({ ...users('"email" text'), ...coded('Unique1700000000002', unique, dropUnique) })
    const controller = new AbortController()
    const migrator = project.migrator([], {
      signal: controller.signal,
      onEvent: ({ type }) => type === 'progress' && controller.abort(new Error('enough')),
    })
    await expect(migrator.test({ hostile: 'only' })).rejects.toMatchObject({ code: 'ALUDEL_INTERRUPTED' })
  })
})
