import { columnsIn } from './expressions'
import { scopeOf } from './normalize'
import { type Index, type ObjectName, sameName, type Schema, type Table, type View } from './schema'

/** True if the expression reads one of the columns. */
export function readsAny(table: Table, sql: string | undefined, columns: ReadonlySet<string>): boolean {
  return sql !== undefined && columns.size > 0 && columnsIn(sql, scopeOf(table)).some((column) => columns.has(column))
}

/** True if the index uses one of the columns: as a key, in INCLUDE, in an expression or in its condition. */
export function indexUses(table: Table, index: Index, columns: ReadonlySet<string>): boolean {
  const named = [...index.keys.flatMap((key) => key.column ?? []), ...(index.include ?? [])]
  return (
    named.some((column) => columns.has(column)) ||
    readsAny(table, index.where, columns) ||
    index.keys.some((key) => readsAny(table, key.expression, columns))
  )
}

/** The views that read one of the relations, directly or through other views, each after the views that it reads. */
export function viewsReading(schema: Schema, relations: readonly ObjectName[]): View[] {
  const found: View[] = []
  const reads = (view: View): boolean =>
    view.dependsOn.some((read) => [...relations, ...found].some((relation) => sameName(relation, read)))
  for (;;) {
    const next = schema.views.filter((view) => !found.includes(view) && reads(view))
    if (next.length === 0) return sortViews(found)
    found.push(...next)
  }
}

/** The views in an order in which each follows the views that it reads. */
export function sortViews(views: readonly View[]): View[] {
  const sorted = new Set<View>()
  const visited = new Set<View>()
  const visit = (view: View): void => {
    if (visited.has(view)) return
    visited.add(view)
    for (const read of view.dependsOn) {
      const other = views.find((candidate) => sameName(candidate, read))
      if (other !== undefined) visit(other)
    }
    sorted.add(view)
  }
  for (const view of views) visit(view)
  return [...sorted]
}
