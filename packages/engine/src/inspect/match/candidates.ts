import type { Dialect } from '../../dialect/dialect'
import type { MigratorContext } from '../../project/context'
import type { RevisionGraph } from '../../revision/graph'
import type { Revision } from '../../revision/revision'
import type { Schema } from '../../schema/schema'
import { extensionsMadeBy, withCountedExtensions } from '../../schema/extensions'
import { replay } from '../../shadow/replay'
import { replayedSchema } from '../../shadow/schemas'
import { observed } from '../../shadow/statements'
import { plural } from '../../text'

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

/** What to do with the states of revisions. */
interface Visitor {
  /** `isFirst`: it is the first of its replay that is visited. */
  readonly visit: (candidate: Candidate, isFirst: boolean) => Promise<void>
  /** Whether a state with tables of these names need not be read, since it would not be chosen. */
  readonly isTooFar: (tables: readonly string[]) => boolean
  /** Whether the next replay is of no use. */
  readonly isDone: () => boolean
}

/**
 * Visits everything that a database of these revisions may have. All heads come first: other commands have cached their schema. Then
 * each branch is replayed, from its oldest revision to its newest, without keeping the schemas: those of a thousand revisions would
 * fill the memory.
 *
 * @throws AludelError `ALUDEL_REPLAY`
 */
export async function visitCandidates(
  context: MigratorContext,
  dialect: Dialect,
  graph: RevisionGraph,
  visitor: Visitor,
): Promise<void> {
  const [whole, ...branches] = pathsThrough(graph)
  if (whole === undefined) return
  const schema = await replayedSchema(context, dialect, whole.order)
  for (const { heads } of whole.states) await visitor.visit({ heads, schema }, true)
  for (const path of branches) {
    if (visitor.isDone()) return
    await visitAlong(context, dialect, path, visitor)
  }
}

async function visitAlong(
  context: MigratorContext,
  dialect: Dialect,
  { order, states }: Path,
  { visit, isTooFar }: Visitor,
): Promise<void> {
  const ignoreTables = await context.connection.ignoreTables()
  const shadows = await context.shadows()
  const headsAt = new Map(states.map(({ length, heads }) => [length, heads]))
  const extensions: string[] = []
  const load = async (revision: Revision) =>
    observed(await context.revisions.loadToReplay(revision), ({ sql }) => extensions.push(...extensionsMadeBy(sql)))
  context.reporter.progress(`replaying ${plural(order.length, 'revision')} on ${dialect.name}`)
  await shadows.withRunner(dialect, async (runner) => {
    let length = 0
    let isFirst = true
    await replay(dialect, runner, order, 'upgrade', load, async () => {
      length += 1
      const heads = headsAt.get(length)
      if (heads === undefined || isTooFar(await dialect.introspection.tableNames(runner))) return
      const schema = await dialect.introspection.read(runner, { ignoreTables })
      await visit({ heads, schema: withCountedExtensions(schema, extensions) }, isFirst)
      isFirst = false
    })
  })
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
