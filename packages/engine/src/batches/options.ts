import { createHash } from 'node:crypto'

import { AludelError } from '../errors'

/** One batch, for a function that does its work inside the transaction of the batch. */
export interface Batch {
  /**
   * The rows of the batch as a SQL condition with inlined values: the range of keys, and `where`. For example:
   * `await batch.query(\`DELETE FROM "tags" WHERE "review_id" IN (SELECT "id" FROM "reviews" WHERE ${batch.rows})\`)`.
   */
  readonly rows: string
  /** The key of the last row before the batch, as the driver returns it; null for the first batch. A list for a key of several columns. */
  readonly from: unknown
  /** The key of the last row of the batch. */
  readonly to: unknown
  /** The keys of the rows of the batch, in order. No other session can change these rows until the batch is committed. */
  readonly keys: readonly unknown[]
  /** Runs a statement in the transaction of the batch. */
  readonly query: (sql: string, parameters?: unknown[]) => Promise<unknown>
}

/** Does the work of one batch. */
export type BatchWork = (batch: Batch) => Promise<void>

/** The options of `batched`. Table and columns are names, without quotes; conditions and values are SQL. */
export interface BatchedOptions {
  /** `table` or `schema.table`. */
  readonly table: string
  /**
   * The column, or columns, used to page through the table: NOT NULL, with a unique index over exactly these. Values of a
   * key must not change while batches run.
   */
  readonly key: string | readonly string[]
  /** A condition that selects the rows to update and that the update makes false. Default: all rows. */
  readonly where?: string
  /** Values for the placeholders in `where`: `$1`, `$2` … on PostgreSQL, `?` on SQLite. */
  readonly parameters?: readonly unknown[]
  /** Rows of a batch, 1 to 100,000. Default is 1,000. It may be changed between two runs. */
  readonly size?: number
  /** A SQL expression for each column, or a function that does the work of one batch. */
  readonly update: Readonly<Record<string, string>> | BatchWork
  /**
   * Whether to page through the table again until no row matches `where`, because rows may have been inserted before the
   * cursor. Default is true if there is a `where`. With false each key is visited once, and `where` may stay true.
   */
  readonly repeat?: boolean
  /** Milliseconds to rest between two batches. Default is 0. */
  readonly pauseMs?: number
  /** Rest while a replica lags by more than this many milliseconds (PostgreSQL). */
  readonly maxLagMs?: number
  /** Rest while a replica lags by more than this many bytes of the log (PostgreSQL). */
  readonly maxLagBytes?: number
  /** Identifies this call among those of the revision. Default: the table, with a number from the second call on. */
  readonly name?: string
}

/** The result of `batched`, including earlier runs. */
export interface BatchedResult {
  /** Rows updated (for a function: rows it was given). */
  readonly rows: number
  readonly batches: number
  /** How often the table was paged through. */
  readonly passes: number
}

/** Checked options, with defaults. */
export interface Definition {
  readonly table: string
  readonly key: readonly string[]
  readonly where: string | undefined
  readonly parameters: readonly unknown[]
  readonly size: number
  readonly update: BatchedOptions['update']
  readonly repeat: boolean
  readonly pauseMs: number
  readonly maxLagMs: number | undefined
  readonly maxLagBytes: number | undefined
  readonly name: string | undefined
  /** SHA-256 (hex) over the options that a cursor depends on: not the size, the pauses, or the code of a function. */
  readonly hash: string
}

const largestBatch = 100_000

/**
 * @throws AludelError `ALUDEL_BATCHED` naming the option that is wrong
 *
 * @example
 * define({ table: 'users', key: 'id', update: { active: 'true' } }).size // 1000
 */
export function define(options: BatchedOptions): Definition {
  const { table, where, parameters = [], size = 1000, update, pauseMs = 0, maxLagMs, maxLagBytes, name } = options
  const key = typeof options.key === 'string' ? [options.key] : [...options.key]
  requireName('table', table)
  if (key.length === 0) throw wrong('key', 'names no column')
  for (const column of key) requireName('key', column)
  if (new Set(key).size < key.length) throw wrong('key', 'names a column twice')
  if (where?.trim() === '') throw wrong('where', 'is empty')
  if (where === undefined && parameters.length > 0) throw wrong('parameters', 'are given without a where')
  if (where === undefined && options.repeat === true) throw wrong('repeat', 'needs a where')
  if (!Number.isInteger(size) || size < 1 || size > largestBatch) {
    throw wrong('size', `is ${String(size)}, and must be a whole number from 1 to ${String(largestBatch)}`)
  }
  for (const [option, value] of Object.entries({ pauseMs, maxLagMs, maxLagBytes })) {
    if (value !== undefined && !(value >= 0)) throw wrong(option, `is ${String(value)}, and must not be negative`)
  }
  if (name !== undefined) requireName('name', name)
  if (typeof update !== 'function') requireColumns(update, key)
  const repeat = options.repeat ?? where !== undefined
  return {
    ...{ table, key, where, parameters, size, update, repeat, pauseMs, maxLagMs, maxLagBytes, name },
    hash: hashOf({ table, key, where, parameters, repeat, update: typeof update === 'function' ? 'function' : update }),
  }
}

function requireName(option: string, value: unknown): void {
  if (typeof value !== 'string' || value.trim() === '') throw wrong(option, 'must be a name')
}

function requireColumns(update: unknown, key: readonly string[]): void {
  const columns = typeof update === 'object' && update !== null ? Object.entries(update) : []
  if (columns.length === 0) throw wrong('update', 'changes no column')
  for (const [column, expression] of columns) {
    if (typeof expression !== 'string' || expression.trim() === '') {
      throw wrong('update', `of "${column}" must be a SQL expression; the text 'x' is "'x'"`)
    }
    if (key.includes(column)) throw wrong('update', `changes "${column}", a column of the key`)
  }
}

function wrong(option: string, problem: string): AludelError {
  return new AludelError('ALUDEL_BATCHED', `option ${option} of batched ${problem}`, { details: { option } })
}

function hashOf(parts: unknown): string {
  const text = JSON.stringify(parts, (_key, value: unknown) =>
    typeof value === 'bigint' ? `${String(value)}n` : value,
  )
  return createHash('sha256').update(text).digest('hex')
}
