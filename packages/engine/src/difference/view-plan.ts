import type { Operation, OperationOf } from '../operations/operation'
import { sortViews, viewsReading } from '../schema/dependents'
import { mentionsName } from '../schema/expressions'
import { LineageOfNames } from './lineage-of-names'
import { findTable, type ObjectName, sameName, type Schema, type View } from '../schema/schema'

/**
 * The operations with those on views planned again, so that no view blocks another operation. A view is dropped before
 * the others and created after them if it reads a dropped table or column, a column whose type changes, or a changed
 * view, or if it has changed and reads something that is renamed. A view is only replaced if no other view reads it.
 *
 * @param from the schema before all operations, including renames
 * @param to the schema after them
 */
export function planViews(operations: readonly Operation[], from: Schema, to: Schema): Operation[] {
  const touched = touchedRelations(operations, from, to)
  const views = viewOperations(operations, from)
  const dropped = viewsToDrop(from, touched, views)
  const isDropped = (name: ObjectName): boolean => dropped.some((view) => sameName(view, name))
  const isMadeAgain = (name: ObjectName): boolean => again.some((view) => sameName(view, name))
  const wanted = (name: ObjectName): View | undefined => to.views.find((view) => sameName(view, name))
  const again = dropped.flatMap((view) =>
    views.removed.some((name) => sameName(name, view)) ? [] : [wanted(view) ?? view],
  )
  const replaced = views.replaced.filter((operation) => !isDropped(operation.from))
  const created = sortViews([...views.added, ...again, ...replaced.map((operation) => operation.to)])
  const rest = operations.filter(
    (operation) => !isViewOperation(operation) && !(isPartOfView(operation) && isMadeAgain(operation.table)),
  )
  return [
    ...[...dropped].reverse().map((definition): Operation => ({ op: 'dropView', definition })),
    ...rest,
    ...created.map(
      (view) =>
        replaced.find((operation) => operation.to === view) ?? ({ op: 'createView', definition: view } as const),
    ),
  ]
}

function isViewOperation({ op }: Operation): boolean {
  return op === 'createView' || op === 'dropView' || op === 'replaceView'
}

/** True for operations on indexes and triggers, which are created with their view. */
function isPartOfView(operation: Operation): operation is OperationOf<(typeof partsOfView)[number]> {
  return partsOfView.some((op) => op === operation.op)
}

const partsOfView = [
  'createIndex',
  'dropIndex',
  'renameIndex',
  'createTrigger',
  'dropTrigger',
  'replaceTrigger',
] as const

interface Touched {
  /** What no view may read during the change: dropped tables and columns, and columns whose type changes. */
  readonly blocked: readonly { readonly relation: ObjectName; readonly column?: string }[]
  /** Tables that are renamed or have a renamed column: the database renames in the text of a view, so it cannot be replaced. */
  readonly renamed: readonly ObjectName[]
  /** Tables whose name, or the name of a column, something else takes: the text of a view would mean something else. */
  readonly succeeded: readonly ObjectName[]
}

/** What the operations touch, under the names in `from`, which the texts of its views contain. */
function touchedRelations(operations: readonly Operation[], from: Schema, to: Schema): Touched {
  const blocked: { relation: ObjectName; column?: string }[] = []
  const renamed: ObjectName[] = []
  const names = new LineageOfNames(from)
  for (const operation of operations) {
    const relation = 'table' in operation ? names.originalTable(operation.table) : undefined
    if (relation !== undefined) {
      if (operation.op === 'renameTable' || operation.op === 'renameColumn') renamed.push(relation)
      if (operation.op === 'dropTable') blocked.push({ relation })
      if (operation.op === 'dropColumn' || (operation.op === 'alterColumn' && changesType(operation))) {
        const { name } = operation.op === 'dropColumn' ? operation.column : operation.from
        blocked.push({ relation, column: names.originalColumn(operation.table, name)?.column ?? name })
      }
    }
    names.follow(operation)
  }
  return { blocked, renamed, succeeded: renamed.length === 0 ? [] : succeeded(names, from, to) }
}

function succeeded(names: LineageOfNames, from: Schema, to: Schema): ObjectName[] {
  return from.tables.filter((table) => {
    const now = names.tableNow(table)
    if (now === undefined) return false
    if (!sameName(now, table) && findTable(to, table) !== undefined) return true
    const after = findTable(to, now)?.columns ?? []
    return table.columns.some(({ name }) => {
      const column = names.columnNow(table, name)
      return column !== undefined && column !== name && after.some((other) => other.name === name)
    })
  })
}

function changesType({ from, to }: OperationOf<'alterColumn'>): boolean {
  return from.type !== to.type || from.collation !== to.collation
}

function isBlocked(view: View, blocked: Touched['blocked']): boolean {
  return blocked.some(
    ({ relation, column }) =>
      view.dependsOn.some((read) => sameName(read, relation)) &&
      (column === undefined || mentionsName(view.definition, column)),
  )
}

interface ViewOperations {
  readonly removed: readonly View[]
  readonly added: readonly View[]
  readonly changed: readonly View[]
  readonly replaced: readonly OperationOf<'replaceView'>[]
}

/** The operations on views, compared with `from`: a view that is dropped and created has changed. */
function viewOperations(operations: readonly Operation[], from: Schema): ViewOperations {
  const original = (name: ObjectName): View[] => from.views.filter((view) => sameName(view, name))
  const dropped = operations.flatMap((operation) => (operation.op === 'dropView' ? original(operation.definition) : []))
  const created = operations.flatMap((operation) => (operation.op === 'createView' ? [operation.definition] : []))
  const isIn = (list: readonly View[], name: ObjectName): boolean => list.some((view) => sameName(view, name))
  const replaced = operations.filter((operation) => operation.op === 'replaceView')
  return {
    removed: dropped.filter((view) => !isIn(created, view)),
    added: created.filter((view) => !isIn(dropped, view)),
    changed: [
      ...dropped.filter((view) => isIn(created, view)),
      ...replaced.flatMap((operation) => original(operation.from)),
    ],
    replaced,
  }
}

/** The views to drop, in an order in which they can be created again. */
function viewsToDrop(
  from: Schema,
  { blocked, renamed, succeeded }: Touched,
  { removed, changed, replaced }: ViewOperations,
): View[] {
  const inPlace = (view: View): boolean => replaced.some((operation) => sameName(operation.from, view))
  const overRenamed = viewsReading(from, renamed).filter((view) => changed.includes(view))
  const read = changed.filter((view) => !inPlace(view) || viewsReading(from, [view]).length > 0)
  const roots = [
    ...removed,
    ...overRenamed,
    ...read,
    ...from.views.filter((view) => isBlocked(view, blocked)),
    ...viewsReading(from, succeeded),
  ]
  return sortViews([...new Set([...roots, ...viewsReading(from, roots)])])
}
