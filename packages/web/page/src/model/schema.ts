import type { SchemaDocument, TableDocument } from '../../../src/api/types'

/** A column with what it takes part in. */
export interface ColumnKeys {
  readonly primary: boolean
  /** The table that it refers to. */
  readonly refersTo: string | undefined
  readonly unique: boolean
}

/** What each column of a table takes part in, by name. */
export function keysOf(table: TableDocument): ReadonlyMap<string, ColumnKeys> {
  return new Map(
    table.columns.map(({ name }) => [
      name,
      {
        primary: table.primaryKey?.columns.includes(name) ?? false,
        refersTo: table.foreignKeys.find((key) => key.columns.includes(name))?.table,
        unique:
          isAlone(name, table.uniques) ||
          isAlone(
            name,
            table.indexes.filter((index) => index.unique),
          ),
      },
    ]),
  )
}

function isAlone(name: string, keys: readonly { readonly columns: readonly string[] }[]): boolean {
  return keys.some(({ columns }) => columns.length === 1 && columns[0] === name)
}

/** A foreign key as seen from the table that it leads to. */
export interface Referrer {
  readonly table: string
  readonly columns: readonly string[]
  readonly references: readonly string[]
}

/** The foreign keys of other tables, and its own, that lead to a table. */
export function referrersOf(schema: SchemaDocument, table: string): readonly Referrer[] {
  return schema.tables.flatMap((other) =>
    other.foreignKeys
      .filter((key) => key.table === table)
      .map(({ columns, references }) => ({ table: other.name, columns, references })),
  )
}

/** A type as it is usually said: catalogs print the long names of the standard. */
export function shortType(type: string): string {
  return type
    .replace(/\bcharacter varying\b/g, 'varchar')
    .replace(/\bcharacter\b/g, 'char')
    .replace(/\btimestamp(\(\d\))? with time zone\b/g, 'timestamptz$1')
    .replace(/\btimestamp(\(\d\))? without time zone\b/g, 'timestamp$1')
    .replace(/\btime(\(\d\))? with time zone\b/g, 'timetz$1')
    .replace(/\btime(\(\d\))? without time zone\b/g, 'time$1')
    .replace(/\bdouble precision\b/g, 'float8')
}

/** What an operation does to a schema, for a sign before it. */
export function signOf(op: string): 'add' | 'drop' | 'change' {
  if (/^(?:create|add)/.test(op)) return 'add'
  return op.startsWith('drop') ? 'drop' : 'change'
}
