import type { RevisionGraph } from '../revision/graph'
import type { Direction, Revision, Step } from '../revision/revision'
import type { UnfinishedRow } from './history'
import { isInDoubt } from './progress'
import type { AppliedEntry } from './types'

/**
 * What is wrong between what the history says and what the files say.
 *
 * `missing`: no file has what is applied · `halfway`: a run stopped, or is at work, in the middle of a revision that is not
 * transactional · `edited`: the file does something else than what was applied · `gap`: something is applied that depends on
 * what is not · `late`: something was applied after what depends on it, which changes nothing now and may surprise whoever
 * undoes the last one with TypeORM itself.
 */
export type FindingKind = 'missing' | 'halfway' | 'edited' | 'gap' | 'late'

/** One of them, and what mends it. */
export interface Finding {
  readonly kind: FindingKind
  /** Null for what no file has and the journal does not know. */
  readonly revision: string | null
  /** As in TypeORM's history table. */
  readonly name: string
  readonly path: string | null
  /** One line for people. */
  readonly message: string
  /** What to do, in a sentence or two. */
  readonly help: string
  /** Commands that mend it, the most likely one first. */
  readonly mend: readonly string[]
  /** A gap that only timestamps make: the order of plain TypeORM migrations, which TypeORM itself fills. */
  readonly derived?: true
  /** ISO 8601; absent where the journal does not say when it was applied. */
  readonly appliedAt?: string
  readonly appliedBy?: string
  /** For `halfway`: how far it came, and when it was last heard of. */
  readonly stopped?: StoppedRun
}

/** A run that has not come to the end of a revision. */
export interface StoppedRun {
  readonly direction: Direction
  /** Statements that are done and stay; 0 where only batches of the first one are. */
  readonly statements: number
  /** Whether the one behind them took effect, the next run asks the catalog. */
  readonly inDoubt: boolean
  /** ISO 8601. */
  readonly at: string
  readonly by: string
  /** Why it stopped; absent where its process ended without a word, or is at work still. */
  readonly error?: string
}

/** What findings are made of. */
export interface FindingFacts {
  readonly graph: RevisionGraph
  /** Ids. */
  readonly applied: ReadonlySet<string>
  /** Names in the history, in the order of their rows. */
  readonly names: readonly string[]
  /** Those of them that no file has. */
  readonly unknown: readonly string[]
  /** What the journal knows of what is applied, by name. */
  readonly entries: ReadonlyMap<string, AppliedEntry>
  /** Ids of applied revisions whose file does something else than what was recorded. */
  readonly edited: ReadonlySet<string>
  /** What runs have left undone. */
  readonly unfinished: readonly UnfinishedRow[]
}

/**
 * Everything that is wrong: what is missing, in the order of its rows, what stopped half-way, then what was edited, left
 * out and late, in the order of the graph.
 *
 * @example
 * findingsOf({ graph, applied: new Set(['b']), names: ['B2'], unknown: [], entries: new Map(),
 *   edited: new Set(), unfinished: [] })
 * // [{ kind: 'gap', revision: 'a', … }] when a <- b
 */
export function findingsOf(facts: FindingFacts): readonly Finding[] {
  const { graph, edited, unknown } = facts
  return [
    ...[...new Set(unknown)].map((name) => missing(facts, name)),
    ...facts.unfinished.flatMap((row) => halfway(facts, row) ?? []),
    ...graph.sort(edited).map((revision) => changed(facts, revision)),
    ...gaps(facts),
    ...late(facts),
  ]
}

/** Whether a step goes on with the run that stopped. */
export function goesOn(
  { revision, direction }: Pick<Step, 'revision' | 'direction'>,
  { stopped, ...of }: Finding,
): boolean {
  return revision.id === of.revision && direction === stopped?.direction
}

/** `3f9c1b7a2d40 (add priority)`: a revision for people. */
export function revisionText({ id, message }: Pick<Revision, 'id' | 'message'>): string {
  return `${id} (${message})`
}

function missing(facts: FindingFacts, name: string): Finding {
  const remove = `aludel migrate repair --remove ${shellWord(name)}`
  const revision = facts.entries.get(name)?.revision ?? null
  return {
    kind: 'missing',
    revision,
    name,
    path: null,
    message: `${name}${revision === null ? '' : ` (${revision})`} is applied, and no file has it`,
    help: `Bring its file back (an older release, a missing branch?). Where it is gone for good, forget it: ${remove}`,
    mend: [remove],
    ...recorded(facts, name),
  }
}

