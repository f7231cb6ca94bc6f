import { execFile } from 'node:child_process'
import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'

import { writePgPrograms } from '../../../../tools/testing/pg-programs'
import type { DialectName } from '../../src/dialect/registry'
import { dialectNames } from '../run/databases'
import { entity, id, openProject, type TestProject, text } from './project'

const first: Readonly<Record<DialectName, readonly string[]>> = {
  postgres: [
    'CREATE TABLE "metrics" ("id" int PRIMARY KEY, "value" int)',
    'CREATE TABLE "others" ("id" int)',
    'CREATE SCHEMA "app"',
    `CREATE TYPE "mood" AS ENUM ('glad')`,
    'CREATE TABLE "app"."kept" ("id" int, "m" "mood")',
    'INSERT INTO "metrics" VALUES (1, 1)',
    'CREATE FUNCTION fill() RETURNS int LANGUAGE sql AS $$ DELETE FROM "metrics" RETURNING 1 $$',
  ],
  sqlite: [
    'CREATE TABLE "metrics" ("id" int PRIMARY KEY, "value" int)',
    'CREATE TABLE "others" ("id" int)',
    'INSERT INTO "metrics" VALUES (1, 1)',
  ],
}

/** Statements, and what they lose in the words of `--plan`; nothing for harmless ones. */
const cases: Readonly<Record<DialectName, readonly (readonly [string, readonly (string | RegExp)[]])[]>> = {
  postgres: [
    ['DROP /* c */ TABLE "metrics"', ['all rows of metrics']],
    ['DROP TABLE "metrics", "others"', ['all rows of metrics', 'all rows of others']],
    ['DROP SCHEMA "app" CASCADE', [/app/]],
    ['DROP TYPE "mood" CASCADE', [/mood/]],
    ['WITH gone AS (DELETE FROM "metrics" RETURNING *) SELECT count(*) FROM gone', ['all rows of metrics']],
    ['DO $$ BEGIN DELETE FROM "metrics"; END $$', [/^whatever it does: runs code that cannot be read: DO/]],
    ['UPDATE "metrics" SET "value" = NULL', ['old values of metrics.value']],
    ['SELECT 1; DROP TABLE "metrics"', ['all rows of metrics']],
    ['SELECT fill()', [/^whatever it does: calls a function that is not known: fill\(\)/]],
    ['UPDATE "metrics" SET "value" = 0 WHERE "value" IS NULL', []],
    ['CREATE INDEX "ix" ON "metrics" ("value")', []],
    ['INSERT INTO "metrics" VALUES (2, 2)', []],
  ],
  sqlite: [
    ['DROP /* c */ TABLE "metrics"', ['all rows of metrics']],
    ['UPDATE "metrics" SET "value" = NULL', ['old values of metrics.value']],
    ['INSERT OR REPLACE INTO "metrics" VALUES (1, 2)', [/metrics/]],
    ['PRAGMA writable_schema = 1', [/^whatever it does: /]],
    ['UPDATE "metrics" SET "value" = 0 WHERE "value" IS NULL', []],
    ['CREATE INDEX "ix" ON "metrics" ("value")', []],
  ],
}

