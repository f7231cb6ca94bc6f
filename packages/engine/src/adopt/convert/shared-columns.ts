import { type Column, displayName, findTable, type Schema, type Table } from '../../schema/schema'
import type { IsUnmanaged } from '../../schema/unmanaged'

/** A column that a database and the revisions both have. */
export interface SharedColumn {
  /** The table in the database. */
  readonly table: Table
  readonly from: Column
  /** The table of the revisions. */
  readonly wanted: Table
  readonly to: Column
  /** `table.column`, as options name it. */
  readonly flag: string
}

/** The columns whose values a conversion keeps; generated and ignored ones have none of their own. */
export function sharedColumns(live: Schema, wanted: Schema, isIgnored: IsUnmanaged): readonly SharedColumn[] {
  return live.tables.flatMap((table) => {
    const other = findTable(wanted, table)
    if (other === undefined || isIgnored('table', undefined, displayName(table))) return []
    return table.columns.flatMap((from): SharedColumn[] => {
      const to = other.columns.find(({ name }) => name === from.name)
      if (to === undefined || isIgnored('column', table, from.name)) return []
      if (from.generated !== undefined || to.generated !== undefined) return []
      return [{ table, from, wanted: other, to, flag: `${displayName(table)}.${from.name}` }]
    })
  })
}
