import { setTimeout as wait } from 'node:timers/promises'

import type { DataSource, QueryRunner } from 'typeorm'

import { AludelError } from '../../errors'

import { clientOf, stopWatching, watchSession } from './client'

/** The members of a `pg` pool that are used here: https://node-postgres.com/apis/pool */
interface Pool {
  readonly options?: { readonly max?: number }
  readonly totalCount?: number
  readonly idleCount?: number
  readonly waitingCount?: number
  connect?(): Promise<{ release(): void }>
  readonly Client?: new (options: unknown) => {
    connect(): Promise<void>
    query(sql: string): Promise<{ readonly rows: readonly unknown[] }>
    end(): Promise<void>
  }
}

/** Milliseconds in which a pooler must give a second session its connection to the server. */
const answerTimeout = 3_000

/** Milliseconds in which a connection of an exhausted pool must become free. */
const freeTimeout = 3_000

/** The process of the server that answers. */
export async function backendOf(session: QueryRunner): Promise<number> {
  const [row] = (await session.query(askBackend)) as { pid: number }[]
  return Number(row?.pid)
}

export const askBackend = 'SELECT pg_backend_pid() AS pid'

/**
 * Opens a second session of the same pool; undefined where there is no room for one (`poolSize: 1`, a role with a connection
 * limit, a pooler in session mode with a pool of one), since waiting for it would never end.
 */
export async function openSideSession(queryRunner: QueryRunner): Promise<QueryRunner | undefined> {
  await queryRunner.connect()
  if (!hasRoom(queryRunner.connection)) return undefined
  const side = queryRunner.connection.createQueryRunner()
  try {
    await watchSession(side)
    if (!(await answersInTime(queryRunner, side))) {
      ;(await clientOf(side)).connection?.stream?.destroy()
      await closeSideSession(side)
      return undefined
    }
    // While this session is at work, the other one waits for it and keeps the process alive.
    ;(await clientOf(side)).unref?.()
    return side
  } catch {
    await closeSideSession(side)
    return undefined
  }
}

/**
 * False if a pooler accepts the side session and then makes it wait for a connection to the server, which the first session
 * has. A server itself answers whom it has accepted.
 */
async function answersInTime(work: QueryRunner, side: QueryRunner): Promise<boolean> {
  if ((await backendOf(work)) === (await clientOf(work)).processID) return true
  const timer = new AbortController()
  try {
    return await Promise.race([
      backendOf(side).then(
        () => true,
        () => false,
      ),
      wait(answerTimeout, false, { signal: timer.signal }),
    ])
  } finally {
    timer.abort()
  }
}

/**
 * Connects a query runner. TypeORM waits for a connection of an exhausted pool without a limit, which never ends where the
 * caller itself has them all: in a transaction on a DataSource with `poolSize: 1`, for example.
 *
 * @throws AludelError `ALUDEL_CONNECT` when no connection becomes free; what connecting throws
 */
export async function connectInTime(queryRunner: QueryRunner): Promise<void> {
  const pool = poolOf(queryRunner.connection)
  if (pool?.connect !== undefined && isExhausted(pool)) await untilFree(pool, pool.connect())
  await queryRunner.connect()
}

/** Waits for a connection, which is given back as soon as the pool hands it out. */
async function untilFree({ options }: Pool, connecting: Promise<{ release(): void }>): Promise<void> {
  const free = connecting.then((client) => {
    client.release()
    return true
  })
  const timer = new AbortController()
  try {
    if (await Promise.race([free, wait(freeTimeout, false, { signal: timer.signal })])) return
  } finally {
    timer.abort()
  }
  free.catch(() => undefined)
  const max = String(options?.max)
  throw new AludelError('ALUDEL_CONNECT', `all connections of the DataSource's pool are in use (its size is ${max})`, {
    help:
      `Nothing was changed. ${max === '1' ? 'The caller has the only one' : 'The callers keep them'}: call this outside of their ` +
      'transactions and query runners, or give the DataSource a larger poolSize (extra.max).',
    details: { poolSize: Number(max) },
  })
}

function isExhausted({ options, idleCount = 0, totalCount = 0 }: Pool): boolean {
  return options?.max !== undefined && idleCount === 0 && totalCount >= options.max
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
 * @returns undefined when no connection can be opened, or none answers in time
 */
export async function queryOutsidePool(queryRunner: QueryRunner, sql: string): Promise<readonly unknown[] | undefined> {
  const pool = poolOf(queryRunner.connection)
  if (pool?.Client === undefined) return undefined
  // A pooler may have no second connection to the server, and let this one wait.
  const limits = { connectionTimeoutMillis: answerTimeout, query_timeout: answerTimeout }
  const client = new pool.Client({ ...pool.options, ...limits })
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
