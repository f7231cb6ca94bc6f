import type { DataSource } from 'typeorm'

import { displayName, type Schema } from '../../../src/schema/schema'

/**
 * The renames that the author of the change would confirm, from the names that TypeORM gives to the tables and columns of the
 * same classes and properties. The keys are the old name of a table, or the new table name and the old column name.
 */
export function renamesOf(live: DataSource, wanted: DataSource): ReadonlyMap<string, string> {
  const [was, is] = [namesOf(live), namesOf(wanted)]
  const renamed = new Map<string, string>()
  for (const [key, old] of was) {
    const now = is.get(key)
    if (now === undefined) continue
    if (old.column === undefined) {
      if (old.table !== now.table) renamed.set(old.table, now.table)
    } else if (now.column !== undefined && old.column !== now.column) {
      renamed.set(JSON.stringify([now.table, old.column]), now.column)
    }
  }
  return renamed
}

function namesOf({ entityMetadatas }: DataSource): Map<string, { readonly table: string; readonly column?: string }> {
  const names = new Map<string, { readonly table: string; readonly column?: string }>()
  for (const metadata of entityMetadatas) {
    if (metadata.tableType === 'view') continue
    const relation = metadata.isJunction ? metadata.ownColumns[0]?.referencedColumn?.entityMetadata.name : undefined
    const owner = entityMetadatas
      .flatMap(({ ownRelations }) => ownRelations)
      .find(({ junctionEntityMetadata }) => junctionEntityMetadata === metadata)
    const key = metadata.isJunction
      ? `${owner?.entityMetadata.name ?? relation ?? ''}.${owner?.propertyName ?? 'closure'} junction`
      : metadata.name
    const table = metadata.schema === undefined ? metadata.tableName : `${metadata.schema}.${metadata.tableName}`
    names.set(key, { table })
    for (const [place, column] of metadata.ownColumns.entries()) {
      const property = metadata.isJunction
        ? String(place)
        : (column.relationMetadata?.propertyName ?? column.propertyPath)
      const part = column.referencedColumn?.propertyName ?? ''
      names.set(`${key} ${property} ${part}`, { table, column: column.databaseName })
    }
  }
  return names
}

/** Flags for renames that raise no question: names that swap or move along a chain, or that a dropped object leaves free. */
export function flagsFor(
  live: DataSource,
  wanted: DataSource,
  from: Schema,
  to: Schema,
): { readonly rename: readonly string[]; readonly noRename: readonly string[] } {
  const [was, is] = [namesOf(live), namesOf(wanted)]
  const rename = new Set<string>()
  const noRename = new Set<string>()
  const say = (
    items: readonly Renamed[],
    before: ReadonlySet<string>,
    after: ReadonlySet<string>,
    prefix: string,
  ): void => {
    const movers = items.filter(({ old, now }) => now !== undefined && old !== now && before.has(old) && after.has(now))
    const isMover = (name: string): boolean => movers.some(({ old }) => old === name)
    for (const { old, now } of movers) {
      if (now === undefined || (!after.has(old) && !before.has(now))) continue
      rename.add(`${prefix}${old}=${now}`)
      // The previous owner of the name was not renamed, so it is dropped.
      if (before.has(now) && !isMover(now)) noRename.add(`${prefix}${now}`)
    }
  }
  const tables = [...was].flatMap(([key, { table, column }]): Renamed[] =>
    column === undefined ? [{ old: table, now: is.get(key)?.table }] : [],
  )
  const [before, after] = [from, to].map((schema) => new Set(schema.tables.map(displayName)))
  say(tables, before ?? new Set(), after ?? new Set(), '')
  // Flags for columns require that the table is known to be the same.
  for (const { old, now } of tables)
    if (now !== undefined && old !== now && before?.has(old) === true && after?.has(now) === true)
      rename.add(`${old}=${now}`)
  for (const [key, { table: old, column }] of was) {
    const table = is.get(key)?.table
    if (column !== undefined || table === undefined) continue
    const columns = [...was].flatMap(([other, { table: owner, column: name }]): Renamed[] =>
      name !== undefined && owner === old ? [{ old: name, now: is.get(other)?.column }] : [],
    )
    say(columns, columnsOf(from, old), columnsOf(to, table), `${table}.`)
  }
  return { rename: [...rename], noRename: [...noRename] }
}

interface Renamed {
  readonly old: string
  readonly now: string | undefined
}

function columnsOf({ tables }: Schema, name: string): ReadonlySet<string> {
  const table = tables.find((candidate) => displayName(candidate) === name)
  return new Set(table?.columns.map((column) => column.name))
}
