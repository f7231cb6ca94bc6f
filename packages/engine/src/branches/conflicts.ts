import type { DialectName } from '../dialect/registry'
import { describeOperation } from '../operations'
import type { Operation } from '../operations/operation'
import type { Conflict, ConflictSide } from '../results'
import type { Revision } from '../revision/revision'
import { type Touch, touchesOf } from './touches'

/** The operations of one revision in one dialect. */
export interface RevisionChanges {
  readonly revision: Revision
  readonly operations: readonly Operation[]
}

/** The objects that both branches touch, in one dialect. A table that one branch drops conflicts with all its parts. */
export function sameObjects(
  dialect: DialectName,
  first: readonly RevisionChanges[],
  second: readonly RevisionChanges[],
): readonly Conflict[] {
  const [ours, theirs] = [touchedBy(first), touchedBy(second)]
  const objects = new Set<string>()
  for (const one of ours) {
    for (const other of theirs) {
      if (!meet(one.touch, other.touch)) continue
      objects.add((one.touch.isWhole === true ? one : other.touch.isWhole === true ? other : one).touch.object)
    }
  }
  return [...objects].map((object) => ({
    kind: 'same',
    object,
    dialects: [dialect],
    sides: [sidesOf(ours, object, theirs), sidesOf(theirs, object, ours)],
  }))
}

/** The revisions that touch one of the tables, or a part of it. */
export function touching(changes: readonly RevisionChanges[], tables: ReadonlySet<string>): readonly ConflictSide[] {
  return group(touchedBy(changes).filter(({ touch }) => touch.table !== undefined && tables.has(touch.table)))
}

interface Touched {
  readonly revision: Revision
  readonly operation: Operation
  readonly touch: Touch
}

function touchedBy(changes: readonly RevisionChanges[]): Touched[] {
  return changes.flatMap(({ revision, operations }) =>
    operations.flatMap((operation) => touchesOf(operation).map((touch) => ({ revision, operation, touch }))),
  )
}

function meet(one: Touch, other: Touch): boolean {
  if (one.object === other.object) return true
  return (one.isWhole === true || other.isWhole === true) && one.table !== undefined && one.table === other.table
}

/** If the other side touches a whole table, this side includes changes of the table's parts. */
function sidesOf(touched: readonly Touched[], object: string, others: readonly Touched[]): readonly ConflictSide[] {
  const whole = others.find(({ touch }) => touch.object === object && touch.isWhole === true)?.touch.table
  return group(touched.filter(({ touch }) => touch.object === object || (whole !== undefined && touch.table === whole)))
}

function group(touched: readonly Touched[]): readonly ConflictSide[] {
  const sides = new Map<string, ConflictSide>()
  for (const { revision, operation } of touched) {
    const known = sides.get(revision.id)?.operations ?? []
    const words = describeOperation(operation)
    const operations = known.includes(words) ? known : [...known, words]
    sides.set(revision.id, { revision: revision.id, path: revision.path, operations })
  }
  return [...sides.values()]
}
