import type { DataSource, DataSourceOptions } from 'typeorm'

import type { Dialect } from '../dialect/dialect'
import type { Queryable } from '../dialect/queryable'
import { AludelError, isAludelError, type ErrorCode } from '../errors'
import { historyNames } from '../revision/replaced'
import type { Revision } from '../revision/revision'
import type { AppliedEntry, AppliedRow, JournalEntry } from './types'

/** The names of the two tables; either may be `schema.table`. */
interface HistoryTables {
  /** TypeORM's own table of applied migrations. */
  readonly table: string
  readonly journalTable: string
}

interface HistoryOptions extends HistoryTables {
  readonly dialect: Dialect
  /** Where the tables are, for error messages. */
  readonly connection?: DataSourceOptions
}

/** A journal entry as it is read back. */
export interface JournalRow extends JournalEntry {
  /** Grows with every entry. */
  readonly id: number
}

/** The entry of a run that did not reach the end of a revision that is not transactional. */
export interface UnfinishedRow extends JournalRow {
  /** True if batches of the statement at which it stopped are done. */
  readonly hasBatches: boolean
}

export const journalName = 'aludel_journal'
/** The table in which `batched` keeps its cursors. */
export const batchesName = 'aludel_batches'

const reasons: ReadonlySet<ErrorCode> = new Set([
  'ALUDEL_PERMISSION',
  'ALUDEL_READ_ONLY',
  'ALUDEL_NOT_A_DATABASE',
  'ALUDEL_DATABASE_MISSING',
  'ALUDEL_LOCKED',
])

/**
 * The tables of a DataSource, named as TypeORM names them: option `migrationsTableName` (default `migrations`), in the
 * schema of option `schema` if set. The journal is in the same schema.
 *
 * @example
 * historyTables({ type: 'postgres', schema: 'app' }) // { table: 'app.migrations', journalTable: 'app.aludel_journal' }
 */
export function historyTables(options: DataSourceOptions): HistoryTables {
  const table = options.migrationsTableName ?? 'migrations'
  const given = 'schema' in options && typeof options.schema === 'string' ? options.schema : ''
  const dot = table.indexOf('.')
  const schema = dot > 0 ? table.slice(0, dot) : given
  const prefix = schema === '' ? '' : `${schema}.`
  return { table: prefix + table.slice(dot + 1), journalTable: prefix + journalName }
}

/** The table of cursors, in the schema of the journal. */
export function batchesTable(journalTable: string): string {
  return journalTable.slice(0, journalTable.lastIndexOf('.') + 1) + batchesName
}

/** A quoted table name; a schema before it is quoted separately. */
export function quotePath(dialect: Dialect, table: string): string {
  return table
    .split('.')
    .map((part) => dialect.sql.quote(part))
    .join('.')
}

/**
 * The history (what is applied) and the journal (what was done) of a database. Nothing is kept in memory: each method
 * queries the database it gets, so all of them take part in the caller's transaction.
 *
 * @example
 * const history = new History({ dialect: sqlite, ...historyTables(dataSource.options) })
 * const applied = await history.read(dataSource.createQueryRunner())
 * applied.map((row) => row.name) // ['CreateUsers1763750000000']
 */
export class History {
  readonly dialect: Dialect
  readonly table: string
  readonly journalTable: string

  readonly #connection: DataSourceOptions | undefined
  readonly #quotedTable: string
  readonly #quotedJournal: string

  constructor(options: HistoryOptions) {
    this.dialect = options.dialect
    this.table = options.table
    this.journalTable = options.journalTable
    this.#connection = options.connection
    this.#quotedTable = quotePath(options.dialect, options.table)
    this.#quotedJournal = quotePath(options.dialect, options.journalTable)
  }

  /** The history of a DataSource, in the tables that TypeORM would use. */
  static of(dialect: Dialect, dataSource: DataSource): History {
    return new History({ dialect, connection: dataSource.options, ...historyTables(dataSource.options) })
  }

  /**
   * The applied revisions, in the order in which they were applied; one query. Empty if the table is missing.
   * Do not call it inside a transaction of PostgreSQL, which a missing table would abort.
   *
   * @throws AludelError `ALUDEL_PERMISSION`, `ALUDEL_NOT_A_DATABASE`, `ALUDEL_LOCKED` when the file is in use, `ALUDEL_STATEMENT`
   */
  async read(database: Queryable): Promise<readonly AppliedRow[]> {
    const rows = await this.#select(database, this.dialect.journal.selectApplied(this.table))
    return rows.map((row) => ({ name: String(row['name']), timestamp: Number(row['timestamp']) }))
  }

