import type { Queryable } from '../../queryable'
import type { KeptEntry } from '../../roles/keeping'
import type { Dropping } from './drop-and-keep'
import type { DropDefinitions } from './dropped'
import { hiddenColumn, keptSchema } from './names'
import { type ColumnPlace, rowsOf, type TablePlace } from './places'
import type { Position } from './sequences'

/** Entries of what one statement drops. */
export interface Entries {
  readonly tables: readonly { readonly table: TablePlace; readonly entry: KeptEntry }[]
  readonly columns: readonly { readonly column: ColumnPlace; readonly entry: KeptEntry }[]
}

/**
 * Adds a row to the registry for each table, column and sequence that a statement drops.
 *
 * @param shared definitions of all that goes, which the first of them gets
 */
export async function addEntries(
  dropping: Dropping,
  tables: readonly TablePlace[],
  columns: readonly ColumnPlace[],
  sequences: readonly Position[],
  shared: DropDefinitions,
): Promise<Entries> {
  const { database, shelf, start } = dropping
  let definitions: DropDefinitions = shared
  const add = async (
    kind: KeptEntry['kind'],
    name: { readonly schema: string | null; readonly name: string },
    column: string | null,
    rows: number,
    more: DropDefinitions,
  ): Promise<KeptEntry> => {
    const { schema, name: table } = name
    const entry = await shelf.add({
      kind,
      schema,
      table,
      column,
      place: '',
      key: [],
      rows,
      definitions: { ...definitions, ...more },
    })
    definitions = {}
    return entry
  }
  const result = { tables: [] as Entries['tables'][number][], columns: [] as Entries['columns'][number][] }
  for (const table of tables) {
    const root = await rootOf(database, table)
    const entry = await add('table', start.tables.get(table.id) ?? table, null, await rowsOf(database, table), { root })
    result.tables.push({ table, entry })
    await shelf.change(entry.id, { place: `${keptSchema}.${String(entry.id)}` })
  }
  for (const column of columns) {
    const { table } = column
    const before = start.tables.get(table.id)
    const entry = await add(
      'column',
      before ?? table,
      before?.columns.get(column.number)?.name ?? column.name,
      await rowsOf(database, table),
      {
        column: {
          type: column.type,
          notNull: column.notNull,
          default: column.default,
          numbered: column.identity !== '' || column.default?.startsWith('nextval(') === true,
        },
      },
    )
    result.columns.push({ column, entry })
    await shelf.change(entry.id, { place: `${table.schema}.${table.name}.${hiddenColumn(entry.id)}` })
  }
  const schema = (await database.query('SELECT current_schema()::text AS name')) as { name: string | null }[]
  for (const sequence of sequences) {
    const isDefault = sequence.schema === schema[0]?.name
    const place = { schema: isDefault ? null : sequence.schema, name: sequence.name }
    const entry = await add('sequence', place, null, 0, {})
    await shelf.change(entry.id, { place: '' })
  }
  // Types that only what is kept needs move without an entry.
  return result
}

/** The table to which rows of a partition can go if it is gone. */
async function rootOf(database: Queryable, table: TablePlace): Promise<DropDefinitions['root']> {
  const [row] = (await database.query(
    `SELECT n.nspname::text AS schema, c.relname::text AS name FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     WHERE c.oid = (SELECT pg_partition_root(p.oid) FROM pg_catalog.pg_class p WHERE p.oid = $1::text::oid AND p.relispartition)`,
    [table.id],
  )) as { schema: string; name: string }[]
  return row ?? null
}
