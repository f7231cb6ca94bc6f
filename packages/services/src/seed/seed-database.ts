import { setImmediate as turn } from 'node:timers/promises'
import type { DataSource } from 'typeorm'
import { InvalidValueError, NotEmptyError } from '../errors'
import { atomically } from '../source'
import { RowInserter } from './insert'
import { planRows } from './plan'
import { keyOf } from './random'
import type { SeedRow } from './row'
import { tablesOf } from './rows'
import type { SeedTable } from './rows'

/** Options of {@link seedDatabase}. */
export interface SeedOptions {
  /** Rows of all tables together: 1 to 10,000,000. */
  readonly rows: number
  /** The same text gives the same rows, on every database. Default is `1`. */
  readonly seed?: string
  /** Where time ends for these rows; part of what makes them the same. Default is 2026-01-01, midnight UTC. */
  readonly until?: Date
  /** Add to a database that has rows. Rows of the same seed that are there already stay as they are. Default is false. */
  readonly append?: boolean
  /** Stops between two batches. */
  readonly signal?: AbortSignal
  /** Called after each batch. */
  readonly onProgress?: (progress: SeedProgress) => void
}

/** How far it is. */
export interface SeedProgress {
  /** The table at work. */
  readonly table: string
  /** Rows of all tables that are done. */
  readonly done: number
  readonly total: number
}

/** What was inserted. */
export interface SeedResult {
  readonly seed: string
  /** The end of time of these rows, ISO 8601. */
  readonly until: string
  /** Rows that the seed has. */
  readonly rows: number
  /** Those that were not there before. */
  readonly inserted: number
  /** In the order in which they are filled. */
  readonly tables: readonly { readonly name: string; readonly rows: number; readonly inserted: number }[]
  /** Only if it was stopped: the table at work, and how many rows of all tables are in the database. */
  readonly aborted?: { readonly table: string; readonly done: number }
}

const mostRows = 10_000_000

/** Rows of one transaction. */
const batchSize = 2000

const defaultEnd = new Date('2026-01-01T00:00:00.000Z')

/**
 * Fills the eight tables with generated rows, for development and tests: workflows with checkpoints, validations of files in several
 * versions, recommendations with what was done with them, cached results, metrics, and review decisions. References lead to rows
 * that are there, hashes are those of the contents, and states, times and audit entries fit each other, as the services would
 * have stored them.
 *
 * The same seed, number and end give the same rows, whatever the database. It inserts batches, each in a transaction; after a stop,
 * `append` inserts the rest. Subscribers of the application are not called.
 *
 * @param dataSource initialized, with the entities of `@aludel/models`
 * @throws {InvalidValueError} @throws {NotEmptyError} if one of the tables has rows, unless `append` is set; nothing is inserted then
 * @example
 * const { inserted, tables } = await seedDatabase(dataSource, { rows: 1000, seed: 'demo' })
 */
export async function seedDatabase(dataSource: DataSource, options: SeedOptions): Promise<SeedResult> {
  const { rows, seed = '1', until = defaultEnd, append = false, signal, onProgress } = options
  if (!Number.isSafeInteger(rows) || rows < 1 || rows > mostRows)
    throw new InvalidValueError('rows', `must be a whole number from 1 to ${mostRows}, not ${rows}`)
  if (!(until.getTime() >= Date.parse('1972-01-01') && until.getTime() <= Date.parse('9000-01-01')))
    throw new InvalidValueError('until', 'must be a time from 1972 on')
  const tables = tablesOf(planRows(keyOf(seed), rows, until))
  if (!append) await refuseRows(dataSource, tables)

  const done: { name: string; rows: number; inserted: number }[] = []
  const result = (): Omit<SeedResult, 'aborted'> => ({
    seed,
    until: until.toISOString(),
    rows,
    inserted: done.reduce((sum, { inserted }) => sum + inserted, 0),
    tables: done,
  })
  let all = 0
  for (const table of tables) {
    const name = dataSource.getMetadata(table.entity).tableName
    const filled = { name, rows: table.rows, inserted: 0 }
    done.push(filled)
    const inserter = await RowInserter.of(dataSource.manager, table.entity)
    for (const batch of batchesOf(table.make())) {
      // SQLite works without a pause; a signal is noticed in one.
      await turn()
      if (signal?.aborted === true) return { ...result(), aborted: { table: name, done: all } }
      filled.inserted += await atomically(dataSource, (manager) => inserter.insert(manager, batch))
      all += batch.length
      onProgress?.({ table: name, done: all, total: rows })
    }
  }
  return result()
}

async function refuseRows(dataSource: DataSource, tables: readonly SeedTable[]): Promise<void> {
  const filled: string[] = []
  for (const { entity } of tables) {
    const { tableName } = dataSource.getMetadata(entity)
    if (await dataSource.createQueryBuilder(entity, 'one').getExists()) filled.push(tableName)
  }
  if (filled.length > 0) throw new NotEmptyError(filled)
}

function* batchesOf(rows: Iterable<SeedRow>): Iterable<readonly SeedRow[]> {
  let batch: SeedRow[] = []
  for (const row of rows) {
    batch.push(row)
    if (batch.length < batchSize) continue
    yield batch
    batch = []
  }
  if (batch.length > 0) yield batch
}