  /**
   * Creates both tables if they are missing. Call it under the lock.
   *
   * @throws AludelError `ALUDEL_PERMISSION`, `ALUDEL_READ_ONLY`, `ALUDEL_LOCKED` when the file is in use, `ALUDEL_STATEMENT`
   */
  async ensure(database: Queryable): Promise<void> {
    const { journal } = this.dialect
    try {
      for (const sql of [...journal.createHistory(this.table), ...journal.createJournal(this.journalTable)]) {
        await database.query(sql)
      }
    } catch (error) {
      const failure = this.#failure(`create the tables "${this.table}" and "${this.journalTable}"`, error)
      // IF NOT EXISTS needs the right to create a table even if it exists.
      if (failure.code === 'ALUDEL_PERMISSION' && (await this.#exists(database))) return
      throw failure
    }
  }

  /** Records a revision as applied. */
  async record(database: Queryable, revision: Pick<Revision, 'name' | 'timestamp'>): Promise<void> {
    await database.query(`INSERT INTO ${this.#quotedTable} ("timestamp", "name") VALUES (${this.#placeholders(2)})`, [
      revision.timestamp,
      revision.name,
    ])
  }

  /**
   * Removes a revision from the history: all its rows (several runners may each have written one), and those of the
   * revisions it replaces.
   */
  async remove(database: Queryable, revision: Pick<Revision, 'name' | 'replaces'>): Promise<void> {
    const names = historyNames(revision)
    // One at a time: databases limit the parameters of a statement.
    for (const name of names) {
      await database.query(`DELETE FROM ${this.#quotedTable} WHERE "name" = ${this.#placeholder(1)}`, [name])
    }
  }

  /** Adds an entry to the journal. */
  async journal(database: Queryable, entry: JournalEntry): Promise<void> {
    const values = Object.entries(journalValues(entry))
    await database.query(
      `INSERT INTO ${this.#quotedJournal} (${values.map(([column]) => this.dialect.sql.quote(column)).join(', ')}) ` +
        `VALUES (${this.#placeholders(values.length)})`,
      values.map(([, value]) => value),
    )
  }

  /** Updates the progress and the outcome in the entry of the same run and revision. */
  async updateJournal(database: Queryable, entry: JournalEntry): Promise<void> {
    const { statement, progress, finished_at, duration_ms, outcome, error } = journalValues(entry)
    const changes = Object.entries({ statement, progress, finished_at, duration_ms, outcome, error })
    const set = changes.map(([column], index) => `${this.dialect.sql.quote(column)} = ${this.#placeholder(index + 1)}`)
    await database.query(
      `UPDATE ${this.#quotedJournal} SET ${set.join(', ')} ` +
        `WHERE "run_id" = ${this.#placeholder(changes.length + 1)} AND "revision" = ${this.#placeholder(changes.length + 2)}`,
      [...changes.map(([, value]) => value), entry.runId, entry.revision],
    )
  }

  /** The journal, newest entry first; empty if it does not exist yet. */
  async readJournal(database: Queryable, limit?: number): Promise<readonly JournalRow[]> {
    const sql = `SELECT * FROM ${this.#quotedJournal} ORDER BY "id" DESC`
    const rows = await this.#select(database, limit === undefined ? sql : `${sql} LIMIT ${String(Math.trunc(limit))}`)
    return rows.map(journalRow)
  }

  /** The newest entry of one revision; undefined when there is none. */
  async lastEntry(database: Queryable, revision: string): Promise<JournalRow | undefined> {
    const [row] = await this.#select(
      database,
      `SELECT * FROM ${this.#quotedJournal} WHERE "revision" = ${this.#placeholder(1)} ORDER BY "id" DESC LIMIT 1`,
      [revision],
    )
    return row === undefined ? undefined : journalRow(row)
  }

  /**
   * The journal entries that made revisions applied, by name; one query. Revisions that TypeORM's own runner applied, and
   * those that a run or a stamp has undone since, are not in it.
   */
  async lastApplied(database: Queryable): Promise<ReadonlyMap<string, AppliedEntry>> {
    const rows = await this.#select(
      database,
      `SELECT "revision", "name", "direction", "checksum", "finished_at", "actor" FROM ${this.#quotedJournal} WHERE "id" IN ` +
        `(SELECT MAX("id") FROM ${this.#quotedJournal} WHERE "outcome" IN ('done', 'stamped') GROUP BY "name")`,
    )
    return new Map(
      rows.flatMap((row) => {
        const checksum = String(row['checksum'])
        if (row['direction'] === 'downgrade' || checksum === '') return []
        const entry = {
          revision: String(row['revision']),
          checksum,
          at: time(row['finished_at']),
          actor: String(row['actor']),
        }
        return [[String(row['name']), entry] as const]
      }),
    )
  }

