import { type Column, findTable, nameOf, type ObjectName, sameName, type Schema, type Table } from './schema'

/** The names taken in the namespace of relations, by schema; `''` is the default schema. */
export function namesBySchema({ tables, views, sequences }: Schema): ReadonlyMap<string, ReadonlySet<string>> {
  const names = new Map<string, Set<string>>()
  const add = (schema: string | undefined, ...list: readonly (string | undefined)[]): void => {
    const known = names.get(schema ?? '') ?? new Set<string>()
    for (const name of list) if (name !== undefined) known.add(name)
    names.set(schema ?? '', known)
  }
  for (const { schema, name, indexes } of [...tables, ...views])
    add(schema, name, ...indexes.map((index) => index.name))
  for (const { schema, primaryKey, uniques, exclusions } of tables)
    add(schema, primaryKey?.name, ...[...uniques, ...exclusions].map((key) => key.name))
  for (const { partitions = [] } of tables) for (const { schema, name } of partitions) add(schema, name)
  for (const { schema, name } of [...sequences, ...tables.flatMap(countersOf)]) add(schema, name)
  return names
}

/** The sequences of its serial and identity columns. */
export function countersOf({ columns }: Table): ObjectName[] {
  return columns.flatMap(({ serial, identitySequence }) => serial ?? identitySequence ?? [])
}

/** The column with its sequence renamed. */
export function withCounter(column: Column, rename: (name: ObjectName) => ObjectName): Column {
  const { serial, identitySequence } = column
  return {
    ...column,
    serial: serial && rename(serial),
    identitySequence: identitySequence && rename(identitySequence),
  }
}

/** `to`, in which the sequences of columns that `from` has too keep their names: these names are no difference. */
export function keepCounters(from: Schema, to: Schema): Schema {
  return {
    ...to,
    tables: to.tables.map((table) => {
      const old = findTable(from, table)
      return old === undefined ? table : { ...table, columns: table.columns.map((column) => keepCounter(old, column)) }
    }),
  }
}

function keepCounter({ columns }: Table, column: Column): Column {
  const old = columns.find(({ name }) => name === column.name)
  if (old?.serial !== undefined && column.serial !== undefined) return { ...column, serial: old.serial }
  return old?.identitySequence !== undefined && column.identitySequence !== undefined
    ? { ...column, identitySequence: old.identitySequence }
    : column
}

/** The sequences that move to another schema with the table: those that a column owns. */
export function sequencesAlong(table: Table, { sequences }: Schema): ObjectName[] {
  const owned = sequences.filter(({ ownedBy }) => ownedBy !== undefined && sameName(ownedBy, table))
  return [...owned, ...countersOf(table)].map(nameOf)
}
