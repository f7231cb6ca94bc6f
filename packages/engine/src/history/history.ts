import type { DataSource, DataSourceOptions } from 'typeorm'

import type { Dialect } from '../dialect/dialect'
import type { Queryable } from '../dialect/queryable'
import { AludelError, isAludelError, type ErrorCode } from '../errors'
import { historyNames } from '../revision/replaced'
import { belongingTo, type LedOverFacts } from './led-over'
import type { Revision } from '../revision/revision'
import { conditionOf, type JournalFilter } from './journal-filter'
import { journalRow, type JournalRow, journalValues, time, type UnfinishedRow } from './journal-rows'
import { otherHistories, possibleHistories } from './other-histories'
import {
  batchesTable,
  createTables,
  type HistoryTables,
  historyTables,
  metadataTable,
  nameInSchema,
  quotePath,
} from './tables'
import type { AppliedEntry, AppliedRow, JournalEntry } from './types'

export { journalValues, type JournalRow, type UnfinishedRow } from './journal-rows'
export {
  batchesName,
  batchesTable,
  createTables,
  historyTables,
  journalName,
  metadataName,
  metadataTable,
  nameInSchema,
  quotePath,
  schemaPrefix,
} from './tables'

/** Ids in one statement, and entries that are read at once. */
const idsAtOnce = 500

/** Parts of a query of the journal, for one of its two layouts. The names are aliases of the table. */
interface JournalSql {
  readonly from: (alias: string) => string
  /** Rows that name this history. */
  readonly own: (alias: string) => string
  /** Rows that name none. */
  readonly unnamed: (alias: string) => string
  /** The column, after others. */
  readonly history: (alias: string) => string
}

interface HistoryOptions extends HistoryTables {
  readonly dialect: Dialect
  /** Where the tables are, for error messages. */
  readonly connection?: DataSourceOptions
  /** The revisions of the project, which show whose the rows of an earlier version are. Default is none. */
  readonly revisions?: LedOverFacts['revisions']
}

const reasons: ReadonlySet<ErrorCode> = new Set([
  'ALUDEL_PERMISSION',
  'ALUDEL_READ_ONLY',
  'ALUDEL_NOT_A_DATABASE',
  'ALUDEL_DATABASE_MISSING',
  'ALUDEL_LOCKED',
])

