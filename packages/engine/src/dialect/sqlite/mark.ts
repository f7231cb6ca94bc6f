import { createHash } from 'node:crypto'

import type { Queryable } from '../queryable'

/**
 * All texts of the schema, without what SQLite makes itself: ANALYZE has tables of its own. `PRAGMA schema_version` would be cheaper, but a file that replaces the database may have the same number.
 *
 * @returns 64 hex digits
 */
export async function mark(database: Queryable): Promise<string> {
  const rows = await database.query(
    `SELECT "type", "name", "tbl_name", "sql" FROM "sqlite_master" WHERE "name" NOT GLOB 'sqlite_*'`,
  )
  return createHash('sha256').update(JSON.stringify(rows)).digest('hex')
}