describe.each(dialectNames)('plan and backup on %s', (dialect) => {
  let project: TestProject
  const pathBefore = process.env['PATH']
  beforeEach(async () => {
    project = await openProject(dialect)
    process.env['PATH'] = await writePgPrograms(project.directory)
  })
  afterEach(async () => {
    process.env['PATH'] = pathBefore
    await project.remove()
  })

  const write = (name: string, number: number, body: string): Promise<void> =>
    writeFile(
      path.join(project.revisions, `176375000000${String(number)}-${name}.js`),
      `exports.${name}176375000000${String(number)} = class ${name}176375000000${String(number)} {\n  async up(queryRunner) {\n${body}\n  }\n  async down() {}\n}\n`,
    )
  const calls = (statements: readonly string[]): string =>
    statements.map((sql) => `    await queryRunner.query(${JSON.stringify(sql)})`).join('\n')
  const folder = (): string => path.join(project.directory, 'backups')
  const backups = async (): Promise<string[]> =>
    (await readdir(folder()).catch(() => [])).filter((name) => name.endsWith('.json'))

  test.each(cases[dialect])('report the losses of %s, and make a backup only if there are any', async (sql, losses) => {
    await write('First', 1, calls(first[dialect]))
    await project.migrator([]).upgrade()
    await write('Second', 2, calls([sql]))
    const [step] = (await project.migrator([]).plan('upgrade')).steps
    expect(step?.destroys).toEqual(
      losses.map((loss) => (typeof loss === 'string' ? loss : (expect.stringMatching(loss) as unknown))),
    )
    const { backup } = await project.migrator([]).upgrade()
    expect(backup !== null).toBe(losses.length > 0)
    expect(await backups()).toHaveLength(losses.length > 0 ? 1 : 0)
  })

  test('report the loss of a type change with an expression, as the file records it', async () => {
    const before = entity('notes', { id, body: text(50) })
    const after = entity('notes', { id, body: { type: 'int' } })
    await project.migrator([before]).create('notes')
    await project.migrator([before]).upgrade()
    await project.database.rows(`INSERT INTO "notes" VALUES (1, 'abc')`)
    await project.migrator([after]).create('lengths', {
      using: ['notes.body=length("body")'],
      confirm: () => Promise.resolve(true),
    })
    const [step] = (await project.migrator([after]).plan('upgrade')).steps
    expect(step?.destroys).toEqual([expect.stringContaining('length(')])
    expect((await project.migrator([after]).upgrade()).backup).not.toBeNull()
    expect(await project.database.rows('SELECT "body" FROM "notes"')).toEqual([{ body: 3 }])
  })

  test('treat a revision that queries the database as a loss, without running its code in advance', async () => {
    await write('First', 1, calls(first[dialect]))
    await project.migrator([]).upgrade()
    const log = path.join(project.directory, 'log')
    await write(
      'Asks',
      2,
      `    require('node:fs').appendFileSync(${JSON.stringify(log)}, 'x')
    const rows = await queryRunner.query('SELECT "id" FROM "metrics"')
    if (rows.length > 0) await queryRunner.query('CREATE TABLE "found" ("id" int)')`,
    )
    const { steps } = await project.migrator([]).plan('upgrade')
    expect(steps).toMatchObject([
      {
        sql: [],
        unknown: [expect.stringMatching(/^its statements are known only when it runs \(line 3 /)],
        destroys: [expect.stringMatching(/^whatever it does: its statements are known only when it runs/)],
      },
    ])
    await expect(readdir(log)).rejects.toMatchObject({ code: 'ENOENT' })
    // Three at once: two of them wait for the lock, and make their plan meanwhile.
    const runs = await Promise.all([1, 2, 3].map(() => project.migrator([]).upgrade()))
    expect(runs.flatMap((run) => run.steps)).toHaveLength(1)
    expect(runs.filter((run) => run.backup !== null)).toHaveLength(1)
    expect(await readFile(log, 'utf8')).toBe('x')
  })

  test('write backups where Git ignores them, but leave a folder that exists as it is', async () => {
    await write('First', 1, calls(first[dialect]))
    await write('Second', 2, calls(['DELETE FROM "metrics"']))
    await project.migrator([]).upgrade('+1')
    await promisify(execFile)('git', ['init', '--quiet'], { cwd: project.directory })
    const untracked = async (): Promise<string> => {
      const { stdout } = await promisify(execFile)(
        'git',
        ['status', '--porcelain', '--untracked-files=all', '--', 'backups'],
        {
          cwd: project.directory,
        },
      )
      return stdout
    }
    await project.migrator([]).upgrade()
    expect(await backups()).toHaveLength(1)
    expect(await untracked()).toBe('')
    await rm(path.join(folder(), '.gitignore'))
    await project.migrator([]).downgrade('-1', { backup: 'always' })
    // Of each backup its copy and its manifest.
    expect(await backups()).toHaveLength(2)
    expect(await untracked()).toMatch(/^(?:\?\? backups\/\d{8}T\d{6}Z-.*\n){4}$/)
  })

  test('include tables of a database without a history', async () => {
    await project.database.rows('CREATE TABLE "metrics" ("id" int PRIMARY KEY)')
    await write('Drops', 1, calls(['DROP TABLE "metrics"']))
    expect((await project.migrator([]).upgrade()).backup).not.toBeNull()
    expect(await backups()).toHaveLength(1)
  })

  test('let only one of three concurrent start-ups run the code of a revision, and only once', async () => {
    const log = path.join(project.directory, 'log')
    await write(
      'Logs',
      1,
      `    require('node:fs').appendFileSync(${JSON.stringify(log)}, 'x')\n${calls(first[dialect])}`,
    )
    const starts = await Promise.all([1, 2, 3].map(() => project.migrator([]).initialize()))
    expect(starts.filter(({ action }) => action === 'upgraded')).toHaveLength(1)
    expect(await readFile(log, 'utf8')).toBe('x')
  })

  if (dialect === 'postgres')
    test('run a revision that writes through a connection of its own once, with three migrators', async () => {
      await project.database.rows('CREATE TABLE "elsewhere" ("at" timestamptz)')
      await write(
        'Writes',
        1,
        `    const { Client } = require(${JSON.stringify(require.resolve('pg'))})
    const client = new Client({ connectionString: ${JSON.stringify(project.database.address)} })
    await client.connect()
    await client.query('INSERT INTO "elsewhere" VALUES (now())')
    await client.end()
${calls(first[dialect])}`,
      )
      const runs = await Promise.all([1, 2, 3].map(() => project.migrator([]).upgrade()))
      expect(runs.flatMap((run) => run.steps)).toHaveLength(1)
      expect(await project.database.rows('SELECT count(*)::int AS "n" FROM "elsewhere"')).toEqual([{ n: 1 }])
    })
})
