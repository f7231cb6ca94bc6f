import type { DataSource, QueryRunner } from 'typeorm'

import { clientOf, closeOnReadTimeout, stopWatching } from './client'

/** The members of a `pg` pool that are used here: https://node-postgres.com/apis/pool */
interface Pool {
  readonly options?: { readonly max?: number }
  readonly totalCount?: number
  readonly idleCount?: number
  readonly waitingCount?: number
  readonly Client?: new (options: unknown) => {
    connect(): Promise<void>
    query(sql: string): Promise<{ readonly rows: readonly unknown[] }>
    end(): Promise<void>
  }
}

/**
 * Opens a second session of the same pool; undefined where there is no room for one (`poolSize: 1`, a role with a connection
 * limit), since waiting for it would never end.
 */
export async function openSideSession(queryRunner: QueryRunner): Promise<QueryRunner | undefined> {
  await queryRunner.connect()
  if (!hasRoom(queryRunner.connection)) return undefined
  const side = queryRunner.connection.createQueryRunner()
  try {
    await closeOnReadTimeout(side)
    // While this session is at work, the other one waits for it and keeps the process alive.
    ;(await clientOf(side)).unref?.()
    return side
  } catch {
    await closeSideSession(side)
    return undefined
  }
}

/** Gives a second session back to its pool. */
export async function closeSideSession(side: QueryRunner | undefined): Promise<void> {
  if (side === undefined) return
  stopWatching(side)
  if (!side.isReleased) {
    await clientOf(side).then(
      (client) => client.ref?.(),
      () => undefined,
    )
  }
  await side.release().catch(() => undefined)
}

/**
 * Runs one query on a short-lived connection outside the pool, where the pool has no room for a second one.
 *
 * @returns undefined when no connection can be opened
 */
export async function queryOutsidePool(queryRunner: QueryRunner, sql: string): Promise<readonly unknown[] | undefined> {
  const pool = poolOf(queryRunner.connection)
  if (pool?.Client === undefined) return undefined
  const client = new pool.Client(pool.options)
  try {
    await client.connect()
    return (await client.query(sql)).rows
  } catch {
    return undefined
  } finally {
    await client.end().catch(() => undefined)
  }
}

function poolOf(dataSource: DataSource): Pool | undefined {
  return (dataSource.driver as unknown as { readonly master?: Pool }).master
}

function hasRoom(dataSource: DataSource): boolean {
  const master = poolOf(dataSource)
  const max = master?.options?.max
  if (master === undefined || max === undefined || max < 2) return false
  return (master.waitingCount ?? 0) === 0 && ((master.idleCount ?? 0) > 0 || (master.totalCount ?? max) < max)
}
