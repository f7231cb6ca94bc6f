import process from 'node:process'
import { entities } from '@aludel/models'
import { AbstractLogger, DataSource, type DataSourceOptions } from 'typeorm'
import { dialectNames, makeDatabase, openWithTables } from '../../../../tools/testing/databases'
import type { TestDatabase } from '../../../../tools/testing/databases'
import { folder, removeFolders } from '../../../../tools/testing/folders'
import { mainStack, stackName } from '../../../../tools/testing/stacks.cjs'
import { entry } from '../support/files'
import { callsOf, services } from './calls'
import type { Calls } from './calls'
import { fill } from './fill'
import { isPlanned, wholeReads } from './plan'
import type { Sent } from './plan'

/** `npm run test:all` looks at a million rows of each table, once: the other stacks send the same statements. */
const rows = process.env['ALUDEL_TEST_SCOPE'] === 'all' && stackName === mainStack ? 1_000_000 : 20_000

// Filling the tables takes minutes with a million rows of each.
jest.setTimeout(rows > 20_000 ? 3_600_000 : 300_000)

/** The tables are given, and so are their indexes. What reads a whole table or index nevertheless, and why. */
const exceptions: Readonly<Record<string, string>> = {
  'WorkflowService.delete': 'looks for results that repeat the deleted ones, of which the tables have no index',
  'WorkflowService.statistics': 'counts every workflow',
  'ValidationService.counts': 'counts every result',
  'AuditLogService.count': 'counts every entry',
  'CacheService.surplus': 'sums the sizes of all results, and no index has the time of the last use',
  'CacheService.evict': 'sums the sizes of all results, and no index has the time of the last use',
  'CacheService.statistics': 'sums every result',
  'MetricService.count': 'counts every value',
  'MetricService.summary': 'counts every value',
  readStatistics: 'counts all that there is',
  browseReviews: 'counts every decision, and no index has the time of the last change',
  'browseReviews, by status': 'counts every decision',
  'browseReviews, by text': 'counts every decision, and looks for a text anywhere in six columns',
  exportReviews: 'counts and reads every decision',
}

/** Foreign keys without an index: a deleted row costs a look at all that may refer to it. */
const unindexed: Readonly<Record<string, string>> = {
  'validation_results.parent_validation_id': 'the tables are given, and this index is not among theirs',
}

describe.each(dialectNames)(`the plans of the services with ${rows} rows on %s`, (dialect) => {
  let database: TestDatabase
  let dataSource: DataSource
  let calls: Calls
  let tables: readonly string[]
  const sent: Sent[] = []

  beforeAll(async () => {
    database = await makeDatabase(dialect)
    const made = await openWithTables(database, entities)
    tables = made.entityMetadatas.map(({ tableName }) => tableName)
    const runner = made.createQueryRunner()
    await runner.query(dialect === 'postgres' ? 'SET session_replication_role = replica' : 'PRAGMA foreign_keys = OFF')
    await fill(runner, dialect, rows)
    await runner.release()
    await made.destroy()
    const logger = new SentStatements(sent)
    // Of so few rows the planner may read all rather than look for 500 of them, depending on its version: asked to avoid that, it shows
    // whether there is an index to look in. With a million rows it chooses freely.
    const extra = dialect === 'postgres' && rows === 20_000 ? { extra: { options: '-c enable_seqscan=off' } } : {}
    const options = { ...database.options, ...extra, entities, logging: ['query'], logger } as DataSourceOptions
    dataSource = await new DataSource(options).initialize()
    // As autovacuum does. On SQLite, most databases have no statistics, and a test below gathers some.
    if (dialect === 'postgres') await dataSource.query('VACUUM ANALYZE')
    calls = callsOf({
      dataSource,
      rows,
      reviews: await folder({ 'new_reviews.json': JSON.stringify({ ECU001: { Spoofing: entry, Replay: entry } }) }),
      empty: await folder({}),
    })
  })
  afterAll(async () => {
    await dataSource?.destroy()
    await database?.drop()
    await removeFolders()
  })

  /** What the statements of each call read as a whole, and how many statements have a plan. */
  const readAll = async (): Promise<{ reads: Record<string, string[]>; planned: Record<string, number> }> => {
    const reads: Record<string, string[]> = {}
    const planned: Record<string, number> = {}
    for (const [name, call] of Object.entries(calls)) {
      sent.length = 0
      await call()
      const statements = sent.filter((one) => isPlanned(one, tables))
      planned[name] = statements.length
      const found = new Map<string, string>()
      for (const one of statements)
        for (const { plan } of await wholeReads(dataSource, dialect, one, tables)) found.set(plan, one.sql)
      if (found.size > 0) reads[name] = [...found].map(([plan, sql]) => `${plan}: ${sql}`)
    }
    return { reads, planned }
  }
  const notAllowed = (reads: Record<string, string[]>): Record<string, string[]> =>
    Object.fromEntries(Object.entries(reads).filter(([name]) => exceptions[name] === undefined))

  test('read no table as a whole, except where that is the task', async () => {
    const { reads, planned } = await readAll()
    expect(notAllowed(reads)).toEqual({})
    // Every call has sent something that has a plan.
    expect(Object.entries(planned).filter(([, count]) => count === 0)).toEqual([])
    // What reads whole tables is found: the statistics are not read from an index of SQLite or of PostgreSQL in any other way.
    expect(Object.keys(reads)).toContain('CacheService.statistics')
  })

  if (dialect === 'sqlite')
    test('do so with statistics, too', async () => {
      await dataSource.query('ANALYZE')
      expect(notAllowed((await readAll()).reads)).toEqual({})
    })

  test('cover every method of every service', () => {
    const covered = new Set(Object.keys(calls).map((name) => name.replace(/,.*/, '')))
    const methods = services.flatMap((service) =>
      Object.getOwnPropertyNames(service.prototype)
        .filter((name) => name !== 'constructor')
        .map((name) => `${service.name}.${name}`),
    )
    expect(methods.filter((name) => !covered.has(name))).toEqual([])
  })

  test('find what refers to a deleted row by an index', () => {
    const without = dataSource.entityMetadatas.flatMap((metadata) =>
      metadata.foreignKeys
        .filter(({ columnNames: [first = ''] }) => {
          const beginnings = [
            ...metadata.indices.map(({ columns }) => columns[0]?.databaseName),
            ...metadata.uniques.map(({ columns }) => columns[0]?.databaseName),
          ]
          return !beginnings.includes(first)
        })
        .map(({ columnNames }) => `${metadata.tableName}.${columnNames.join()}`),
    )
    expect(without.filter((name) => unindexed[name] === undefined)).toEqual([])
  })
})

class SentStatements extends AbstractLogger {
  constructor(private readonly sent: Sent[]) {
    super(['query'])
  }

  override logQuery(sql: string, parameters: readonly unknown[] = []): void {
    this.sent.push({ sql, parameters })
  }

  protected writeLog(): void {
    // Only queries are collected.
  }
}