/**
 * The history (what is applied) and the journal (what was done) of a database. Nothing is kept in memory: each method
 * queries the database it gets, so all of them take part in the caller's transaction.
 *
 * A schema has one journal, whose column `history` names the history table of each row: several projects may have their
 * own history in one database. The column is empty in rows of earlier versions, which {@link History.ensure} leads over.
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
  /** The history table without its schema: its name in the journal. */
  readonly name: string

  readonly #options: HistoryOptions
  readonly #quotedTable: string
  readonly #quotedJournal: string
  /** Made once, because a run executes them for each revision. */
  #insertRow: string | undefined
  #insertEntry: string | undefined

  constructor(options: HistoryOptions) {
    this.dialect = options.dialect
    this.table = options.table
    this.journalTable = options.journalTable
    this.name = nameInSchema(options.table)
    this.#options = options
    this.#quotedTable = quotePath(options.dialect, options.table)
    this.#quotedJournal = quotePath(options.dialect, options.journalTable)
  }

  /** The history of a DataSource, in the tables that TypeORM would use. */
  static of(dialect: Dialect, dataSource: DataSource, revisions?: LedOverFacts['revisions']): History {
    return new History({ dialect, connection: dataSource.options, revisions, ...historyTables(dataSource.options) })
  }

  /** The same tables, named with the schema in which this session finds them: a revision may change its `search_path`. */
  async located(database: Queryable): Promise<History> {
    const { journal } = this.dialect
    const table = await journal.locate(database, this.table)
    if (table === this.table) return this
    return new History({ ...this.#options, table, journalTable: await journal.locate(database, this.journalTable) })
  }

  /**
   * The applied revisions, in the order in which they were applied; one query. Empty if the table is missing.
   * Do not call it inside a transaction of PostgreSQL, which a missing table would abort.
   *
   * @throws AludelError `ALUDEL_PERMISSION`, `ALUDEL_NOT_A_DATABASE`, `ALUDEL_LOCKED` when the file is in use, `ALUDEL_STATEMENT`
   */
  async read(database: Queryable): Promise<readonly AppliedRow[]> {
    return appliedRows(await this.#select(database, this.dialect.journal.selectApplied(this.table)))
  }

  /**
   * The same, and whether something is kept of what revisions of this database have dropped; one query. The answer is false if no
   * revision is applied.
   */
  async readWithKept(database: Queryable): Promise<{ readonly rows: readonly AppliedRow[]; readonly isKept: boolean }> {
    const { journal, keeping } = this.dialect
    const rows = await this.#select(database, journal.selectApplied(this.table, keeping.registryExists))
    // SQLite has no booleans.
    return { rows: appliedRows(rows), isKept: Boolean(rows[0]?.['more']) }
  }

  /**
   * Creates both tables if they are missing, and leads over what an earlier version has written: its rows are given the name
   * of this history if they belong to it. Call it under the lock, and outside a transaction.
   *
   * @throws AludelError `ALUDEL_PERMISSION`, `ALUDEL_READ_ONLY`, `ALUDEL_LOCKED` when the file is in use, `ALUDEL_STATEMENT`
   */
  async ensure(database: Queryable): Promise<void> {
    try {
      await this.#create(database)
    } catch (error) {
      const failure = this.#failure(`create the tables "${this.table}" and "${this.journalTable}"`, error)
      // IF NOT EXISTS needs the right to create a table even if it exists, and is not atomic: the lock of another history
      // in this schema is another one.
      const isHarmless = failure.code === 'ALUDEL_PERMISSION' || failure.code === 'ALUDEL_STATEMENT'
      if (!isHarmless || !(await this.#exists(database))) throw failure
    }
    await this.#leadOver(database)
  }

  /** Records a revision as applied. */
  async record(database: Queryable, revision: Pick<Revision, 'name' | 'timestamp'>): Promise<void> {
    this.#insertRow ??= this.#insertInto(this.#quotedTable, ['timestamp', 'name'])
    await database.query(this.#insertRow, [revision.timestamp, revision.name])
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
    const values = { ...journalValues(entry), history: this.name }
    this.#insertEntry ??= this.#insertInto(this.#quotedJournal, Object.keys(values))
    await database.query(this.#insertEntry, Object.values(values))
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

  /**
   * The journal of this history, newest entry first; empty if it does not exist yet. With a limit, it reads the newest entries by
   * their key, and stops.
   */
  async readJournal(database: Queryable, filter: JournalFilter = {}): Promise<readonly JournalRow[]> {
    const { limit } = filter
    const found: JournalRow[] = []
    let { before } = filter
    let size = limit
    let unnamed: ReadonlySet<number> | undefined
    for (;;) {
      const end = size === undefined ? '' : ` LIMIT ${String(Math.trunc(size))}`
      const { sql, parameters } = conditionOf(this.dialect, { ...filter, before })
      const rows = await this.#sharedRows(
        database,
        (part) =>
          `SELECT * FROM ${part.from('j')} WHERE (${part.own('j')} OR ${part.unnamed('j')})${sql} ORDER BY j."id" DESC${end}`,
        parameters,
      )
      // Rows of earlier versions may belong to another history, which all of them together show.
      if (rows.some(isUnnamed)) unnamed ??= await this.#ownUnnamed(database)
      found.push(...rows.filter((row) => !isUnnamed(row) || unnamed?.has(Number(row['id']))).map(journalRow))
      const isAll = size === undefined || rows.length < size || (limit !== undefined && found.length >= limit)
      if (isAll) return found.slice(0, limit)
      before = Number(rows.at(-1)?.['id'])
      size = idsAtOnce
    }
  }

  /** The newest entry of one revision; undefined when there is none. */
  async lastEntry(database: Queryable, revision: string): Promise<JournalRow | undefined> {
    const [row] = await this.#journalRows(
      database,
      ({ from, own }) =>
        `SELECT * FROM ${from('j')} WHERE ${own('j')} AND j."revision" = ${this.#placeholder(1)} ORDER BY j."id" DESC LIMIT 1`,
      [revision],
    )
    return row === undefined ? undefined : journalRow(row)
  }

  /**
   * The newest entry of one revision that names no history although {@link ensure} was called: of an earlier version, when
   * nothing showed to which history of this database it belongs. Undefined when there is none.
   */
  async unclaimedEntry(database: Queryable, revision: string): Promise<JournalRow | undefined> {
    const [row] = await this.#select(
      database,
      `SELECT * FROM ${this.#quotedJournal} AS j WHERE j."history" = '' AND j."revision" = ${this.#placeholder(1)} ` +
        'ORDER BY j."id" DESC LIMIT 1',
      [revision],
    )
    return row === undefined ? undefined : journalRow(row)
  }

  /** The statement by which a person says that an entry belongs to this history, or to another one. */
  claimStatement({ id }: Pick<JournalRow, 'id'>, history = this.name): string {
    return `UPDATE ${this.#quotedJournal} SET "history" = ${this.dialect.sql.literal(history)} WHERE "id" = ${String(id)}`
  }

  /**
   * The journal entries that made revisions applied, by name; one query. Revisions that TypeORM's own runner applied, and
   * those that a run or a stamp has undone since, are not in it.
   */
  async lastApplied(database: Queryable): Promise<ReadonlyMap<string, AppliedEntry>> {
    const done = (alias: string): string => `${alias}."outcome" IN ('done', 'stamped')`
    const rows = await this.#journalRows(
      database,
      ({ from, own, unnamed, history }) =>
        `SELECT j."id", j."revision", j."name", j."direction", j."checksum", j."finished_at", j."actor"${history('j')} ` +
        `FROM ${from('j')} WHERE ${done('j')} AND ((${own('j')} AND j."id" IN ` +
        `(SELECT MAX(n."id") FROM ${from('n')} WHERE ${done('n')} AND ${own('n')} GROUP BY n."name")) OR ${unnamed('j')}) ` +
        'ORDER BY j."id"',
    )
    const newest = new Map(rows.map((row) => [String(row['name']), row]))
    return new Map(
      [...newest].flatMap(([name, row]) => {
        const checksum = String(row['checksum'])
        if (row['direction'] === 'downgrade' || checksum === '') return []
        const entry = {
          revision: String(row['revision']),
          checksum,
          at: time(row['finished_at']),
          actor: String(row['actor']),
        }
        return [[name, entry] as const]
      }),
    )
  }

  /**
   * The newest entry of each revision that is not transactional and whose last run stopped or is still at work. Rows in
   * `aludel_batches` show which of them have done some of their batches. Two queries at most.
   */
  async unfinished(database: Queryable): Promise<readonly UnfinishedRow[]> {
    const isUnfinished = (row: JournalRow): boolean =>
      (row.outcome === 'running' || row.outcome === 'failed') && row.progress !== undefined
    const found = await this.#journalRows(
      database,
      // Of the rows without a name all are read, because only those that belong here may be compared.
      ({ from, own, unnamed }) =>
        `SELECT * FROM ${from('j')} WHERE (${own('j')} AND j."outcome" IN ('running', 'failed') AND j."progress" IS NOT NULL ` +
        `AND j."id" IN (SELECT MAX(n."id") FROM ${from('n')} WHERE ${own('n')} GROUP BY n."revision")) OR (${unnamed('j')} ` +
        `AND NOT EXISTS (SELECT 1 FROM ${from('n')} WHERE ${own('n')} AND n."revision" = j."revision" AND n."id" > j."id")) ` +
        'ORDER BY j."id"',
    )
    const newest = new Map(found.map((row) => [String(row['revision']), journalRow(row)]))
    const rows = [...newest.values()].filter(isUnfinished)
    if (rows.length === 0) return []
    const batches = `${quotePath(this.dialect, batchesTable(this.journalTable))} AS b`
    const batched = await this.#eitherLayout(
      database,
      (named) =>
        `SELECT b."revision", b."direction" FROM ${batches} WHERE b."batches" > 0` +
        (named ? ` AND b."history" IN (${this.#literalName}, '')` : ''),
    )
    const hasBatches = new Set(batched.map((row) => `${String(row['revision'])} ${String(row['direction'])}`))
    return rows.map((entry) => ({ ...entry, hasBatches: hasBatches.has(`${entry.revision} ${entry.direction}`) }))
  }

  /**
   * Whether the journal has the column `history`. False also when it does not exist.
   */
  async isOldLayout(database: Queryable): Promise<boolean> {
    try {
      await database.query(`SELECT j."history" FROM ${this.#quotedJournal} AS j LIMIT 0`)
      return false
    } catch (error) {
      return this.dialect.errors.isMissingColumn(error)
    }
  }

  /** Tables of other histories in this database, with their schema where it is not the default one. */
  others(database: Queryable): Promise<readonly string[]> {
    return otherHistories(this.dialect, database, this.table)
  }

  async #create(database: Queryable): Promise<void> {
    const { connection } = this.#options
    const metadata = connection === undefined ? this.table : metadataTable(connection)
    for (const sql of createTables(this.dialect, this, metadata)) await database.query(sql)
  }

  async #leadOver(database: Queryable): Promise<void> {
    const unnamed = `SELECT j."id", j."revision", j."name", j."checksum", '' AS "history" FROM ${this.#quotedJournal} AS j WHERE j."history" = ''`
    let rows: readonly Record<string, unknown>[]
    try {
      rows = (await database.query(unnamed)) as Record<string, unknown>[]
    } catch (error) {
      if (!this.dialect.errors.isMissingColumn(error))
        throw this.#failure(`read the journal "${this.journalTable}"`, error)
      await this.#addHistory(database)
      rows = (await database.query(unnamed)) as Record<string, unknown>[]
    }
    const ids = (await this.#mine(database, rows)).map((row) => Number(row['id']))
    const set = `UPDATE ${this.#quotedJournal} SET "history" = ${this.#literalName} WHERE "history" = ''`
    for (let at = 0; at < ids.length; at += idsAtOnce)
      await database.query(`${set} AND "id" IN (${ids.slice(at, at + idsAtOnce).join(', ')})`)
  }

  async #addHistory(database: Queryable): Promise<void> {
    const statements = this.dialect.journal.addHistory(this.journalTable)
    try {
      for (const sql of statements) await database.query(sql)
    } catch (error) {
      const { code, message, details } = this.#failure(`add a column to the journal "${this.journalTable}"`, error)
      throw new AludelError(code, message, {
        help: [
          'An earlier version created the journal, and it needs one more column. Run this once, as its owner:',
          ...statements.map((sql) => `  ${sql};`),
        ].join('\n'),
        details,
        cause: error,
      })
    }
  }

  /** Ids of the rows of earlier versions that belong to this history. */
  async #ownUnnamed(database: Queryable): Promise<ReadonlySet<number>> {
    const rows = await this.#journalRows(
      database,
      ({ from, unnamed, history }) =>
        `SELECT j."id", j."revision", j."name", j."checksum"${history('j')} FROM ${from('j')} WHERE ${unnamed('j')}`,
    )
    return new Set(rows.map((row) => Number(row['id'])))
  }

  /** Of rows of the journal those that belong to this history. */
  async #mine(
    database: Queryable,
    rows: readonly Record<string, unknown>[],
  ): Promise<readonly Record<string, unknown>[]> {
    const unnamed = rows.filter(isUnnamed)
    if (unnamed.length === 0) return rows
    const ids = await belongingTo(
      unnamed.map((row) => ({
        id: Number(row['id']),
        revision: String(row['revision']),
        name: String(row['name']),
        checksum: String(row['checksum']),
      })),
      {
        // A journal serves the histories of its schema.
        hasOthers: async () =>
          (await possibleHistories(this.dialect, database, this.table)).some(({ isBeside }) => isBeside),
        revisions: this.#options.revisions ?? (() => Promise.resolve([])),
        applied: async () => new Set((await this.read(database)).map(({ name }) => name)),
      },
    )
    return rows.filter((row) => !isUnnamed(row) || ids.has(Number(row['id'])))
  }

  /** Reads the journal, in the layout that it has, without rows of other histories. */
  async #journalRows(
    database: Queryable,
    select: (part: JournalSql) => string,
    parameters?: unknown[],
  ): Promise<readonly Record<string, unknown>[]> {
    return this.#mine(database, await this.#sharedRows(database, select, parameters))
  }

  /** {@link #journalRows} with the rows of earlier versions that may belong to other histories. */
  async #sharedRows(
    database: Queryable,
    select: (part: JournalSql) => string,
    parameters?: unknown[],
  ): Promise<readonly Record<string, unknown>[]> {
    const from = (alias: string): string => `${this.#quotedJournal} AS ${alias}`
    return this.#eitherLayout(
      database,
      (named) =>
        select({
          from,
          own: (alias) => (named ? `${alias}."history" = ${this.#literalName}` : '1 = 0'),
          unnamed: (alias) => (named ? `${alias}."history" = ''` : '1 = 1'),
          history: (alias) => (named ? `, ${alias}."history"` : ''),
        }),
      parameters,
    )
  }

  /** Sends the query for tables with the column `history` and, if it is missing, the one for tables of earlier versions. */
  async #eitherLayout(
    database: Queryable,
    sql: (named: boolean) => string,
    parameters?: unknown[],
  ): Promise<readonly Record<string, unknown>[]> {
    try {
      return await this.#select(database, sql(true), parameters)
    } catch (error) {
      if (!isAludelError(error) || !this.dialect.errors.isMissingColumn(error.cause)) throw error
      return this.#select(database, sql(false), parameters)
    }
  }

  get #literalName(): string {
    return this.dialect.sql.literal(this.name)
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
    const { connection } = this.#options
    if (connection !== undefined) {
      const known = this.dialect.errors.connectError(error, connection)
      if (reasons.has(known.code)) return known
    }
    // db-migrate, Laravel, postgres-migrations and others also call their table `migrations`.
    const help = this.dialect.errors.isMissingColumn(error)
      ? [
          'It does not have the columns of TypeORM, so it belongs to another tool: db-migrate, Laravel and postgres-migrations also use this name.',
          "Give the history another one in the options of the DataSource: migrationsTableName: 'typeorm_migrations'",
        ].join('\n')
      : undefined
    return new AludelError('ALUDEL_STATEMENT', `cannot ${what}: ${this.dialect.errors.textOf(error)}`, {
      ...(help !== undefined && { help }),
      cause: error,
    })
  }

  #insertInto(table: string, columns: readonly string[]): string {
    const names = columns.map((column) => this.dialect.sql.quote(column))
    return `INSERT INTO ${table} (${names.join(', ')}) VALUES (${this.#placeholders(columns.length)})`
  }

  #placeholder(n: number): string {
    return this.dialect.sql.placeholder(n)
  }

  #placeholders(count: number): string {
    return Array.from({ length: count }, (_, index) => this.#placeholder(index + 1)).join(', ')
  }
}

/** True for a row of the journal that names no history. */
function isUnnamed(row: Readonly<Record<string, unknown>>): boolean {
  return (row['history'] ?? '') === ''
}

function appliedRows(rows: readonly Record<string, unknown>[]): readonly AppliedRow[] {
  return rows.map((row) => ({ name: String(row['name']), timestamp: Number(row['timestamp']) }))
}
