import type { MigratorContext } from '../project/context'
import type { Dialect } from '../dialect/dialect'
import type { BranchesResult, Conflict } from '../results'
import type { Revision } from '../revision/revision'
import { toolVersion } from '../version'
import { type Fork, KnownVerdicts, type Verdict } from './known-verdicts'
import { mergeConflicts } from './merge-conflicts'

/**
 * Finds out whether branches commute: on a shadow database of every dialect, both are applied in either order, and the
 * resulting schemas are compared. An object that both touch is a conflict even if the results are equal, because one of
 * the changes may have been meant to be the last.
 *
 * Rows are not compared: the result names the revisions that write rows, whose order may matter.
 *
 * What an earlier command found out about the same files, on the same version of the server, is not found out again.
 *
 * @param heads ids; each pair is compared
 * @throws AludelError `ALUDEL_REPLAY` when a branch cannot be applied at all
 */
export async function compareBranches(
  context: MigratorContext,
  heads: readonly string[],
): Promise<readonly BranchesResult[]> {
  if (heads.length < 2) return []
  const known = new KnownVerdicts(context.cacheDirectory, context.root, toolVersion)
  const results: BranchesResult[] = []
  for (const [index, first] of heads.entries()) {
    for (const second of heads.slice(index + 1)) results.push(await comparePair(context, first, second, known))
  }
  known.save()
  return results
}

async function comparePair(
  context: MigratorContext,
  first: string,
  second: string,
  known: KnownVerdicts,
): Promise<BranchesResult> {
  const fork = await forkOf(context, first, second)
  const conflicts: Conflict[] = []
  const writing = new Set<string>()
  for (const dialect of await context.connection.dialects()) {
    const verdict = await verdictOn(context, dialect, fork, known)
    conflicts.push(...verdict.conflicts)
    for (const id of verdict.writing) writing.add(id)
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

/** The verdict of an earlier command, or a new one. */
async function verdictOn(
  context: MigratorContext,
  dialect: Dialect,
  fork: Fork,
  known: KnownVerdicts,
): Promise<Verdict> {
  const shadows = await context.shadows()
  const compared = {
    ...fork,
    dialect: dialect.name,
    server: (await shadows.server(dialect)).setting,
    ignoreTables: await context.connection.ignoreTables(),
    ignore: context.options.ignore ?? [],
  }
  const found = known.find(compared)
  if (found !== undefined) return found
  const verdict = await bothOrders().applyInBothOrders(context, dialect, fork)
  known.keep(compared, verdict)
  return verdict
}

/** Loaded only if a verdict is not known; `require` as in lazy.ts. */
// eslint-disable-next-line @typescript-eslint/no-require-imports
const bothOrders = () => require('./both-orders') as typeof import('./both-orders')
