import type { RevisionGraph } from '../revision/graph'
import type { Direction, Revision, Step } from '../revision/revision'
import type { UnfinishedRow } from './history'
import { isInDoubt } from './progress'
import type { AppliedEntry } from './types'

/**
 * How the history and the files disagree.
 *
 * `missing`: an applied revision has no file · `halfway`: a run stopped, or is at work, in the middle of a revision that is
 * not transactional · `edited`: the file differs from what was applied · `gap`: a revision is not applied, but one that
 * depends on it is · `late`: a revision was applied after one that depends on it; no run changes because of it, but
 * TypeORM's own `migration:revert` undoes the last row.
 */
export type FindingKind = 'missing' | 'halfway' | 'edited' | 'gap' | 'late'

/** A disagreement between the history and the files, and how to fix it. */
export interface Finding {
  readonly kind: FindingKind
  /** Null if neither a file nor the journal has the revision. */
  readonly revision: string | null
  /** As in TypeORM's history table. */
  readonly name: string
  readonly path: string | null
  /** One line. */
  readonly message: string
  /** What to do, in a sentence or two. */
  readonly help: string
  /** Commands that fix it, the most likely one first. */
  readonly mend: readonly string[]
  /** A gap caused only by timestamps, between plain TypeORM migrations; TypeORM itself would fill it. */
  readonly derived?: true
  /** ISO 8601; absent if the journal does not contain it. */
  readonly appliedAt?: string
  readonly appliedBy?: string
  /** For `halfway`: how far it came, and when it was last active. */
  readonly stopped?: StoppedRun
}

/** A run that did not reach the end of a revision. */
export interface StoppedRun {
  readonly direction: Direction
  /** The number of statements that are done and stay; 0 if only batches of the first one are. */
  readonly statements: number
  /** True if the catalog must show whether the statement after them took effect; the next run checks that. */
  readonly inDoubt: boolean
  /** ISO 8601. */
  readonly at: string
  readonly by: string
  /** Why it stopped; absent if its process was killed or is still at work. */
  readonly error?: string
}

/** The input of {@link findingsOf}. */
interface FindingFacts {
  readonly graph: RevisionGraph
  /** Ids. */
  readonly applied: ReadonlySet<string>
  /** Names in the history, in the order of their rows. */
  readonly names: readonly string[]
  /** The names without a file. */
  readonly unknown: readonly string[]
  /** Journal entries of applied revisions, by name. */
  readonly entries: ReadonlyMap<string, AppliedEntry>
  /** Ids of applied revisions whose file was edited since. */
  readonly edited: ReadonlySet<string>
  /** Journal entries of runs that did not reach the end of a revision. */
  readonly unfinished: readonly UnfinishedRow[]
}

/**
 * All findings: `missing` in the order of the history's rows, `halfway`, then `edited`, `gap` and `late`, each in the order
 * of the graph.
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
    ...halfwayOf(facts, facts.unfinished),
    ...graph.sort(edited).map((revision) => changed(facts, revision)),
    ...gaps(facts),
    ...late(facts),
  ]
}

/**
 * The findings of kind `halfway`: they are worth a query of their own, because the database is then neither at a revision
 * nor at the one before it.
 */
export function halfwayOf(
  facts: Pick<FindingFacts, 'graph' | 'names'>,
  unfinished: readonly UnfinishedRow[],
): readonly Finding[] {
  return unfinished.flatMap((row) => halfway(facts, row) ?? [])
}

/**
 * Whether nothing was ever run or recorded in a database. What an interrupted first run has created is not in the history
 * yet, only in the journal.
 */
export function isUnrecorded(names: readonly string[], findings: readonly Finding[]): boolean {
  return names.length === 0 && !findings.some(({ kind }) => kind === 'halfway')
}

/** Whether a step resumes the run that stopped. */
export function resumes(
  { revision, direction }: Pick<Step, 'revision' | 'direction'>,
  { stopped, ...of }: Finding,
): boolean {
  return revision.id === of.revision && direction === stopped?.direction
}

/** A revision as messages show it: `3f9c1b7a2d40 (add priority)`. */
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
    help: `Bring its file back (an older release, a missing branch?). If it is lost for good, forget it: ${remove}`,
    mend: [remove],
    ...recorded(facts, name),
  }
}

function halfway({ graph, names }: Pick<FindingFacts, 'graph' | 'names'>, row: UnfinishedRow): Finding | undefined {
  const { direction, statement: statements, name, outcome, hasBatches } = row
  // The entry is outdated if the revision has since been recorded in another way.
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
    ...(inDoubt ? [`the next run checks whether ${next} took effect`] : []),
  ]
  const running = outcome === 'running'
  return {
    ...{ kind: 'halfway', revision: row.revision, name, path: revision?.path ?? null },
    message: `the ${direction} of ${text} ${running ? 'has begun and not ended' : 'stopped half-way'}: ${done.join(', ')}`,
    help: `${running ? 'If no migrator is at work on it any more, resume it. ' : ''}To resume after the last done statement, once the cause is removed: ${resume}`,
    mend: [resume],
    stopped: { direction, statements, inDoubt, at: row.finishedAt.toISOString(), by: row.actor, error: row.error },
  }
}

function changed(facts: FindingFacts, revision: Revision): Finding {
  const accept = `aludel migrate repair ${revision.id}`
  return {
    ...of('edited', revision),
    message: `${revisionText(revision)} was edited after it was applied`,
    help: `Restore the file, and put the change into a new revision. To see the difference and accept it: ${accept}`,
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
    // A plain migration declares no parent: it depends on the one before it by timestamp.
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
      help: `Run it now: ${run}. If the database already has what it creates, record it: ${restore}`,
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
      help: `No run changes because of it. To bring the rows of the history into order: ${order}`,
      mend: [order],
      ...recorded(facts, revision.name),
    }
  })
}

/** For each revision, the nearest descendant that passes the test. */
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

/** A name as a word of a command line; class names need no quotes. */
function shellWord(name: string): string {
  return /^[\w.][\w.-]*$/.test(name) ? name : `'${name.replaceAll("'", `'\\''`)}'`
}
