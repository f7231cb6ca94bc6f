import type { Queryable } from '../../queryable'
import type { KeptEntry } from '../../roles/keeping'
import { quote } from '../names'
import { hiddenColumn, keptSchema, markColumn } from './names'
import { type ColumnPlace, columnsOf, tableById, type TablePlace } from './places'

/** A hidden column of an entry, wherever its table is now. */
export interface Hidden {
  readonly table: TablePlace
  readonly column: ColumnPlace
  readonly columns: readonly ColumnPlace[]
  /** A condition that is true for rows that were inserted since. */
  readonly since: string
}

/** Undefined if it is gone. Its table may itself be kept. */
export async function findHidden(database: Queryable, entry: KeptEntry): Promise<Hidden | undefined> {
  const name = hiddenColumn(entry.id)
  const [row] = (await database.query(
    `SELECT a.attrelid::text AS id FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
     WHERE a.attname = $1 AND NOT a.attisdropped AND c.relkind IN ('r', 'p') AND a.attinhcount = 0
     ORDER BY c.relnamespace = to_regnamespace('${keptSchema}')`,
    [name],
  )) as { id: string }[]
  const table = row === undefined ? undefined : await tableById(database, row.id)
  const columns = table === undefined ? [] : await columnsOf(database, table)
  const column = columns.find((one) => one.name === name)
  if (table === undefined || column === undefined) return undefined
  const mark = columns.find((one) => one.name === markColumn(entry.id))
  return { table, column, columns, since: `${quote(mark?.name ?? name)} IS NULL` }
}
