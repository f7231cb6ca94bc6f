import type { DataSource, EntityManager, QueryRunner } from 'typeorm'

/** The last queued transaction of each query runner. */
const queues = new WeakMap<QueryRunner, Promise<unknown>>()

/**
 * Runs work in its own transaction. Transactions on the same connection run one after the other.
 *
 * With SQLite, TypeORM returns the same query runner, and so the same connection, to all callers: two concurrent
 * transactions would become one, or fail ("cannot start a transaction within a transaction"). With PostgreSQL every
 * transaction has its own query runner, and none waits.
 *
 * @param isolation default: that of the database
 */
export async function inTransaction<T>(
  dataSource: DataSource,
  work: (manager: EntityManager) => Promise<T>,
  isolation?: 'REPEATABLE READ',
): Promise<T> {
  const runner = dataSource.createQueryRunner()
  const before = queues.get(runner) ?? Promise.resolve()
  const turn = before.then(async () => {
    try {
      return isolation === undefined
        ? await runner.manager.transaction(work)
        : await runner.manager.transaction(isolation, work)
    } finally {
      await runner.release()
    }
  })
  queues.set(
    runner,
    turn.catch(() => undefined),
  )
  return turn
}
