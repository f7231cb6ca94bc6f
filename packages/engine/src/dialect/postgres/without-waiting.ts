import type { Queryable } from '../queryable'
import { contention } from './errors'

/** Milliseconds to wait for a table that another session has locked, before its last known size is taken. */
const sizeTimeout = 500

/** The size of a row `c` of pg_class when it was last vacuumed or analyzed, which is read without a lock. */
export const lastKnownSize = `c.relpages::float8 * current_setting('block_size')::integer`

/**
 * Reads sizes, for which the server locks each table; if another session has locked one, what was last known.
 *
 * @param now sends queries in a transaction that ends afterwards
 */
export async function withoutWaiting<T>(
  database: Queryable,
  now: () => Promise<T>,
  lastKnown: () => Promise<T>,
): Promise<T> {
  await database.query('BEGIN READ ONLY')
  try {
    await database.query(`SET LOCAL lock_timeout = ${String(sizeTimeout)}`)
    return await now()
  } catch (error) {
    if (contention(error) !== 'lock timeout') throw error
  } finally {
    await database.query('ROLLBACK')
  }
  return lastKnown()
}
