import type { DataSource, DataSourceOptions } from 'typeorm'

import type { Dialect } from '../dialect/dialect'
import type { Queryable } from '../dialect/queryable'
import { AludelError, isAludelError, type ErrorCode } from '../errors'
import { historyNames } from '../revision/replaced'
import type { Revision } from '../revision/revision'
import type { AppliedEntry, AppliedRow, JournalEntry } from './types'

/** The two tables that remember; either may be `schema.table`. */
export interface HistoryTables {
  /** TypeORM's own table of applied migrations. */
  readonly table: string
  readonly journalTable: string
}

export interface HistoryOptions extends HistoryTables {
  readonly dialect: Dialect
  /** Where the tables are, for error messages. */
  readonly connection?: DataSourceOptions
}

/** An entry as it is read back. */
export interface JournalRow extends JournalEntry {
  /** Grows with every entry. */
  readonly id: number
}

/** What the last run of a revision that is not transactional has left. */
export interface UnfinishedRow extends JournalRow {
  /** Batches of the statement at which it stopped are done. */
  readonly hasBatches: boolean
}

export const journalName = 'aludel_journal'
/** Where `batched` keeps its cursors. */
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
 * schema of option `schema` when it has one. The journal lies beside the history.
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

/** The table of cursors, which lies beside the journal. */
export function batchesTable(journalTable: string): string {
  return journalTable.slice(0, journalTable.lastIndexOf('.') + 1) + batchesName
}

/** A table name, perhaps with a schema before it, quoted part by part. */
export function quotePath(dialect: Dialect, table: string): string {
  return table
    .split('.')
    .map((part) => dialect.sql.quote(part))
    .join('.')
}

/**
 * What is applied, and the journal of what was done. Nothing is kept in memory: each method asks the database that it is
 * given, so that all of them take part in the caller's transaction.
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

  /** The history of a DataSource, in the tables that TypeORM would use for it. */
  static of(dialect: Dialect, dataSource: DataSource): History {
    return new History({ dialect, connection: dataSource.options, ...historyTables(dataSource.options) })
  }

  /**
   * What is applied, in the order in which it was; one query. A database without the table has nothing applied.
   * Not to be called inside a transaction of PostgreSQL, which a missing table would abort.
   *
   * @throws AludelError `ALUDEL_PERMISSION`, `ALUDEL_NOT_A_DATABASE`, `ALUDEL_LOCKED` when the file is in use, `ALUDEL_STATEMENT`
   */
  async read(database: Queryable): Promise<readonly AppliedRow[]> {
    const rows = await this.#select(database, this.dialect.journal.selectApplied(this.table))
    return rows.map((row) => ({ name: String(row['name']), timestamp: Number(row['timestamp']) }))
  }

  /**
   * Makes both tables when they are missing. To be called under the lock.
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
      const failure = this.#failure(`make the tables "${this.table}" and "${this.journalTable}"`, error)
      // IF NOT EXISTS asks for the right to make a table also where it is there already.
      if (failure.code === 'ALUDEL_PERMISSION' && (await this.#isThere(database))) return
      throw failure
    }
  }

  /** Notes that a revision is applied. */
  async record(database: Queryable, revision: Pick<Revision, 'name' | 'timestamp'>): Promise<void> {
    await database.query(`INSERT INTO ${this.#quotedTable} ("timestamp", "name") VALUES (${this.#placeholders(2)})`, [
      revision.timestamp,
      revision.name,
    ])
  }

  /**
   * Notes that a revision is applied no longer; every row it has, should several runners have written some, and those of
   * what it stands for.
   */
  async remove(database: Queryable, revision: Pick<Revision, 'name' | 'replaces'>): Promise<void> {
    const names = historyNames(revision)
    // One at a time: an engine has a limit for the parameters of a statement.
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

  /** Replaces what an entry of the same run and revision says about how far it came. */
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

  /** The journal, newest entry first; empty when there is none yet. */
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
   * How what is applied came to be so, by name, where the journal knows: one query. What TypeORM's own runner applied is
   * not in it, nor what was undone since by a run or by a stamp.
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
   * The newest entry of each revision that is not transactional and whose last run has not come to its end: it stopped, or
   * is at work now. Rows in `aludel_batches` say which of them have done a part of their batches. Two queries at most.
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

  async #isThere(database: Queryable): Promise<boolean> {
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

  /** The dialect knows the reasons that have a code of their own. */
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

/** The columns of the journal, in their order, with the values of an entry; times as ISO 8601, which every engine takes. */
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
    ...(row['progress'] == null ? {} : { progress: text('progress') }),
    checksum: text('checksum'),
    startedAt: time(row['started_at']),
    finishedAt: time(row['finished_at']),
    durationMs: Number(row['duration_ms']),
    actor: text('actor'),
    toolVersion: text('tool_version'),
    outcome: text('outcome') as JournalEntry['outcome'],
    ...(row['error'] == null ? {} : { error: text('error') }),
  }
}

/** A script run by hand writes CURRENT_TIMESTAMP, which SQLite gives in UTC without saying so. */
function time(value: unknown): Date {
  if (value instanceof Date) return value
  const text = String(value)
  return new Date(/(?:Z|[+-]\d\d(?::?\d\d)?)$/.test(text) ? text : `${text.replace(' ', 'T')}Z`)
}
