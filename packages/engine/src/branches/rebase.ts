import path from 'node:path'

import type { MigratorContext } from '../project/context'
import { nextTimestamp } from '../create/place'
import { AludelError, isAludelError, messageOf } from '../errors'
import { replaceFiles, type Replacement } from '../files/replace'
import { type NewPlace, restamped, restampedPath, rewritePlaces } from '../files/rewrite'
import { renamedTest, testFilesBeside } from '../files/test-files'
import { readText } from '../files/text-file'
import type { RebaseResult } from '../results'
import { RevisionGraph } from '../revision/graph'
import { resolveOne } from '../revision/identifier'
import type { Revision } from '../revision/revision'
import { compareBranches } from './compare-branches'
import { proveOn } from './prove-rebase'

/** Options of `Migrator.rebase`. */
export interface RebaseOptions {
  /** The new parent of the branch, a REV. Default: the only other head. */
  readonly onto?: string
  /** Prove the rebase, and write nothing. Default is false. */
  readonly dryRun?: boolean
}

/**
 * Moves a branch that is not applied yet on top of another head: its lowest revisions get that head as their parent, and
 * all of them later timestamps, to match TypeORM's own order. Ids do not change.
 *
 * The result is proved before a file is written: on a shadow database of every dialect, each revision runs up and down on
 * top of the other branch, and must change the same objects as before.
 *
 * @param rev a revision of the branch: moves the revisions that it depends on and `onto` does not, and all that depend on
 *   these
 * @throws AludelError `ALUDEL_REVISION_APPLIED` when one of them is applied in the project's database,
 *   `ALUDEL_NOTHING_TO_DO`, `ALUDEL_MULTIPLE_HEADS` when `onto` is ambiguous, `ALUDEL_PROOF`, `ALUDEL_REVISION_INVALID`
 *   for a plain TypeORM migration, whose parent is always the one before it
 */
export async function rebase(context: MigratorContext, rev: string, options: RebaseOptions): Promise<RebaseResult> {
  const { graph } = await context.revisions.read()
  const tip = resolveOne(graph, rev, { purpose: 'show' })
  const onto = ontoOf(graph, tip, options.onto)
  const moved = movedWith(graph, tip, onto)
  refusePlain(moved)
  await refuseApplied(context, moved)
  const places = placesFor(context, graph, moved, onto)
  const rebased = rebasedGraph(graph, places)
  for (const dialect of await context.connection.dialects()) await proveOn(context, dialect, graph, rebased, moved)
  const branches = await compareBranches(context, [onto.id, tip.id])
  const files = await filesFor(places)
  if (options.dryRun !== true) {
    await replaceFiles(files)
    context.revisions.forget()
  }
  return {
    onto: onto.id,
    moved: places.map(({ revision, down, timestamp }) => ({
      revision: revision.id,
      message: revision.message,
      down,
      from: revision.path,
      path: pathOf(files, revision),
      name: restamped(revision.name, timestamp),
    })),
    branches,
    written: options.dryRun !== true,
  }
}

function ontoOf(graph: RevisionGraph, tip: Revision, wanted: string | undefined): Revision {
  if (wanted !== undefined) return resolveOne(graph, wanted, { purpose: 'parent' })
  const own = graph.lineage(tip.id)
  const others = graph.heads.filter(({ id }) => !own.has(id))
  const [only] = others
  if (only !== undefined && others.length === 1) return only
  if (only === undefined) {
    throw new AludelError('ALUDEL_NOTHING_TO_DO', `there is no other head to rebase ${tip.id} onto`, {
      details: { revision: tip.id },
    })
  }
  const heads = others.map(({ id }) => id)
  throw new AludelError('ALUDEL_MULTIPLE_HEADS', `there are ${String(heads.length)} other heads: ${heads.join(', ')}`, {
    help: `Name one: \`--onto ${only.id}\`.`,
    details: { heads },
  })
}

/** The revisions that are only on the branch, and all that depend on them, in run order. */
function movedWith(graph: RevisionGraph, tip: Revision, onto: Revision): readonly Revision[] {
  const kept = graph.ancestors([onto.id], { dependencies: true })
  const own = [...graph.ancestors([tip.id])].filter((id) => !kept.has(id))
  if (own.length === 0) {
    throw new AludelError('ALUDEL_NOTHING_TO_DO', `${onto.id} already descends from ${tip.id}`, {
      details: { revision: tip.id, onto: onto.id },
    })
  }
  const moved = graph.descendants(own)
  const lowest = own.filter((id) => graph.parents(id).every((parent) => !moved.has(parent.id)))
  if (lowest.every((id) => graph.parents(id).some((parent) => parent.id === onto.id))) {
    throw new AludelError('ALUDEL_NOTHING_TO_DO', `${tip.id} already descends from ${onto.id}`, {
      details: { revision: tip.id, onto: onto.id },
    })
  }
  return graph.order.filter(({ id }) => moved.has(id))
}

