import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { DataSource, type DataSourceOptions } from 'typeorm'

import { TransactionPooler } from '../../../../tools/testing/pooler'
import { Migrator } from '../../src/migrator'
import { openDatabase, postgresUrl, type TestDatabase } from '../run/databases'
import { rejection } from '../run/revisions'

/** Connection pools and poolers that have less to give than a run would like. */

let database: TestDatabase
let directory: string
const opened: { close(): Promise<void> }[] = []
beforeEach(async () => {
  database = await openDatabase('postgres')
  directory = await mkdtemp(path.join(tmpdir(), 'aludel-pools-'))
  await mkdir(path.join(directory, 'migrations'))
  for (const [index, [name, option]] of (
    [
      ['a', ''],
      ['b', 'readonly transaction = false'],
    ] as const
  ).entries()) {
    const timestamp = String(1763750000000 + index)
    await writeFile(
      path.join(directory, 'migrations', `${timestamp}-${name}.js`),
      `exports.Make${timestamp} = class Make${timestamp} {
  constructor() { ${option === '' ? '' : 'this.transaction = false'} }
  async up(queryRunner) { await queryRunner.query('CREATE TABLE "${name}" ("n" integer)'); await queryRunner.query('INSERT INTO "${name}" VALUES ($1)', [1]) }
  async down(queryRunner) { await queryRunner.query('DROP TABLE "${name}"') }
}
`,
    )
  }
})
afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one.close()
  await database.drop()
  await rm(directory, { recursive: true, force: true })
})

const dataSourceOf = async (options: Partial<DataSourceOptions>): Promise<DataSource> => {
  const dataSource = await new DataSource({ ...database.options, ...options } as DataSourceOptions).initialize()
  opened.push({ close: () => dataSource.destroy() })
  return dataSource
}
const migratorOf = (dataSource: DataSource): Migrator => {
  const migrator = new Migrator({
    dataSource,
    revisions: path.join(directory, 'migrations'),
    root: directory,
    shadow: { postgres: postgresUrl() },
    cacheDirectory: path.join(directory, 'cache'),
  })
  opened.push({ close: () => migrator.close() })
  return migrator
}
const pooler = async (options: ConstructorParameters<typeof TransactionPooler>[1]): Promise<string> => {
  const one = new TransactionPooler(database.address, options)
  const url = await one.listen()
  opened.push(one)
  return url
}
const tables = async (): Promise<unknown[]> =>
  (
    await database.rows(
      `SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND length(tablename) = 1 ORDER BY 1`,
    )
  ).map((row) => row['tablename'])

describe('a pool of one connection', () => {
  test.each([{ poolSize: 1 }, { extra: { max: 1 } }])('is enough for every command (%j)', async (options) => {
    const migrator = migratorOf(await dataSourceOf(options))
    await migrator.upgrade('head')
    expect(await tables()).toEqual(['a', 'b'])
    await migrator.downgrade('base', { backup: 'never', yes: true } as never)
    expect((await migrator.initialize()).action).toBe('upgraded')
    expect((await migrator.current({ verbose: true })).upToDate).toBe(true)
    expect((await migrator.check({ database: true })).database?.clean).toBe(true)
    await migrator.stamp(['head'])
    await migrator.sql('downgrade', 'base')
    await migrator.unlock()
    await migrator.repair()
    expect((await migrator.info()).tables.length).toBeGreaterThan(0)
    await migrator.upgrade('head', { lock: 'lease' })
    await migrator.downgrade('-1', { lock: 'lease', backup: 'never' } as never)
  })

  test('is named when the caller keeps its connection, and works once it is given back', async () => {
    const dataSource = await dataSourceOf({ poolSize: 1 })
    const migrator = migratorOf(dataSource)
    const mine = dataSource.createQueryRunner()
    await mine.startTransaction()
    expect(await rejection(migrator.upgrade('head'))).toMatchObject({
      code: 'ALUDEL_CONNECT',
      message: "all connections of the DataSource's pool are in use (its size is 1)",
      help: expect.stringMatching(/poolSize/) as string,
      details: { poolSize: 1 },
    })
    await mine.rollbackTransaction()
    await mine.release()
    await migrator.upgrade('head')
    expect(await tables()).toEqual(['a', 'b'])
  })
})

describe('a pooler', () => {
  test('in session mode with one connection to the server is enough', async () => {
    const migrator = migratorOf(await dataSourceOf({ url: await pooler({ mode: 'session', size: 1 }) } as never))
    await migrator.upgrade('head')
    expect(await tables()).toEqual(['a', 'b'])
    const locks = `SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`
    expect(await database.rows(locks)).toEqual([])
  })

  test('in statement mode is named, with the way out, before anything is changed', async () => {
    const url = await pooler({ mode: 'statement' })
    for (const lock of ['session', 'lease'] as const) {
      const migrator = migratorOf(await dataSourceOf({ url, poolSize: lock === 'session' ? 1 : 5 } as never))
      const error = await rejection(migrator.upgrade('head', { lock }))
      expect(error).toMatchObject({
        code: 'ALUDEL_POOLER',
        message: expect.stringMatching(/pooler in statement mode, through which no transaction can run/) as string,
        help: expect.stringMatching(/Connect to the server itself/) as string,
        details: { mode: 'statement', evidence: expect.stringMatching(/statement pooling mode/) as string },
      })
    }
    expect(await tables()).toEqual([])
    expect(await database.rows(`SELECT to_regclass('migrations') AS t`)).toEqual([{ t: null }])
  })

  test('in statement mode answers what needs no transaction', async () => {
    await migratorOf(await dataSourceOf({})).upgrade('head')
    const migrator = migratorOf(await dataSourceOf({ url: await pooler({ mode: 'statement' }) } as never))
    expect((await migrator.current()).upToDate).toBe(true)
  })

  test('in transaction mode is named as such where a prepared statement is gone', async () => {
    const url = await pooler({ mode: 'transaction' })
    const dataSource = await dataSourceOf({ url, poolSize: 1 } as never)
    const error = await rejection(dataSource.query('EXECUTE "prepared"'))
    expect(database.dialect.errors.textOf(error)).toMatch(
      /prepared statement "prepared" does not exist; HINT: a connection pooler/,
    )
  })
})
