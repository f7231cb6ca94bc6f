import { AludelError } from '../errors'
import { displayName, findTable, type ObjectName, sameName, type Schema, type Table } from '../schema/schema'

/** The error of an operation that does not fit the schema it is applied to. */
export function misfit(message: string): AludelError {
  return new AludelError('ALUDEL_OPERATION', `an operation does not fit the schema: ${message}`, {
    help: 'Operations apply in the order in which `compare` gives them, to the schema they were made from.',
  })
}

export function requireTable(schema: Schema, name: ObjectName): Table {
  const table = findTable(schema, name)
  if (table === undefined) throw misfit(`there is no table ${displayName(name)}`)
  return table
}

/** The schema with one table replaced. */
export function editTable(schema: Schema, name: ObjectName, edit: (table: Table) => Table): Schema {
  requireTable(schema, name)
  return { ...schema, tables: schema.tables.map((table) => (sameName(table, name) ? edit(table) : table)) }
}

export function requireColumn(table: Table, name: string): Table['columns'][number] {
  const column = table.columns.find((candidate) => candidate.name === name)
  if (column === undefined) throw misfit(`${displayName(table)} has no column ${name}`)
  return column
}

/** Throws unless the schema `name.schema` exists. */
export function requireSchema(schema: Schema, name: ObjectName): void {
  if (name.schema !== undefined && !schema.schemas.includes(name.schema))
    throw misfit(`there is no schema ${name.schema}`)
}

/** Throws when a table, view, sequence or index of that name exists: they share one namespace. */
export function requireFreeName(schema: Schema, name: ObjectName): void {
  requireSchema(schema, name)
  const indexed = [...schema.tables, ...schema.views]
  const taken =
    [...indexed, ...schema.sequences].some((other) => sameName(other, name)) ||
    indexed.some((owner) => owner.schema === name.schema && owner.indexes.some((index) => index.name === name.name))
  if (taken) throw misfit(`${displayName(name)} exists already`)
}

/** The list without the item at `index`; throws `missing` when there is none. */
export function without<T>(items: readonly T[], index: number, missing: string): T[] {
  if (index < 0) throw misfit(missing)
  return items.filter((_, at) => at !== index)
}

/** An object name and nothing else, whatever else the value holds. */
export function nameOnly(value: ObjectName): ObjectName {
  return value.schema === undefined ? { name: value.name } : { schema: value.schema, name: value.name }
}

/** The value with another name (and schema, or none). */
export function renamed<T extends ObjectName>(value: T, name: ObjectName): T {
  if (name.schema !== undefined) return { ...value, ...nameOnly(name) }
  const { schema: _schema, ...rest } = value
  return { ...rest, name: name.name } as T
}
