import { AludelError } from '../errors'
import {
  type Column,
  displayName,
  nameOf,
  type ObjectName,
  sameName,
  type Schema,
  type Table,
  type View,
} from '../schema/schema'

/** Building blocks of `apply`: edits of a schema, and checks of it. They throw the error of `cannotApply`. */

/** The error of an operation that does not fit the schema it is applied to. */
export function cannotApply(message: string): AludelError {
  return new AludelError('ALUDEL_OPERATION', `an operation does not fit the schema: ${message}`, {
    help: 'Operations apply in the order in which `compare` returns them, to the schema that was compared.',
  })
}

/** @param word the kind of object, for the error: `sequence` */
export function requireNamed<T extends ObjectName>(objects: readonly T[], name: ObjectName, word: string): T {
  const found = objects.find((object) => sameName(object, name))
  if (found === undefined) throw cannotApply(`there is no ${word} ${displayName(name)}`)
  return found
}

export function requireTable(schema: Schema, name: ObjectName): Table {
  return requireNamed(schema.tables, name, 'table')
}

export function requireColumn(table: Table, name: string): Column {
  const column = table.columns.find((candidate) => candidate.name === name)
  if (column === undefined) throw cannotApply(`${displayName(table)} has no column ${name}`)
  return column
}

export function requireColumns(table: Table, columns: readonly string[]): void {
  for (const column of columns) requireColumn(table, column)
}

/** Throws if the column has an enum type that does not exist. */
export function requireTypeOf(column: Column, schema: Schema): void {
  if (column.enum !== undefined) requireNamed(schema.enums, column.enum, 'enum')
}

/** Throws unless the schema `name.schema` exists. */
export function requireSchema(schema: Schema, name: ObjectName): void {
  if (name.schema !== undefined && !schema.schemas.includes(name.schema))
    throw cannotApply(`there is no schema ${name.schema}`)
}

/** Throws if a table, view, sequence or index with this name exists: they share one namespace. */
export function requireFreeName(schema: Schema, name: ObjectName): void {
  requireSchema(schema, name)
  const indexed = [...schema.tables, ...schema.views]
  const taken =
    [...indexed, ...schema.sequences].some((other) => sameName(other, name)) ||
    indexed.some((owner) => owner.schema === name.schema && owner.indexes.some((index) => index.name === name.name))
  if (taken) throw cannotApply(`${displayName(name)} exists already`)
}

/** The schema with one table replaced. */
export function editTable(schema: Schema, name: ObjectName, edit: (table: Table) => Table): Schema {
  requireTable(schema, name)
  return { ...schema, tables: schema.tables.map((table) => (sameName(table, name) ? edit(table) : table)) }
}

/** The schema with one table or view replaced: tables and views share one namespace. */
export function editTableOrView(
  schema: Schema,
  name: ObjectName,
  edit: { readonly table: (table: Table) => Table; readonly view: (view: View) => View },
): Schema {
  requireNamed([...schema.tables, ...schema.views], name, 'table or view')
  return {
    ...schema,
    tables: schema.tables.map((table) => (sameName(table, name) ? edit.table(table) : table)),
    views: schema.views.map((view) => (sameName(view, name) ? edit.view(view) : view)),
  }
}

/** The object under another name, in the schema of that name. */
export function renamed<T extends ObjectName>(value: T, name: ObjectName): T {
  if (name.schema !== undefined) return { ...value, ...nameOf(name) }
  const { schema: _schema, ...rest } = value
  return { ...rest, name: name.name } as T
}
