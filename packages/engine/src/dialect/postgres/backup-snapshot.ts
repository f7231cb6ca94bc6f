import type { QueryRunner } from 'typeorm'

import type { Queryable } from '../queryable'
import { clientOf } from './client'
import { backendOf, queryOutsidePool } from './side-session'

/**
 * As `pg_dump` sets them: neither time limits of the role nor row security may change what a backup contains. With row security off,
 * a role to which a policy applies gets an error, and not some of the rows.
 */
const settings: readonly (readonly [name: string, value: string])[] = [
  ['statement_timeout', '0'],
  ['lock_timeout', '0'],
  ['idle_in_transaction_session_timeout', '0'],
  ['transaction_timeout', '0'],
  ['row_security', 'off'],
]

/** As `pg_dump` sets them, so that the texts of values do not depend on the session. */
export const textSettings: readonly (readonly [name: string, value: string])[] = [
  ['datestyle', 'ISO'],
  ['intervalstyle', 'postgres'],
  ['extra_float_digits', '3'],
  ['search_path', ''],
]

/**
 * Calls `work` in a transaction of the session that sees one state of the database, and writes nothing.
 *
 * @throws what `work` throws; the errors of the server
 */
export async function inSnapshotTransaction<Result>(
  queryRunner: QueryRunner,
  work: () => Promise<Result>,
): Promise<Result> {
  await queryRunner.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY')
  try {
    await setLocally(queryRunner, settings)
    return await work()
  } finally {
    // There is nothing to commit.
    await queryRunner.query('ROLLBACK').catch(() => undefined)
  }
}

/** Sets what the server knows of these settings until the end of the transaction. */
export async function setLocally(
  database: Queryable,
  values: readonly (readonly [name: string, value: string])[],
): Promise<void> {
  await database.query(
    `SELECT set_config(s.name, v.value, true) FROM unnest($1::text[], $2::text[]) AS v (name, value)
     JOIN pg_catalog.pg_settings s ON lower(s.name) = v.name`,
    [values.map(([name]) => name), values.map(([, value]) => value)],
  )
}

/**
 * The name under which another session sees the state of this transaction, until it ends.
 *
 * @throws SnapshotError where the server cannot give one; the transaction is of no use then
 */
export async function exportSnapshot(database: Queryable): Promise<string> {
  try {
    const [row] = (await database.query('SELECT pg_export_snapshot() AS snapshot')) as { snapshot: string }[]
    return row?.snapshot ?? ''
  } catch (cause) {
    throw new SnapshotError('no snapshot', { cause })
  }
}

/** No other session can see the same state. */
export class SnapshotError extends Error {}

/** Calls `work`, after which the transaction can be used even if a statement has failed. */
export async function withSavepoint<Result>(database: Queryable, work: () => Promise<Result>): Promise<Result> {
  await database.query('SAVEPOINT aludel_backup')
  try {
    return await work()
  } finally {
    await database.query('ROLLBACK TO SAVEPOINT aludel_backup')
  }
}

/** Cancels what a session executes, from another one. */
export class Canceler {
  readonly #queryRunner: QueryRunner
  readonly #process: number
  #canceling: Promise<unknown> | undefined

  private constructor(queryRunner: QueryRunner, process: number) {
    this.#queryRunner = queryRunner
    this.#process = process
  }

  static async of(queryRunner: QueryRunner): Promise<Canceler> {
    return new Canceler(queryRunner, await backendOf(queryRunner))
  }

  /** Asks for it once. */
  readonly cancel = (): void => {
    this.#canceling ??= queryOutsidePool(this.#queryRunner, `SELECT pg_cancel_backend(${String(this.#process)})`)
  }

  /** Waits until the server has got it, so that it does not hit a later statement. Never throws. */
  async settle(): Promise<void> {
    await this.#canceling
  }
}

/**
 * True if the session goes through a connection pooler. It may have one connection to the server only, for which `pg_dump` would
 * wait while a transaction of this session is open.
 */
export async function isPooled(queryRunner: QueryRunner): Promise<boolean> {
  return (await backendOf(queryRunner)) !== (await clientOf(queryRunner)).processID
}
