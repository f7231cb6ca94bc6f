import { setTimeout as wait } from 'node:timers/promises'
import type { DataSource, EntityManager } from 'typeorm'
import { dialectOf } from './dialect'
import { inTransaction } from './transaction'

/**
 * Where a service works: on a `DataSource`, in transactions of its own, or on the `EntityManager` of a transaction, as a part of it.
 *
 * @example
 * await dataSource.transaction(async (manager) => {
 *   const { id } = await new WorkflowService(manager).create({ type: 'validation' })
 *   await manager.save(Order, { workflowId: id }) // both, or none
 * })
 */
export type Source = DataSource | EntityManager

/** The manager for a single statement, or for reading. */
export function managerOf(source: Source): EntityManager {
  return isDataSource(source) ? source.manager : source
}

/**
 * Runs work that must happen as a whole: in the transaction of the caller, or in one of its own. One of its own that was rolled back
 * because of another writer is tried again: SQLite has one writer at a time, and refuses the second of two transactions that have
 * read before they write; PostgreSQL ends one of two that wait for each other.
 *
 * @param work may run several times
 */
export async function atomically<T>(source: Source, work: (manager: EntityManager) => Promise<T>): Promise<T> {
  if (!isDataSource(source) && source.queryRunner?.isTransactionActive === true) return work(source)
  const dataSource = isDataSource(source) ? source : source.connection
  for (let tries = 1; ; tries += 1) {
    try {
      return await inTransaction(dataSource, work)
    } catch (error) {
      if (tries === mostTries || !isContention(error)) throw error
    }
    // Not together with the other one again.
    await wait(Math.random() * firstDelayMs * 2 ** tries)
  }
}

/**
 * Reads with several statements what one moment had: in the transaction of the caller, or in one of its own.
 *
 * @param work changes nothing
 */
export async function atOneMoment<T>(source: Source, work: (manager: EntityManager) => Promise<T>): Promise<T> {
  if (!isDataSource(source) && source.queryRunner?.isTransactionActive === true) return work(source)
  const dataSource = isDataSource(source) ? source : source.connection
  return inTransaction(dataSource, work, dialectOf(dataSource.manager).snapshot)
}

/** With delays that double from 5 ms: for two seconds or so. */
const mostTries = 9
const firstDelayMs = 5

/** https://www.sqlite.org/rescode.html#busy, https://www.postgresql.org/docs/current/errcodes-appendix.html */
function isContention(error: unknown): boolean {
  const { code } = (error ?? {}) as { readonly code?: unknown }
  return typeof code === 'string' && (/^SQLITE_(BUSY|LOCKED)/.test(code) || code === '40001' || code === '40P01')
}

function isDataSource(source: Source): source is DataSource {
  return 'manager' in source
}