  /**
   * The newest entry of each revision that is not transactional and whose last run stopped or is still at work. Rows in
   * `aludel_batches` show which of them have done some of their batches. Two queries at most.
   */
  async unfinished(database: Queryable): Promise<readonly UnfinishedRow[]> {
    const rows = await this.#select(
      database,
      `SELECT * FROM ${this.#quotedJournal} WHERE "outcome" IN ('running', 'failed') AND "progress" IS NOT NULL AND "id" IN ` +
        `(SELECT MAX("id") FROM ${this.#quotedJournal} GROUP BY "revision") ORDER BY "id"`,
    )
    if (rows.length === 0) return []
    const batched = await this.#select(
      database,
      `SELECT "revision", "direction" FROM ${quotePath(this.dialect, batchesTable(this.journalTable))} WHERE "batches" > 0`,
    )
    const hasBatches = new Set(batched.map((row) => `${String(row['revision'])} ${String(row['direction'])}`))
    return rows.map((row) => {
      const entry = journalRow(row)
      return { ...entry, hasBatches: hasBatches.has(`${entry.revision} ${entry.direction}`) }
    })
  }

  async #exists(database: Queryable): Promise<boolean> {
    try {
      for (const table of [this.#quotedTable, this.#quotedJournal])
        await database.query(`SELECT 1 FROM ${table} LIMIT 0`)
      return true
    } catch {
      return false
    }
  }

  async #select(database: Queryable, sql: string, parameters?: unknown[]): Promise<readonly Record<string, unknown>[]> {
    try {
      return (await database.query(sql, parameters)) as Record<string, unknown>[]
    } catch (error) {
      if (this.dialect.errors.isMissingTable(error)) return []
      throw this.#failure(`read the history in "${this.table}"`, error)
    }
  }

  #failure(what: string, error: unknown): AludelError {
    if (isAludelError(error)) return error
    if (this.#connection !== undefined) {
      const known = this.dialect.errors.connectError(error, this.#connection)
      if (reasons.has(known.code)) return known
    }
    return new AludelError('ALUDEL_STATEMENT', `cannot ${what}: ${this.dialect.errors.textOf(error)}`, { cause: error })
  }

  #placeholder(n: number): string {
    return this.dialect.sql.placeholder(n)
  }

  #placeholders(count: number): string {
    return Array.from({ length: count }, (_, index) => this.#placeholder(index + 1)).join(', ')
  }
}

/** An entry as the columns of the journal, in their order; times as ISO 8601, which every database accepts. */
export function journalValues(entry: JournalEntry) {
  return {
    run_id: entry.runId,
    revision: entry.revision,
    name: entry.name,
    direction: entry.direction,
    statement: entry.statement,
    progress: entry.progress ?? null,
    checksum: entry.checksum,
    started_at: entry.startedAt.toISOString(),
    finished_at: entry.finishedAt.toISOString(),
    duration_ms: Math.round(entry.durationMs),
    actor: entry.actor,
    tool_version: entry.toolVersion,
    outcome: entry.outcome,
    error: entry.error ?? null,
  }
}

function journalRow(row: Record<string, unknown>): JournalRow {
  const text = (column: string): string => String(row[column])
  return {
    id: Number(row['id']),
    runId: text('run_id'),
    revision: text('revision'),
    name: text('name'),
    direction: text('direction') as JournalEntry['direction'],
    statement: Number(row['statement']),
    progress: row['progress'] == null ? undefined : text('progress'),
    checksum: text('checksum'),
    startedAt: time(row['started_at']),
    finishedAt: time(row['finished_at']),
    durationMs: Number(row['duration_ms']),
    actor: text('actor'),
    toolVersion: text('tool_version'),
    outcome: text('outcome') as JournalEntry['outcome'],
    error: row['error'] == null ? undefined : text('error'),
  }
}

/** A script run by hand writes CURRENT_TIMESTAMP, which SQLite gives in UTC without a zone. */
function time(value: unknown): Date {
  if (value instanceof Date) return value
  const text = String(value)
  return new Date(/(?:Z|[+-]\d\d(?::?\d\d)?)$/.test(text) ? text : `${text.replace(' ', 'T')}Z`)
}
