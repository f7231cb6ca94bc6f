import type { MigratorContext } from '../project/context'
import { databasePair, diffOf } from '../create/diff'
import { schemasAlong } from '../shadow/schemas'
import type { Dialect } from '../dialect/dialect'
import { type AludelError, isAludelError } from '../errors'
import { describeOperation } from '../operations'
import type { Operation } from '../operations/operation'
import type { Conflict } from '../results'
import type { Revision } from '../revision/revision'
import type { Schema } from '../schema/schema'
import { type RevisionChanges, sameObjects, touching } from './conflicts'
import type { Fork, Verdict } from './known-verdicts'
import { writesRows } from './row-writes'
import { touchesOf } from './touches'

/** Applies two branches in either order on a shadow database, and compares the results. */
export async function applyInBothOrders(context: MigratorContext, dialect: Dialect, fork: Fork): Promise<Verdict> {
  const heads = fork.branches.map((branch) => branch.at(-1)?.id ?? '')
  context.reporter.progress(`applying ${heads.join(' and ')} in both orders on ${dialect.name}`)
  const conflicts = await conflictsOn(context, dialect, fork)
  const writing: string[] = []
  for (const revision of fork.branches.flat()) if (await writesRows(dialect, revision)) writing.push(revision.id)
  return { conflicts, writing }
}

/** One order of two branches. */
interface Order {
  /** The changes of the branch that is applied first. */
  readonly changes: readonly RevisionChanges[]
  /** The final schema; absent if the second branch does not run after the first. */
  readonly end?: Schema
  readonly failure?: AludelError
}

async function conflictsOn(
  context: MigratorContext,
  dialect: Dialect,
  { common, branches }: Fork,
): Promise<Conflict[]> {
  const [first, second] = branches
  const orders = [
    await runInOrder(context, dialect, common, first, second),
    await runInOrder(context, dialect, common, second, first),
  ] as const
  const [ours, theirs] = orders
  const conflicts = [...sameObjects(dialect.name, ours.changes, theirs.changes)]
  for (const [index, { failure }] of orders.entries()) {
    if (failure !== undefined) conflicts.push(failed(dialect, failure, branches[index === 0 ? 1 : 0], orders, index))
  }
  if (ours.end !== undefined && theirs.end !== undefined) {
    const { operations } = diffOf(databasePair(context, dialect, ours.end, theirs.end))
    conflicts.push(...differing(dialect, operations, orders))
  }
  return conflicts
}

async function runInOrder(
  context: MigratorContext,
  dialect: Dialect,
  common: readonly Revision[],
  first: readonly Revision[],
  second: readonly Revision[],
): Promise<Order> {
  const base = [...common]
  try {
    const schemas = await schemasAlong(context, dialect, base, [...first, ...second])
    return { changes: changesOf(context, dialect, schemas, first), end: schemas.at(-1) }
  } catch (error) {
    const culprit = isAludelError(error, 'ALUDEL_REPLAY') ? error.details.revision : undefined
    if (!isAludelError(error) || !second.some(({ id }) => id === culprit)) throw error
    const schemas = await schemasAlong(context, dialect, base, first)
    return { changes: changesOf(context, dialect, schemas, first), failure: error }
  }
}

function changesOf(
  context: MigratorContext,
  dialect: Dialect,
  schemas: readonly Schema[],
  branch: readonly Revision[],
): RevisionChanges[] {
  return branch.map((revision, index) => {
    const [before, after] = [schemas[index], schemas[index + 1]]
    const isKnown = before !== undefined && after !== undefined
    return { revision, operations: isKnown ? diffOf(databasePair(context, dialect, before, after)).operations : [] }
  })
}

/** The conflict of a second branch that does not run after the first; names revisions that touch the same tables. */
function failed(
  dialect: Dialect,
  failure: AludelError,
  second: readonly Revision[],
  orders: readonly [Order, Order],
  index: number,
): Conflict {
  const culprit = second.find(({ id }) => id === failure.details['revision'])
  const [before, after] = index === 0 ? orders : [orders[1], orders[0]]
  const own = after.changes.filter(({ revision }) => revision === culprit)
  const tables = new Set(own.flatMap(({ operations }) => tablesOf(operations)))
  const earlier = touching(before.changes, tables)
  const side = touching(own, tables)
  const late =
    side.length > 0 || culprit === undefined ? side : [{ revision: culprit.id, path: culprit.path, operations: [] }]
  return {
    kind: 'fails',
    object: failure.message,
    dialects: [dialect.name],
    sides: index === 0 ? [earlier, late] : [late, earlier],
  }
}

/** The objects whose final definition depends on the order of the branches. */
function differing(
  dialect: Dialect,
  operations: readonly Operation[],
  [ours, theirs]: readonly [Order, Order],
): Conflict[] {
  return operations.map((operation) => {
    const tables = new Set(tablesOf([operation]))
    const words = describeOperation(operation)
    return {
      kind: 'order',
      object: words.slice(words.indexOf(' ') + 1),
      dialects: [dialect.name],
      sides: [touching(ours.changes, tables), touching(theirs.changes, tables)],
    }
  })
}

function tablesOf(operations: readonly Operation[]): string[] {
  return operations.flatMap((operation) => touchesOf(operation).flatMap(({ table }) => table ?? []))
}