function halfway({ graph, names }: FindingFacts, row: UnfinishedRow): Finding | undefined {
  const { direction, statement: statements, name, outcome, hasBatches } = row
  // An entry about what has been recorded since by other means is of the past.
  if (direction === 'stamp' || names.includes(name) !== (direction === 'downgrade')) return undefined
  const inDoubt = isInDoubt(row)
  if (statements === 0 && !inDoubt && !hasBatches) return undefined
  const revision = graph.find(row.revision)
  const text = revision === undefined ? `${name} (${row.revision})` : revisionText(revision)
  const resume = `aludel migrate ${direction} ${row.revision}${direction === 'upgrade' ? '' : '@-1'}`
  const next = `statement ${String(statements + 1)}`
  const done = [
    ...(statements === 0
      ? []
      : [statements === 1 ? '1 statement is done and stays' : `${String(statements)} statements are done and stay`]),
    ...(hasBatches ? [`batches of ${next} are done and stay`] : []),
    ...(inDoubt ? [`whether ${next} took effect the next run finds out`] : []),
  ]
  const running = outcome === 'running'
  return {
    ...{ kind: 'halfway', revision: row.revision, name, path: revision?.path ?? null },
    message: `the ${direction} of ${text} ${running ? 'has begun and not ended' : 'stopped half-way'}: ${done.join(', ')}`,
    help: `${running ? 'Where no migrator is at work on it any more, go on. ' : ''}To go on behind what is done, with the cause removed: ${resume}`,
    mend: [resume],
    stopped: {
      ...{ direction, statements, inDoubt, at: row.finishedAt.toISOString(), by: row.actor },
      ...(row.error !== undefined && { error: row.error }),
    },
  }
}

function changed(facts: FindingFacts, revision: Revision): Finding {
  const accept = `aludel migrate repair ${revision.id}`
  return {
    ...of('edited', revision),
    message: `${revisionText(revision)} was edited after it was applied`,
    help: `Put the file back as it was, and the change into a new revision. To see the difference and accept it: ${accept}`,
    mend: [accept],
    ...recorded(facts, revision.name),
  }
}

function gaps(facts: FindingFacts): readonly Finding[] {
  const { graph, applied } = facts
  const above = nearestAbove(graph, (id) => applied.has(id))
  return graph.order.flatMap((revision) => {
    const top = above.get(revision.id)
    if (applied.has(revision.id) || top === undefined) return []
    // A plain migration has no parent of its own: it depends on whatever comes before it by timestamp.
    const derived =
      revision.plain ||
      [...graph.children(revision.id), ...graph.dependents(revision.id)]
        .filter(({ id }) => applied.has(id) || above.has(id))
        .every(({ plain }) => plain)
    const run = `aludel migrate upgrade ${revision.id}${derived ? '' : ' --out-of-order'}`
    const restore = `aludel migrate repair --restore ${revision.id}`
    return {
      ...of('gap', revision),
      message: `${revisionText(revision)} is not applied, and ${revisionText(graph.get(top))}, which depends on it, is`,
      help: `Run it now: ${run}. Where the database has what it makes, record it: ${restore}`,
      mend: [run, restore],
      ...(derived && { derived: true as const }),
    }
  })
}

function late(facts: FindingFacts): readonly Finding[] {
  const { graph, names } = facts
  const position = new Map<string, number>()
  for (const [index, name] of names.entries()) {
    const id = graph.byName(name)?.id
    if (id !== undefined && !position.has(id)) position.set(id, index)
  }
  const place = (id: string): number => position.get(id) ?? Infinity
  const first = new Map<string, string>()
  for (const { id } of [...graph.order].reverse()) {
    const above = [...graph.children(id), ...graph.dependents(id)].flatMap((one) => [
      one.id,
      first.get(one.id) ?? one.id,
    ])
    const earliest = above.sort((a, b) => place(a) - place(b))[0]
    if (earliest !== undefined && place(earliest) < Infinity) first.set(id, earliest)
  }
  return graph.order.flatMap((revision) => {
    const earlier = first.get(revision.id)
    if (earlier === undefined || !position.has(revision.id) || place(earlier) > place(revision.id)) return []
    const order = 'aludel migrate repair --order'
    return {
      ...of('late', revision),
      message: `${revisionText(revision)} was applied after ${revisionText(graph.get(earlier))}, which depends on it`,
      help: `Nothing runs differently for it. To bring the rows of the history in order: ${order}`,
      mend: [order],
      ...recorded(facts, revision.name),
    }
  })
}

/** For each revision the nearest one above it that passes the test. */
function nearestAbove(graph: RevisionGraph, test: (id: string) => boolean): ReadonlyMap<string, string> {
  const found = new Map<string, string>()
  for (const { id } of [...graph.order].reverse()) {
    const above = [...graph.children(id), ...graph.dependents(id)]
    const nearest = above.find((one) => test(one.id))?.id ?? above.flatMap((one) => found.get(one.id) ?? [])[0]
    if (nearest !== undefined) found.set(id, nearest)
  }
  return found
}

function of(kind: FindingKind, { id, name, path }: Revision): Pick<Finding, 'kind' | 'revision' | 'name' | 'path'> {
  return { kind, revision: id, name, path }
}

function recorded({ entries }: FindingFacts, name: string): Pick<Finding, 'appliedAt' | 'appliedBy'> {
  const entry = entries.get(name)
  return entry === undefined ? {} : { appliedAt: entry.at.toISOString(), appliedBy: entry.actor }
}

/** A name as a word of a command line; those of classes are words already. */
function shellWord(name: string): string {
  return /^[\w.][\w.-]*$/.test(name) ? name : `'${name.replaceAll("'", `'\\''`)}'`
}
