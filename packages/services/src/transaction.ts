import type { DataSource, EntityManager, QueryRunner } from 'typeorm'

/** The last transaction that was queued for a query runner. */
const queues = new WeakMap<QueryRunner, Promise<unknown>>()

/**
 * Runs work in a transaction of its own, one after the other where there is only one connection.
 *
 * With SQLite, TypeORM hands the same query runner, and so the same connection, to everybody: two transactions begun at the
 * same moment would become one, or fail ("cannot start a transaction within a transaction"). With PostgreSQL every
 * transaction gets a query runner of its own, and nobody waits.
 */
export async function inTransaction<T>(
  dataSource: DataSource,
  work: (manager: EntityManager) => Promise<T>,
): Promise<T> {
  const runner = dataSource.createQueryRunner()
  const before = queues.get(runner) ?? Promise.resolve()
  const turn = before.then(async () => {
    try {
      return await runner.manager.transaction(work)
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
