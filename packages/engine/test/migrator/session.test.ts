import { execFile } from 'node:child_process'
import { spawnSync } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'

import type { DataSourceOptions } from 'typeorm'

import type { Migrator } from '../../src/migrator'
import { rejection } from '../run/revisions'
import { openProject, type TestProject } from './project'

/** How a file of `pg_dump` begins. */
const dump = `
SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;
CREATE TABLE public.dumped (n integer);
`

const ids = ['aaaaaaaaaaaa', 'bbbbbbbbbbbb', 'cccccccccccc']

describe('a revision on postgres that leaves its session changed', () => {
  let project: TestProject
  beforeEach(async () => {
    project = await openProject('postgres')
  })
  afterEach(async () => {
    await project.remove()
  })
  const rows: TestProject['database']['rows'] = (sql) => project.database.rows(sql)

  /** Writes one revision for each list of statements, in a line. */
  const write = async (all: readonly (readonly string[])[], options: readonly string[] = []): Promise<void> => {
    for (const [index, statements] of all.entries()) {
      const timestamp = String(1763750000000 + index)
      const lines = statements.map((sql) =>
        sql.startsWith('await') ? sql : `await queryRunner.query(${JSON.stringify(sql)})`,
      )
      await writeFile(
        path.join(project.revisions, `${timestamp}-r${String(index)}.ts`),
        `import type { MigrationInterface, QueryRunner } from 'typeorm'
import { batched } from ${JSON.stringify(path.resolve(__dirname, '../../src/migration'))}

/** r${String(index)} */
export class R${timestamp} implements MigrationInterface {
  static readonly revision = '${ids[index] ?? ''}'
  static readonly downRevision = ${index === 0 ? 'null' : `'${ids[index - 1] ?? ''}'`}
  ${options[index] ?? ''}
  async up(queryRunner: QueryRunner): Promise<void> {
    ${lines.join('\n    ')}
  }
  async down(): Promise<void> {}
}
`,
      )
    }
  }
  const migrator = (overrides: Partial<DataSourceOptions> = {}): Migrator =>
    project.migrator([], { dataSource: project.dataSource([], overrides) })
  const outcomes = async (schema = 'public'): Promise<unknown[]> =>
    (await rows(`SELECT "revision", "outcome" FROM "${schema}"."aludel_journal" ORDER BY "id"`)).map((row) => [
      row['revision'],
      row['outcome'],
    ])
  const outside = 'readonly transaction = false'
  const settings =
    'CREATE TABLE "seen" AS SELECT current_setting(\'search_path\') AS path, current_user::text AS who, ' +
    "current_setting('row_security') AS security, current_setting('client_min_messages') AS messages, " +
    "current_setting('statement_timeout') AS timeout"
  const configured = { path: '"$user", public', security: 'on', messages: 'notice', timeout: '55s' }

  describe.each([
    ['each', ''],
    ['all', ''],
    ['each', outside],
  ] as const)('in mode %s (%s)', (mode, option) => {
    test('is recorded after the output of pg_dump, and the next one begins as configured', async () => {
      await write(
        [[dump, 'CREATE TABLE public.second (n integer)'], [settings], ['CREATE TABLE "third" ("n" integer)']],
        [option],
      )
      const migrated = migrator({ extra: { options: '-c statement_timeout=55s', max: 3 } })
      await migrated.upgrade('head', { transaction: mode, backup: 'never' })
      expect(await rows('SELECT * FROM public."seen"')).toMatchObject([configured])
      expect(await outcomes()).toEqual(ids.map((id) => [id, 'done']))
      expect((await migrated.current()).upToDate).toBe(true)
    })

    test('is recorded after SET ROLE, and the next one has the role of the run', async () => {
      const role = `other_${String(process.pid)}_${option === '' ? mode : 'outside'}`
      await rows(`CREATE ROLE "${role}"`)
      try {
        await rows(`GRANT USAGE, CREATE ON SCHEMA public TO "${role}"`)
        await write(
          [
            [`SET ROLE "${role}"`, 'CREATE TABLE "theirs" ("n" integer)', 'CREATE TABLE "more" ("n" integer)'],
            [settings],
          ],
          [option],
        )
        await migrator().upgrade('head', { transaction: mode, backup: 'never' })
        const [{ owner } = {}] = await rows(`SELECT tableowner AS owner FROM pg_tables WHERE tablename = 'more'`)
        expect(owner).toBe(role)
        expect(await rows('SELECT who = current_user AS same FROM "seen"')).toEqual([{ same: true }])
        expect(await outcomes()).toEqual(ids.slice(0, 2).map((id) => [id, 'done']))
      } finally {
        await rows('DROP TABLE IF EXISTS "theirs", "more"')
        await rows(`DROP OWNED BY "${role}"`)
        await rows(`DROP ROLE "${role}"`)
      }
    })
  })

  test('is resumed with its own role after it stopped half-way, with its batches', async () => {
    const role = `batch_${String(process.pid)}`
    await rows(`CREATE ROLE "${role}"`)
    try {
      await rows('CREATE TABLE "t" ("id" integer PRIMARY KEY, "n" integer NOT NULL)')
      await rows('INSERT INTO "t" SELECT i, 0 FROM generate_series(1, 6) i')
      await rows(`GRANT SELECT, UPDATE ON "t" TO "${role}"`)
      await write(
        [
          [
            `SET ROLE "${role}"`,
            `await batched(queryRunner, { table: 't', key: 'id', size: 2, where: '"n" = 0', update: { n: '1' } })`,
            'SELECT 1 / (SELECT count(*) FROM "ready")',
          ],
        ],
        [outside],
      )
      expect(await rejection(migrator().upgrade('head'))).toMatchObject({
        code: 'ALUDEL_STATEMENT_HALFWAY',
        message: expect.stringMatching(/relation "ready" does not exist/) as string,
      })
      expect(await outcomes()).toEqual([[ids[0], 'failed']])
      await rows('CREATE TABLE "ready" AS SELECT 1 AS n')
      await rows(`GRANT SELECT ON "ready" TO "${role}"`)
      await migrator().upgrade('head')
      expect(await outcomes()).toEqual([
        [ids[0], 'failed'],
        [ids[0], 'done'],
      ])
    } finally {
      await rows(`DROP OWNED BY "${role}"`)
      await rows(`DROP ROLE "${role}"`)
    }
  })

  test('leaves a connection of the application as it was', async () => {
    await write([[dump]])
    const dataSource = await project.database.connect({ poolSize: 1, extra: { options: '-c search_path=public' } })
    await dataSource.query(`SET work_mem = '12MB'`)
    await project.migrator([], { dataSource }).upgrade('head')
    const [now] = await dataSource.query<unknown[]>(
      `SELECT current_setting('search_path') AS path, current_setting('row_security') AS security, current_setting('work_mem') AS memory`,
    )
    expect(now).toEqual({ path: 'public', security: 'on', memory: '12MB' })
  })

  test('is recorded with a lease too', async () => {
    await write([[dump], [settings]])
    await migrator().upgrade('head', { lock: 'lease' })
    expect(await rows('SELECT "path", "security", "messages" FROM public."seen"')).toEqual([
      { path: configured.path, security: 'on', messages: 'notice' },
    ])
  })

  test('records a failure of the revision', async () => {
    await write([[dump, 'nonsense']])
    await rejection(migrator().upgrade('head'))
    expect(await outcomes()).toEqual([[ids[0], 'failed']])
    await write([[dump, 'nonsense']], [outside])
    await rejection(migrator().upgrade('head'))
    expect(await outcomes()).toEqual([
      [ids[0], 'failed'],
      [ids[0], 'failed'],
    ])
  })

  test.each(['each', 'all'] as const)('is recorded by a script, which goes on as it began (%s)', async (mode) => {
    await write([[dump], [settings], [`SET LOCAL lock_timeout = '5s'`, 'CREATE TABLE "third" ("n" integer)']])
    const { statements } = await migrator().sql('upgrade', 'head', { transaction: mode })
    await runScript(project.database.address, statements)
    expect(await rows('SELECT "path", "security", "messages" FROM public."seen"')).toEqual([
      { path: configured.path, security: 'on', messages: 'notice' },
    ])
    expect(await outcomes()).toEqual(ids.map((id) => [id, 'done']))
    expect((await migrator().current()).upToDate).toBe(true)
  })

  test('adds nothing to a script whose revisions change no session', async () => {
    await write([['CREATE TABLE "plain" ("n" integer)', 'UPDATE "plain" SET "n" = 1']])
    const { statements } = await migrator().sql('upgrade', 'head')
    expect(statements.join('\n')).not.toMatch(/set_config/)
  })

  /** With `psql` if it is installed, else with the driver, without the lines that are meant for `psql`. */
  const runScript = async (address: string, lines: readonly string[]): Promise<void> => {
    if (spawnSync('psql', ['--version']).status === 0) {
      const file = path.join(project.directory, 'script.sql')
      await writeFile(file, lines.join('\n'))
      await promisify(execFile)('psql', ['--no-psqlrc', '--quiet', '-d', address, '-f', file])
      return
    }
    const runner = project.database.dataSource.createQueryRunner()
    for (const line of lines) if (!/^(?:\\|--)/.test(line)) await runner.query(line)
    await runner.release()
  }
})
