import { AludelError } from '../errors'
import type { Examined } from '../inspect/findings'
import type { AppliedRow } from '../history/types'
import type { RepairChange } from '../results'
import type { RevisionGraph } from '../revision/graph'
import { resolve } from '../revision/identifier'
import type { Revision } from '../revision/revision'

/** The repairs that {@link Migrator.repair} should make. */
export interface RepairTargets {
  /** REVs of edited files to accept: their current code counts as applied. */
  readonly revisions?: readonly string[]
  /** Names, ids, or the start of one, of rows to delete: the revisions no longer count as applied. */
  readonly remove?: readonly string[]
  /** Names, ids, or the start of one, of rows to insert: the revisions count as applied without being run. */
  readonly restore?: readonly string[]
  /** Sort the rows of the history by the order of the graph. Default is false. */
  readonly order?: boolean
}

/** One repair. */
export interface RepairStep extends Pick<RepairChange, 'what' | 'name' | 'revision'> {
  /** Absent for a row without a file. */
  readonly file?: Revision
}

/**
 * The repairs for these targets, in the order in which they are made. Skips revisions that were not edited.
 *
 * @throws AludelError `ALUDEL_UNKNOWN_REVISION`, `ALUDEL_AMBIGUOUS_REVISION`; `ALUDEL_NOT_A_TARGET` for a REV that is not
 *   applied, or one to restore that is
 */
export function repairSteps(examined: Examined, targets: RepairTargets): readonly RepairStep[] {
  const { state, entries, findings } = examined
  const { names } = state
  const { graph } = state
  const stepOf = (what: RepairStep['what'], file: Revision): RepairStep => ({
    what,
    revision: file.id,
    name: file.name,
    file,
  })
  // A squash may be applied under the names of the revisions that it replaces.
  const applied = [...new Set([...names, ...graph.sort(state.applied).map(({ name }) => name)])]
  const history = applied.map((name) => ({
    name,
    id: graph.byName(name)?.id ?? entries.get(name)?.revision ?? null,
  }))
  const steps: RepairStep[] = []
  for (const text of targets.remove ?? []) {
    const { name, id } = choose(text, history, 'no row of the history matches')
    const file = graph.byName(name)
    steps.push(file === undefined ? { what: 'remove', revision: id, name } : stepOf('remove', file))
  }
  const restored: Revision[] = []
  for (const text of targets.restore ?? []) {
    const { id } = choose(text, graph.all, 'no revision file matches')
    if (state.applied.has(id)) throw notATarget(`${id} is applied already: there is nothing to restore`, id)
    restored.push(graph.get(id))
  }
  steps.push(...graph.sort(restored.map(({ id }) => id)).map((file) => stepOf('restore', file)))
  steps.push(...editedSteps(examined, targets.revisions ?? []).map((file) => stepOf('checksum', file)))
  if (targets.order === true) {
    const late = findings.flatMap(({ kind, revision }) => (kind === 'late' ? (revision ?? []) : []))
    steps.push(...graph.sort(late).map((file) => stepOf('order', file)))
  }
  return unique(steps)
}

/**
 * Sorts the rows of a history so that each follows the rows that it depends on; others stay where they are.
 *
 * @example
 * rowsInOrder(graph, [B, A]) // [A, B] when A <- B
 */
export function rowsInOrder(graph: RevisionGraph, rows: readonly AppliedRow[]): readonly AppliedRow[] {
  const byId = new Map(rows.map((row) => [graph.byName(row.name)?.id ?? row.name, row] as const))
  const seen = new Set<string>()
  const ordered: AppliedRow[] = []
  for (const [id, row] of byId) {
    if (!graph.has(id)) ordered.push(row)
    else ordered.push(...graph.sort(unseenBelow(graph, id, seen)).flatMap((one) => byId.get(one.id) ?? []))
  }
  return ordered
}

/** A revision and its dependencies that are not in `seen`, which they are added to. */
function unseenBelow(graph: RevisionGraph, start: string, seen: Set<string>): readonly string[] {
  const found: string[] = []
  const stack = [start]
  for (let id = stack.pop(); id !== undefined; id = stack.pop()) {
    if (seen.has(id)) continue
    seen.add(id)
    found.push(id)
    stack.push(...[...graph.parents(id), ...graph.dependencies(id)].map((one) => one.id))
  }
  return found
}

function editedSteps({ state, findings }: Examined, revs: readonly string[]): readonly Revision[] {
  const { graph } = state
  const edited = new Set(findings.flatMap(({ kind, revision }) => (kind === 'edited' ? (revision ?? []) : [])))
  const ids = new Set<string>()
  for (const rev of revs) {
    const gone = findings.find(({ kind, name, revision }) => kind === 'missing' && (name === rev || revision === rev))
    if (gone !== undefined) throw notATarget(gone.message, rev, gone.help)
    for (const id of resolve(graph, rev, { purpose: 'show', applied: state.applied }).ids) {
      if (!state.applied.has(id)) throw notATarget(`${id} is not applied: an edit of its file needs no repair`, id)
      if (edited.has(id)) ids.add(id)
    }
  }
  return graph.sort(ids)
}

/** Finds an entry by name or id, else by the start of one. */
function choose<T extends { readonly name: string; readonly id: string | null }>(
  text: string,
  all: readonly T[],
  nothing: string,
): T {
  const exact = all.filter(({ name, id }) => name === text || id === text)
  const found =
    exact.length > 0
      ? exact
      : all.filter(({ name, id }) => text !== '' && (name.startsWith(text) || id?.startsWith(text)))
  const [first, second] = found
  if (first !== undefined && second === undefined) return first
  if (first === undefined) {
    throw new AludelError('ALUDEL_UNKNOWN_REVISION', `${nothing} "${text}"`, {
      help: 'Give a name, an id, or the start of one. `aludel migrate repair` lists the findings.',
      details: { revision: text },
    })
  }
  throw new AludelError(
    'ALUDEL_AMBIGUOUS_REVISION',
    `"${text}" matches several revisions: ${found.map(({ name }) => name).join(', ')}`,
    {
      details: { revision: text, candidates: found.map(({ name }) => name) },
    },
  )
}

function notATarget(message: string, revision: string, help?: string): AludelError {
  return new AludelError('ALUDEL_NOT_A_TARGET', message, { help, details: { revision } })
}

function unique(steps: readonly RepairStep[]): readonly RepairStep[] {
  return [...new Map(steps.map((step) => [`${step.what} ${step.name}`, step])).values()]
}
