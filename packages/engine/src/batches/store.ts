import type { Dialect } from '../dialect/dialect'
import type { Queryable } from '../dialect/queryable'
import { AludelError } from '../errors'
import { batchesTable, quotePath } from '../history/history'
import type { Direction } from '../revision/revision'
import type { CursorStore, Progressed } from './host'

interface StoreOptions {
  readonly dialect: Dialect
  readonly database: Queryable
  /** The journal's table, perhaps with a schema; the table of cursors is in the same schema. */
  readonly journalTable: string
  /** The name of the history table, without its schema. */
  readonly history: string
  readonly revision: string
  readonly direction: Direction
  readonly now: () => Date
}

/**
 * The cursors of one revision of one history in one direction: rows of the table `aludel_batches`, one for each call of
 * `batched` while its revision is not done.
 *
 * They are not in the journal, because that has one row for a revision in a run, and a cursor belongs to a call and outlives
 * the run. The table is created by the first call of `batched`.
 */
export class BatchStore {
  readonly table: string
  readonly #options: StoreOptions
  readonly #quoted: string

  constructor(options: StoreOptions) {
    this.#options = options
    this.table = batchesTable(options.journalTable)
    this.#quoted = quotePath(options.dialect, this.table)
  }

  /**
   * Creates the table if it is missing, and leads over one of an earlier version, whose rows name no history. Call it under
   * the lock, and outside a transaction.
   *
   * @param resumes whether this history resumes the revision: cursors of it that name no history are then its own
   */
  async ensure(resumes: boolean): Promise<void> {
    const { dialect, database, history, revision, direction } = this.#options
    for (const sql of dialect.journal.createCursors(this.table)) await database.query(sql)
    try {
      await database.query(`SELECT b."history" FROM ${this.#quoted} AS b LIMIT 0`)
    } catch (error) {
      if (!dialect.errors.isMissingColumn(error)) throw error
      await this.#addHistory()
    }
    if (!resumes) return
    const literal = dialect.sql.literal(history)
    await database.query(
      `UPDATE ${this.#quoted} SET "history" = ${literal} WHERE "history" = '' ` +
        `AND "revision" = ${this.#placeholder(1)} AND "direction" = ${this.#placeholder(2)} AND NOT EXISTS ` +
        `(SELECT 1 FROM ${this.#quoted} AS b WHERE b."history" = ${literal} AND b."revision" = ${this.#placeholder(3)})`,
      [revision, direction, revision],
    )
  }

  async #addHistory(): Promise<void> {
    const { dialect, database } = this.#options
    try {
      for (const sql of dialect.journal.addHistoryToCursors(this.table)) await database.query(sql)
    } catch (error) {
      await database.query('ROLLBACK').catch(() => undefined)
      throw error
    }
  }

  /** Deletes all cursors of the revision, in both directions. */
  async forget(): Promise<void> {
    const { database, history, revision } = this.#options
    await database.query(
      `DELETE FROM ${this.#quoted} WHERE "history" = ${this.#placeholder(1)} AND "revision" = ${this.#placeholder(2)}`,
      [history, revision],
    )
  }

  /**
   * The cursor of one call.
   *
   * @param definition hash of the options of the call
   */
  cursor(name: string, definition: string): CursorStore {
    const { database, dialect } = this.#options
    return {
      read: async () => {
        const row = await this.#row(name, '')
        if (row === undefined) return undefined
        const { finished } = progressed(row)
        if (row['definition'] !== definition && !finished) throw this.#changed(name, progressed(row))
        return progressed(row)
      },
      begin: (first) => this.#insert(name, definition, first),
      claim: async ({ batches, pass }) => {
        const row = await this.#row(name, dialect.batches.lockRows)
        if (row !== undefined && Number(row['batches']) === batches && Number(row['pass']) === pass) return
        throw new AludelError('ALUDEL_BATCHED', `another process is working on the batches of "${name}"`, {
          help: 'Two programs run this revision at once. This one stops; run it again when the other has ended.',
          details: { name },
        })
      },
      move: async (to) => {
        const now = this.#options.now().toISOString()
        const changes = Object.entries({
          ...columnsOf(to),
          updated_at: now,
          finished_at: to.finished ? now : null,
        })
        const set = changes.map(([column], index) => `${dialect.sql.quote(column)} = ${this.#placeholder(index + 1)}`)
        await database.query(`UPDATE ${this.#quoted} SET ${set.join(', ')} WHERE ${this.#whereKey(changes.length)}`, [
          ...changes.map(([, value]) => value),
          ...this.#key(name),
        ])
      },
    }
  }

  async #insert(name: string, definition: string, first: Progressed): Promise<void> {
    const { database, dialect, history, revision, direction } = this.#options
    const now = this.#options.now().toISOString()
    const values = Object.entries({
      history,
      revision,
      direction,
      name,
      definition,
      ...columnsOf(first),
      started_at: now,
      updated_at: now,
      finished_at: null,
    })
    await database.query(
      `INSERT INTO ${this.#quoted} (${values.map(([column]) => dialect.sql.quote(column)).join(', ')}) ` +
        `VALUES (${values.map((_value, index) => this.#placeholder(index + 1)).join(', ')})`,
      values.map(([, value]) => value),
    )
  }

  async #row(name: string, lock: string): Promise<Record<string, unknown> | undefined> {
    const rows = (await this.#options.database.query(
      `SELECT * FROM ${this.#quoted} WHERE ${this.#whereKey(0)}${lock}`,
      this.#key(name),
    )) as Record<string, unknown>[]
    return rows[0]
  }

  #changed(name: string, { rows, batches }: Progressed): AludelError {
    const { dialect, history, revision, direction } = this.#options
    const where = Object.entries({ history, revision, direction, name })
      .map(([column, value]) => `${dialect.sql.quote(column)} = ${dialect.sql.literal(value)}`)
      .join(' AND ')
    return new AludelError(
      'ALUDEL_BATCHED',
      `the batched() call for "${name}" changed after an earlier run started it`,
      {
        help: [
          `That run did ${String(rows)} rows in ${String(batches)} batches. To resume, restore table, key, where and update;`,
          'size and pauses may change.',
          `To begin at the first row again, if that does no harm: DELETE FROM ${this.#quoted} WHERE ${where}`,
        ].join('\n'),
        details: { name, rows, batches },
      },
    )
  }

  /** The condition for the row of a call, with placeholders after `before` others. */
  #whereKey(before: number): string {
    return ['history', 'revision', 'direction', 'name']
      .map((column, index) => `"${column}" = ${this.#placeholder(before + index + 1)}`)
      .join(' AND ')
  }

  #key(name: string): unknown[] {
    return [this.#options.history, this.#options.revision, this.#options.direction, name]
  }

  #placeholder(n: number): string {
    return this.#options.dialect.sql.placeholder(n)
  }
}

function columnsOf({ cursor, pass, passRows, batches, rows, total }: Progressed): Record<string, unknown> {
  return { cursor: cursor === null ? null : JSON.stringify(cursor), pass, pass_rows: passRows, batches, rows, total }
}

function progressed(row: Readonly<Record<string, unknown>>): Progressed {
  const cursor: unknown = typeof row['cursor'] === 'string' ? JSON.parse(row['cursor']) : null
  return {
    cursor: Array.isArray(cursor) ? cursor.map(String) : null,
    pass: Number(row['pass']),
    passRows: Number(row['pass_rows']),
    batches: Number(row['batches']),
    rows: Number(row['rows']),
    total: row['total'] == null ? null : Number(row['total']),
    finished: row['finished_at'] != null,
  }
}
