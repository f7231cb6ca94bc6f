import type { Dialect } from '../dialect/dialect'
import type { MigratorContext } from '../project/context'
import type { RevisionGraph } from '../revision/graph'
import type { Revision } from '../revision/revision'
import type { Schema } from '../schema/schema'
import { schemasAlong } from '../shadow/schemas'

/** What a database may have: some revisions with all that they descend from and depend on, and their schema. */
export interface Candidate {
  /** The applied heads that it would have. */
  readonly heads: readonly Revision[]
  readonly schema: Schema
}

/** A replay: revisions in run order, and the applied heads after each of them that is a state of its own. */
interface Path {
  readonly order: readonly Revision[]
  readonly states: readonly { readonly length: number; readonly heads: readonly Revision[] }[]
}

/**
 * Everything that a database of these revisions may have: all heads first, then the revisions from the newest to the oldest. Replays
 * them once for each branch, or takes the schemas from the cache; a caller that ends early saves the replays of the others.
 *
 * @throws AludelError `ALUDEL_REPLAY`
 */
export async function* candidates(
  context: MigratorContext,
  dialect: Dialect,
  graph: RevisionGraph,
): AsyncGenerator<Candidate> {
  for (const { order, states } of pathsThrough(graph)) {
    const [first] = states
    if (first === undefined) continue
    const schemas = await schemasAlong(context, dialect, order.slice(0, first.length), order.slice(first.length))
    for (const { length, heads } of states.toReversed()) {
      const schema = schemas[length - first.length]
      if (schema !== undefined) yield { heads, schema }
    }
  }
}

/**
 * The replays after which every revision was once the newest of its line. The first one, of the heads alone, is one that other
 * commands have cached.
 */
export function pathsThrough(graph: RevisionGraph): readonly Path[] {
  if (graph.size === 0) return []
  const heads = graph.currentOf(idsOf(graph.order))
  const whole: Path = { order: graph.order, states: [{ length: graph.size, heads }] }
  const [head, ...others] = heads
  const open = new Set(idsOf(graph.order))
  if (others.length === 0 && head !== undefined) open.delete(head.id)
  const paths: Path[] = [whole]
  for (const newest of graph.order.toReversed()) {
    if (!open.has(newest.id)) continue
    const order = graph.sort(ancestorsOf(graph, newest))
    const states = order.flatMap((revision, index) =>
      // With several branches, the schema in the middle of a replay may be that of no single revision.
      open.has(revision.id) && ancestorsOf(graph, revision).size === index + 1
        ? [{ length: index + 1, heads: [revision] }]
        : [],
    )
    for (const { heads } of states) for (const { id } of heads) open.delete(id)
    paths.push({ order, states })
  }
  return paths
}

function ancestorsOf(graph: RevisionGraph, { id }: Revision): ReadonlySet<string> {
  return graph.ancestors([id], { dependencies: true })
}

function idsOf(revisions: readonly Revision[]): string[] {
  return revisions.map(({ id }) => id)
}
