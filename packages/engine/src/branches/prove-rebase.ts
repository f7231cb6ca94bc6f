import type { MigratorContext } from '../project/context'
import { databasePair, diffOf } from '../create/diff'
import { schemasAlong } from '../shadow/schemas'
import { replay } from '../shadow/replay'
import type { Dialect } from '../dialect/dialect'
import { AludelError, isAludelError } from '../errors'
import { describeOperation } from '../operations'
import type { Operation } from '../operations/operation'
import type { RevisionGraph } from '../revision/graph'
import type { Revision } from '../revision/revision'
import type { Schema } from '../schema/schema'
import { touchesOf } from './touches'

/**
 * Proves that each moved revision changes the same objects in its new place as before, and that its down restores the
 * schema.
 *
 * @throws AludelError `ALUDEL_PROOF`, `ALUDEL_REPLAY`
 */
export async function proveOn(
  context: MigratorContext,
  dialect: Dialect,
  graph: RevisionGraph,
  rebased: RevisionGraph,
  moved: readonly Revision[],
): Promise<void> {
  context.reporter.progress(`proving ${String(moved.length)} moved revisions on ${dialect.name}`)
  const ids = new Set(moved.map(({ id }) => id))
  const before = await changesOn(context, dialect, graph, ids)
  const after = await changesOn(context, dialect, rebased, ids)
  for (const revision of moved) {
    const was = new Set((before.get(revision.id)?.operations ?? []).flatMap(objectsOf))
    const strange = (after.get(revision.id)?.operations ?? []).filter((operation) =>
      objectsOf(operation).some((object) => !was.has(object)),
    )
    if (strange.length > 0) throw otherEffect(dialect, revision, strange)
  }
  await proveWayBack(context, dialect, rebased, ids, after)
}

interface Change {
  readonly before: Schema
  readonly after: Schema
  readonly operations: readonly Operation[]
}

/** The changes of each revision, applied in the order of a graph on top of all its dependencies. */
async function changesOn(
  context: MigratorContext,
  dialect: Dialect,
  graph: RevisionGraph,
  ids: ReadonlySet<string>,
): Promise<ReadonlyMap<string, Change>> {
  const order = wayTo(graph, ids)
  const base = order.filter(({ id }) => !ids.has(id))
  const then = order.filter(({ id }) => ids.has(id))
  const schemas = await schemasAlong(context, dialect, base, then)
  return new Map(
    then.flatMap((revision, index): [string, Change][] => {
      const [from, to] = [schemas[index], schemas[index + 1]]
      if (from === undefined || to === undefined) return []
      const { operations } = diffOf(databasePair(context, dialect, from, to))
      return [[revision.id, { before: from, after: to, operations }]]
    }),
  )
}

function wayTo(graph: RevisionGraph, ids: ReadonlySet<string>): readonly Revision[] {
  const needed = graph.ancestors(ids, { dependencies: true })
  return graph.order.filter(({ id }) => needed.has(id))
}

async function proveWayBack(
  context: MigratorContext,
  dialect: Dialect,
  rebased: RevisionGraph,
  ids: ReadonlySet<string>,
  changes: ReadonlyMap<string, Change>,
): Promise<void> {
  const ignoreTables = await context.connection.ignoreTables()
  await (
    await context.shadows()
  ).withRunner(dialect, async (runner) => {
    const order = wayTo(rebased, ids)
    await replay(dialect, runner, order, 'upgrade', context.revisions.loadToReplay)
    for (const revision of order.filter(({ id }) => ids.has(id)).toReversed()) {
      const change = changes.get(revision.id)
      try {
        await replay(dialect, runner, [revision], 'downgrade', context.revisions.load)
      } catch (error) {
        // A down that throws its own error was irreversible before the rebase, too.
        if (isAludelError(error) && error.details['statement'] === undefined) return
        throw error
      }
      if (change === undefined) continue
      const now = await dialect.introspection.read(runner, { ignoreTables })
      const { operations } = diffOf(databasePair(context, dialect, now, change.before))
      if (operations.length > 0) throw otherEffect(dialect, revision, operations, 'down')
    }
  })
}

function objectsOf(operation: Operation): string[] {
  return touchesOf(operation).map(({ object }) => object)
}

function otherEffect(
  dialect: Dialect,
  revision: Revision,
  operations: readonly Operation[],
  direction: 'up' | 'down' = 'up',
): AludelError {
  const words = operations.map(describeOperation)
  const where = direction === 'up' ? 'on top of the other branch' : 'when undone there'
  return new AludelError(
    'ALUDEL_PROOF',
    `${where}, revision ${revision.id} has a different effect on ${dialect.name}: ${words.slice(0, 3).join('; ')}`,
    {
      help: [
        'Its statements were written for the schema below it, and would undo what the other branch did there.',
        `Write it again on top: delete ${revision.path}, and create it with the same entities.`,
        'Nothing was written.',
      ].join('\n'),
      details: { revision: revision.id, path: revision.path, dialect: dialect.name, direction, operations: words },
    },
  )
}