function refusePlain(moved: readonly Revision[]): void {
  const plain = moved.find((revision) => revision.plain)
  if (plain === undefined) return
  throw new AludelError(
    'ALUDEL_REVISION_INVALID',
    `${plain.name} is a plain TypeORM migration and has no parent to change`,
    {
      help: `It depends on the revision before it by timestamp. Give it static fields revision and downRevision, or another timestamp (${plain.path}).`,
      details: { revision: plain.id, path: plain.path },
    },
  )
}

/** If the database is not reachable, the branch counts as not applied. */
async function refuseApplied(context: MigratorContext, moved: readonly Revision[]): Promise<void> {
  const [dataSource, dialect] = [await context.connection.dataSource(), await context.connection.dialect()]
  if (!dataSource.isInitialized && !(await dialect.connection.isReachable(dataSource.options))) {
    context.reporter.warn('there is no database to ask what is applied: the branch counts as not applied')
    return
  }
  const { applied } = await context.state()
  const done = moved.filter(({ id }) => applied.has(id)).map(({ id }) => id)
  const [lowest] = done
  if (lowest === undefined) return
  throw new AludelError('ALUDEL_REVISION_APPLIED', `already applied in this database: ${done.join(', ')}`, {
    help: `Undo them first, while they are where they are: \`aludel migrate downgrade ${lowest}-1\`. Or join the branches with \`aludel migrate merge heads\`.`,
    details: { applied: done },
  })
}

/** Parents outside the branch are replaced by `onto`. */
function placesFor(
  context: MigratorContext,
  graph: RevisionGraph,
  moved: readonly Revision[],
  onto: Revision,
): readonly NewPlace[] {
  const ids = new Set(moved.map(({ id }) => id))
  let latest = Math.max(...graph.all.filter(({ id }) => !ids.has(id)).map(({ timestamp }) => timestamp))
  return moved.map((revision) => {
    const own = revision.down.filter((id) => ids.has(id))
    const down = own.length > 0 ? own : [onto.id]
    const timestamp = revision.timestamp > latest ? revision.timestamp : nextTimestamp(context.now(), graph.all)
    latest = Math.max(latest + 1, timestamp)
    return { revision, down, timestamp: latest }
  })
}

function rebasedGraph(graph: RevisionGraph, places: readonly NewPlace[]): RevisionGraph {
  const known = new Map(places.map((place) => [place.revision.id, place]))
  const revisions = graph.all.map((revision) => {
    const place = known.get(revision.id)
    return place === undefined ? revision : { ...revision, down: place.down, timestamp: place.timestamp }
  })
  return new RevisionGraph(revisions.sort((a, b) => a.timestamp - b.timestamp))
}

/** One entry per file, which may contain several revisions, and one for each test beside a file that gets another name. */
async function filesFor(places: readonly NewPlace[]): Promise<readonly Replacement[]> {
  const paths = [...new Set(places.map(({ revision }) => revision.path))]
  const all = await Promise.all(
    paths.map(async (from) => {
      const own = places.filter(({ revision }) => revision.path === from)
      const [first] = own
      try {
        const text = await rewritePlaces(await readText(from), own)
        const to = first === undefined ? from : restampedPath(first.revision, first.timestamp)
        return [{ from, to, text }, ...(to === from ? [] : await testsOf(from, to))]
      } catch (error) {
        if (isAludelError(error)) throw error
        throw new AludelError('ALUDEL_REVISION_DIRECTORY', `${from} cannot be read: ${messageOf(error)}`, {
          details: { path: from },
          cause: error,
        })
      }
    }),
  )
  return all.flat()
}

/** The tests beside a file follow it to its new name, also where they import it. */
async function testsOf(from: string, to: string): Promise<readonly Replacement[]> {
  const [before, after] = [path.parse(from).name, path.parse(to).name]
  return Promise.all(
    (await testFilesBeside(from)).map(async (test) => ({
      from: test,
      to: renamedTest(test, from, to),
      text: (await readText(test)).replaceAll(before, after),
    })),
  )
}

function pathOf(files: readonly { readonly from: string; readonly to: string }[], revision: Revision): string {
  return files.find(({ from }) => from === revision.path)?.to ?? revision.path
}
