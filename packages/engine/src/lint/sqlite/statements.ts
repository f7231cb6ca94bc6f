import { AludelError } from '../../errors'
import type { Loss } from '../../sql/effects'
import { Cursor } from '../../sql/sqlite/cursor'
import { parseColumn } from '../../sql/sqlite/parse-table'
import { fold } from '../../sql/sqlite/tokens'
import type { SqliteCatalog } from './catalog'
import type { SqliteName } from './facts'
import type { SqliteSubject } from './subject'

/** What `read` finds in a statement; undefined for one that cannot be read, which SQLite refuses. */
export function readStatement<Found>(
  { sql, tokens }: Pick<SqliteSubject, 'sql' | 'tokens'>,
  read: (cursor: Cursor) => Found,
): Found | undefined {
  try {
    return read(new Cursor(sql, tokens))
  } catch (error) {
    if (error instanceof AludelError) return undefined
    throw error
  }
}

/** The table of a DROP TABLE. */
export function droppedTable(subject: SqliteSubject): SqliteName | undefined {
  return readStatement(subject, (cursor) => {
    if (!cursor.take('DROP', 'TABLE')) return undefined
    cursor.take('IF', 'EXISTS')
    return subject.catalog.name(cursor.qualifiedName())
  })
}

/**
 * What an ALTER TABLE changes.
 *
 * @param read with a cursor after the name of the table
 */
export function readAlter<Found>(
  subject: SqliteSubject,
  read: (table: SqliteName, cursor: Cursor) => Found,
): Found | undefined {
  return readStatement(subject, (cursor) =>
    cursor.take('ALTER', 'TABLE') ? read(subject.catalog.name(cursor.qualifiedName()), cursor) : undefined,
  )
}

/** The name of a column that ALTER TABLE drops, as it is written. */
export function droppedColumn(
  subject: SqliteSubject,
): { readonly table: SqliteName; readonly column: string } | undefined {
  return readAlter(subject, (table, cursor) => {
    if (!cursor.take('DROP')) return undefined
    if (!cursor.take('COLUMN') && cursor.is('CONSTRAINT')) return undefined
    return { table, column: cursor.name() }
  })
}

/** A column that ALTER TABLE adds. */
export function addedColumn(
  subject: SqliteSubject,
): { readonly table: SqliteName; readonly definition: ReturnType<typeof parseColumn> } | undefined {
  return readAlter(subject, (table, cursor) => {
    if (!cursor.take('ADD')) return undefined
    if (!cursor.take('COLUMN') && (cursor.is('CONSTRAINT') || cursor.is('CHECK'))) return undefined
    return { table, definition: parseColumn(cursor) }
  })
}

/** What the text of a statement loses of a table, whatever its name was before the step. */
export function lossesOf({ effects, catalog }: SqliteSubject, table: SqliteName): readonly Loss[] {
  const [schema, name] = catalog.wasKey(table.key).split('\0')
  const was = schema === 'main' ? name : `${String(schema)}.${String(name)}`
  return effects.destroys.filter((loss) => loss.table !== undefined && fold(loss.table) === was)
}

/** The table of this step that has the rows of one that is about to be dropped. */
export function copyOf(catalog: SqliteCatalog, table: SqliteName): SqliteName | undefined {
  const was = catalog.wasKey(table.key)
  const found = [...catalog.copies].find(([key, { from }]) => from === was && key !== table.key)
  return found === undefined ? undefined : catalog.tables.get(found[0])?.name
}
