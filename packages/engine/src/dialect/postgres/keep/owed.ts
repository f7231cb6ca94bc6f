import type { Queryable } from '../../queryable'
import { quote } from '../names'
import type { Demand } from './down-statements'
import type { TablePlace } from './places'
import { refuseDuplicates } from './unique-keys'

/** What the statement that added a column demanded of it, and was sent without: the names of the constraints, where they have some. */
export type Owed = ReadonlyMap<Demand['kind'], string | undefined>

/**
 * Demands it of a column that has its values again.
 *
 * @throws AludelError `ALUDEL_GIVE_BACK` if rows share a value of a unique key
 */
export async function demandOwed(
  database: Queryable,
  revision: string,
  { table, column, owed }: { readonly table: TablePlace; readonly column: string; readonly owed: Owed },
): Promise<void> {
  if (owed.has('not null')) await setNotNull(database, table, column, owed.get('not null'))
  for (const kind of ['primary key', 'unique'] as const) {
    if (!owed.has(kind)) continue
    await refuseDuplicates(database, revision, table, [column])
    const name = owed.get(kind)
    await database.query(
      `ALTER TABLE ${table.sql} ADD ${name === undefined ? '' : `CONSTRAINT ${quote(name)} `}${kind.toUpperCase()} (${quote(column)})`,
    )
  }
}

/** @param name of the constraint, which servers before version 18 do not have */
export async function setNotNull(
  database: Queryable,
  table: TablePlace,
  column: string,
  name: string | undefined,
): Promise<void> {
  const [server] = (await database.query(
    `SELECT current_setting('server_version_num')::integer >= 180000 AS "namesIt"`,
  )) as { namesIt: boolean }[]
  await database.query(
    name !== undefined && server?.namesIt === true
      ? `ALTER TABLE ${table.sql} ADD CONSTRAINT ${quote(name)} NOT NULL ${quote(column)}`
      : `ALTER TABLE ${table.sql} ALTER COLUMN ${quote(column)} SET NOT NULL`,
  )
}
