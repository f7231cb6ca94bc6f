import type { DataSource, QueryRunner } from 'typeorm'

import { createEntities } from '../../../src/dialect/postgres/create-entities'
import { postgres } from '../../../src/dialect/postgres'
import { together } from '../../../src/dialect/postgres/together'
import { runAlone } from '../../../src/shadow/replay'
import type { Revision } from '../../../src/revision/revision'
import { TestDatabases } from './support'

const databases = new TestDatabases()
afterAll(() => databases.close())

describe('definitions that travel together', () => {
  let dataSource: DataSource
  let queryRunner: QueryRunner
  beforeEach(async () => {
    dataSource = await databases.open()
    queryRunner = dataSource.createQueryRunner()
  })
  afterEach(() => queryRunner.release())

  const tables = async (): Promise<unknown> => {
    const rows: { name: string }[] = await dataSource.query(
      `SELECT relname AS name FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY 1`,
    )
    return rows.map(({ name }) => name)
  }
  const query = (sql: string): Promise<unknown> => queryRunner.query(sql)

  test('are executed before what needs an answer, and at the end', async () => {
    let seen: unknown
    const { joined, ...rest } = await together(queryRunner, async () => {
      await query('CREATE TABLE "a" ("n" integer)')
      await query('CREATE TABLE "b" ("n" integer)')
      await query('INSERT INTO "b" VALUES (1)')
      seen = await query('SELECT "n" FROM "b"')
      await query('CREATE TABLE "c" ("n" integer)')
    })
    expect({ joined, rest, seen }).toEqual({ joined: 3, rest: {}, seen: [{ n: 1 }] })
    expect(await tables()).toEqual(['a', 'b', 'c'])
    // Afterwards each waits for its answer again.
    await expect(query('CREATE TABLE "a" ("n" integer)')).rejects.toThrow('already exists')
  })

  test('are all executed if there are thousands', async () => {
    const { joined } = await together(queryRunner, async () => {
      await query('CREATE TABLE "a" ("n" integer)')
      for (let n = 0; n < 1500; n += 1) await query(`COMMENT ON TABLE "a" IS '${String(n)}'`)
    })
    expect(joined).toBe(1501)
    expect(await query(`SELECT obj_description('a'::regclass) AS text`)).toEqual([{ text: '1499' }])
  })

  test('report the failure of one of them later, and execute none after it', async () => {
    const { joined, error } = await together(queryRunner, async () => {
      await query('CREATE TABLE "a" ("n" integer)')
      await query('CREATE TABLE "a" ("m" integer)')
      await query('CREATE TABLE "b" ("n" integer)')
    })
    expect(joined).toBe(3)
    expect(error).toMatchObject({ code: '42P07' })
    expect(await tables()).not.toContain('b')
  })

  test('wait for their answers where they have parameters, several statements or rows', async () => {
    const { joined } = await together(queryRunner, async () => {
      await query('CREATE TABLE "a" ("n" integer); CREATE TABLE "b" ("n" integer)')
      await queryRunner.query('INSERT INTO "a" VALUES ($1)', [1])
      expect(await query('TABLE "a"')).toEqual([{ n: 1 }])
    })
    expect(joined).toBe(0)
  })

  describe('in a revision', () => {
    const revision = { id: 'aaaaaaaaaaaa', transaction: undefined } as unknown as Revision
    const run = (up: (runner: QueryRunner) => Promise<unknown>): Promise<void> => {
      const load = () =>
        Promise.resolve({ up: async (runner: QueryRunner) => void (await up(runner)), down: () => Promise.resolve() })
      return runAlone(postgres, queryRunner, revision, 'upgrade', load)
    }

    test('fail with the error of their own statement', async () => {
      const work = run(async (runner) => {
        await runner.query('CREATE TABLE "a" ("n" integer)')
        await runner.query('ALTER TABLE "missing" ADD "n" integer')
        await runner.query('CREATE TABLE "b" ("n" integer)')
      })
      await expect(work).rejects.toMatchObject({ query: 'ALTER TABLE "missing" ADD "n" integer' })
      expect(await tables()).toEqual([])
    })

    test('leave a failure to the revision that expects it', async () => {
      await run(async (runner) => {
        await runner.query('SAVEPOINT "s"')
        await runner
          .query('ALTER TABLE "missing" ADD "n" integer')
          .catch(() => runner.query('ROLLBACK TO SAVEPOINT "s"'))
        await runner.query('CREATE TABLE "a" ("n" integer)')
      })
      expect(await tables()).toEqual(['a'])
    })

    test('run without a transaction if one of them cannot run in it', async () => {
      await run(async (runner) => {
        await runner.query('CREATE TABLE "a" ("n" integer)')
        await runner.query('CREATE INDEX CONCURRENTLY "ix" ON "a" ("n")')
      })
      expect(await tables()).toEqual(['a'])
    })

    test('do not run code twice that fails by itself', async () => {
      let times = 0
      const work = run(() => {
        times += 1
        return Promise.reject(new Error('irreversible'))
      })
      await expect(work).rejects.toThrow('irreversible')
      expect(times).toBe(1)
    })
  })

  test('do not keep a schema sync from naming the table that fails', async () => {
    const { EntitySchema } = await import('typeorm')
    const entity = (name: string, type: 'integer' | 'nonsense') =>
      new EntitySchema({ name, columns: { id: { type: 'integer', primary: true }, a: { type: type as 'integer' } } })
    const source = await databases.open({ entities: [entity('one', 'integer'), entity('two', 'integer')] })
    await source.query('CREATE TYPE "two" AS ENUM ()')
    await expect(createEntities(source)).rejects.toMatchObject({ query: expect.stringContaining('"two"') as string })
    expect(await source.query(`SELECT to_regclass('one') AS found`)).toEqual([{ found: null }])
  })
})
