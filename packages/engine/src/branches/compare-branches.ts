import type { MigratorContext } from '../project/context'
import { databasePair, diffOf } from '../create/diff'
import { schemasAlong } from '../shadow/schemas'
import type { Dialect } from '../dialect/dialect'
import { type AludelError, isAludelError } from '../errors'
import { describeOperation } from '../operations'
import type { Operation } from '../operations/operation'
import type { BranchesResult, Conflict } from '../results'
import type { Revision } from '../revision/revision'
import type { Schema } from '../schema/schema'
import { mergeConflicts, type RevisionChanges, sameObjects, touching } from './conflicts'
import { writesRows } from './row-writes'
import { touchesOf } from './touches'

/** The revisions below both heads, and those below only one of them, in run order. */
interface Fork {
  readonly common: readonly Revision[]
  readonly branches: readonly [readonly Revision[], readonly Revision[]]
}

/**
 * Finds out whether branches commute: on a shadow database of every dialect, both are applied in either order, and the
 * resulting schemas are compared. An object that both touch is a conflict even if the results are equal, because one of
 * the changes may have been meant to be the last.
 *
 * Rows are not compared: the result names the revisions that write rows, whose order may matter.
 *
 * @param heads ids; each pair is compared
 * @throws AludelError `ALUDEL_REPLAY` when a branch cannot be applied at all
 */
export async function compareBranches(
  context: MigratorContext,
  heads: readonly string[],
): Promise<readonly BranchesResult[]> {
  const results: BranchesResult[] = []
  for (const [index, first] of heads.entries()) {
    for (const second of heads.slice(index + 1)) results.push(await comparePair(context, first, second))
  }
  return results
}

async function comparePair(context: MigratorContext, first: string, second: string): Promise<BranchesResult> {
  const fork = await forkOf(context, first, second)
  const conflicts: Conflict[] = []
  const writing = new Set<string>()
  for (const dialect of await context.connection.dialects()) {
    context.reporter.progress(`applying ${first} and ${second} in both orders on ${dialect.name}`)
    conflicts.push(...(await conflictsOn(context, dialect, fork)))
    for (const revision of fork.branches.flat()) if (await writesRows(dialect, revision)) writing.add(revision.id)
  }
  const merged = mergeConflicts(conflicts)
  return {
    heads: [first, second],
    commute: merged.every(({ kind }) => kind === 'same'),
    conflicts: merged,
    ...(writing.size === 0 ? {} : { writesRows: [...writing] }),
  }
}

async function forkOf(context: MigratorContext, first: string, second: string): Promise<Fork> {
  const { graph } = await context.revisions.read()
  const [one, other] = [first, second].map((id) => graph.ancestors([id], { dependencies: true }))
  const pick = (belongs: (id: string) => boolean): readonly Revision[] => graph.order.filter(({ id }) => belongs(id))
  const isOne = (id: string): boolean => one?.has(id) === true
  const isOther = (id: string): boolean => other?.has(id) === true
  return {
    common: pick((id) => isOne(id) && isOther(id)),
    branches: [pick((id) => isOne(id) && !isOther(id)), pick((id) => isOther(id) && !isOne(id))],
  }
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
