import type { Operation, OperationOf } from '../operations/operation'
import { sortViews, viewsReading } from '../schema/dependents'
import { mentionsName } from '../schema/expressions'
import { LineageOfNames } from './lineage-of-names'
import { findTable, type ObjectName, sameName, type Schema, type View } from '../schema/schema'

/**
 * The operations with those on views planned anew, so that no view stands in the way of the others: what reads a table
 * or column that goes, or a column that changes its type, what reads a changed view, and what changed itself and reads something
 * that is renamed, is dropped before and made after. Only what nothing reads is replaced in place.
 *
 * @param from the schema before all operations, renames included
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
    views.gone.some((name) => sameName(name, view)) ? [] : [wanted(view) ?? view],
  )
  const replaced = views.replaced.filter((operation) => !isDropped(operation.from))
  const created = sortViews([...views.come, ...again, ...replaced.map((operation) => operation.to)])
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

/** Its indexes and triggers are made with it. */
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
  /** What no view may read while it changes: a table that goes, a column that goes or gets another type. */
  readonly blocked: readonly { readonly relation: ObjectName; readonly column?: string }[]
  /** Tables that are renamed or have a column renamed: the database follows, but a new text cannot be put in place. */
  readonly renamed: readonly ObjectName[]
  /** Tables whose name, or that of a column of theirs, something else has afterwards: a text that stays means another thing. */
  readonly succeeded: readonly ObjectName[]
}

/** Under the names that tables and columns have in `from`, which are those in the texts of its views. */
function touchedRelations(operations: readonly Operation[], from: Schema, to: Schema): Touched {
  const blocked: { relation: ObjectName; column?: string }[] = []
  const renamed: ObjectName[] = []
  for (const operation of operations) {
    if (operation.op === 'renameTable') renamed.push(operation.table)
    if (operation.op === 'renameColumn') renamed.push(originalTable(operations, operation.table))
    if (operation.op === 'dropTable') blocked.push({ relation: originalTable(operations, operation.table) })
    if (operation.op === 'dropColumn' || (operation.op === 'alterColumn' && changesType(operation))) {
      const { table } = operation
      const { name } = operation.op === 'dropColumn' ? operation.column : operation.from
      blocked.push({ relation: originalTable(operations, table), column: originalColumn(operations, table, name) })
    }
  }
  return { blocked, renamed, succeeded: renamed.length === 0 ? [] : succeeded(operations, from, to) }
}

function succeeded(operations: readonly Operation[], from: Schema, to: Schema): ObjectName[] {
  const names = new LineageOfNames(from)
  for (const operation of operations) names.follow(operation)
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

function originalTable(operations: readonly Operation[], name: ObjectName): ObjectName {
  return operations.reduceRight(
    (now, operation) => (operation.op === 'renameTable' && sameName(operation.to, now) ? operation.table : now),
    name,
  )
}

function originalColumn(operations: readonly Operation[], table: ObjectName, name: string): string {
  return operations.reduceRight(
    (now, operation) =>
      operation.op === 'renameColumn' && sameName(operation.table, table) && operation.to === now
        ? operation.from
        : now,
    name,
  )
}

function isBlocked(view: View, blocked: Touched['blocked']): boolean {
  return blocked.some(
    ({ relation, column }) =>
      view.dependsOn.some((read) => sameName(read, relation)) &&
      (column === undefined || mentionsName(view.definition, column)),
  )
}

interface ViewOperations {
  readonly gone: readonly View[]
  readonly come: readonly View[]
  readonly changed: readonly View[]
  readonly replaced: readonly OperationOf<'replaceView'>[]
}

/** What the operations mean for the views, told from `from`: a view dropped and created has changed. */
function viewOperations(operations: readonly Operation[], from: Schema): ViewOperations {
  const original = (name: ObjectName): View[] => from.views.filter((view) => sameName(view, name))
  const dropped = operations.flatMap((operation) => (operation.op === 'dropView' ? original(operation.definition) : []))
  const created = operations.flatMap((operation) => (operation.op === 'createView' ? [operation.definition] : []))
  const isIn = (list: readonly View[], name: ObjectName): boolean => list.some((view) => sameName(view, name))
  const replaced = operations.filter((operation) => operation.op === 'replaceView')
  return {
    gone: dropped.filter((view) => !isIn(created, view)),
    come: created.filter((view) => !isIn(dropped, view)),
    changed: [
      ...dropped.filter((view) => isIn(created, view)),
      ...replaced.flatMap((operation) => original(operation.from)),
    ],
    replaced,
  }
}

/** In the order in which they can be made again. */
function viewsToDrop(
  from: Schema,
  { blocked, renamed, succeeded }: Touched,
  { gone, changed, replaced }: ViewOperations,
): View[] {
  const inPlace = (view: View): boolean => replaced.some((operation) => sameName(operation.from, view))
  const overRenamed = viewsReading(from, renamed).filter((view) => changed.includes(view))
  const read = changed.filter((view) => !inPlace(view) || viewsReading(from, [view]).length > 0)
  const roots = [
    ...gone,
    ...overRenamed,
    ...read,
    ...from.views.filter((view) => isBlocked(view, blocked)),
    ...viewsReading(from, succeeded),
  ]
  return sortViews([...new Set([...roots, ...viewsReading(from, roots)])])
}
