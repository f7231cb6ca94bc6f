import { AludelError } from '../errors'

import type { RevisionGraph } from './graph'
import type { Identifier, Purpose, Resolved } from './identifier'
import type { Revision } from './revision'

/** A REV while it is resolved. */
export interface Resolution {
  readonly graph: RevisionGraph
  readonly identifier: Identifier
  readonly purpose: Purpose
  readonly applied?: readonly string[]
  readonly branch?: Revision
  readonly lineage?: ReadonlySet<string>
}

/** The result of a REV without its text. */
export type Found = Pick<Resolved, 'ids' | 'undo'>

/** Resolves `+N`, `-N`, `label@+N`, `label@-N`, which count from the applied revisions. */
export function fromApplied(resolution: Resolution): Found {
  const { graph, identifier, purpose, lineage } = resolution
  const applied = needApplied(resolution)
  const up = identifier.offset > 0
  if ((purpose === 'upgrade' && !up) || (purpose === 'downgrade' && up)) throw wrongWay(resolution)
  // On a branch, revisions that are applied only as dependencies of another branch count, too.
  const tips = lineage === undefined ? ids(graph.currentOf(applied)) : tipsWithin(graph, applied, lineage)
  const [tip] = tips
  if (tips.length > 1) {
    const samples = tips.slice(0, 5).map((one) => `\`${branchSample(resolution, one, tips)}\``)
    throw ambiguous(
      identifier.text,
      `"${identifier.text}" counts from what is applied, and that has ${tips.length} heads: ${tips.join(', ')}`,
      tips,
      `Say which: ${samples.join(', ')}${tips.length > samples.length ? ' …' : ''}, or an id.`,
    )
  }
  if (up) return walkUp(resolution, tip)
  if (tip === undefined) throw outOfRange(resolution, 0)
  return walkDown(resolution, tip, applied)
}

/** `label@-1` for one of several tips, with its id if it has no label of its own. */
function branchSample(resolution: Resolution, tip: string, tips: readonly string[]): string {
  const { graph, identifier } = resolution
  const own = graph
    .labelsOf(tip)
    .find((label) => tips.every((other) => other === tip || !graph.labelsOf(other).includes(label)))
  const count = signed(identifier.offset)
  return own !== undefined ? `${own}@${count}` : identifier.symbol === undefined ? `${tip}@${count}` : `${tip}${count}`
}

/** The applied heads within a line. */
function tipsWithin(graph: RevisionGraph, applied: readonly string[], lineage: ReadonlySet<string>): string[] {
  const members = applied.filter((id) => lineage.has(id))
  const below = graph.ancestors(members.flatMap((id) => ids(graph.parents(id))))
  return members.filter((id) => !below.has(id))
}

/** Counts up from a revision, or from base, along children; with a branch, only within it. */
export function walkUp(resolution: Resolution, start: string | undefined): Found {
  const { graph, identifier, lineage } = resolution
  let position = start
  for (let step = 0; step < identifier.offset; step++) {
    const next = position === undefined ? graph.bases : graph.children(position)
    const candidates = ids(next).filter((id) => lineage?.has(id) !== false)
    const [only] = candidates
    if (only === undefined) throw outOfRange(resolution, step)
    if (candidates.length > 1) {
      throw ambiguous(
        identifier.text,
        `"${identifier.text}" has ${candidates.length} ways to go after ${position ?? 'base'}: ${candidates.join(', ')}`,
        candidates,
        'Name one of them, or its branch: `label@+1`.',
      )
    }
    position = only
  }
  return { ids: position === undefined ? [] : [position] }
}

/**
 * Counts down from a revision along parents. The last step may end at several (below a merge), which is a valid target;
 * counting further from there is ambiguous. With `applied`, the count starts from the applied revisions.
 */
export function walkDown(resolution: Resolution, start: string, applied?: readonly string[]): Found {
  const { graph, identifier, lineage } = resolution
  const steps = -identifier.offset
  let position = start
  for (let step = 1; ; step++) {
    const parents = ids(graph.parents(position)).filter((id) => lineage?.has(id) !== false)
    if (step === steps) return { ids: parents, undo: applied === undefined ? undefined : position }
    const [parent] = parents
    if (parent === undefined) throw outOfRange(resolution, step)
    if (parents.length > 1) {
      throw ambiguous(
        identifier.text,
        `"${identifier.text}" has ${parents.length} ways to go below ${position}, which is a merge: ${parents.join(', ')}`,
        parents,
        `Name one of them, or go just below the merge with ${position}-1.`,
      )
    }
    position = parent
  }
}

export function outOfRange(resolution: Resolution, available: number): AludelError {
  const { identifier, purpose } = resolution
  const asked = String(identifier.text.match(/\d+$/)?.[0] ?? Math.abs(identifier.offset))
  const way = identifier.offset > 0 ? 'above' : 'below'
  const from =
    identifier.symbol ??
    (identifier.branch === undefined ? 'what is applied' : `what is applied of "${identifier.branch}"`)
  const there = available === 0 ? 'there is none' : available === 1 ? 'there is 1' : `there are ${available}`
  const here = identifier.offset < 0 && purpose === 'downgrade' && identifier.symbol === undefined
  return new AludelError(
    'ALUDEL_RELATIVE_OUT_OF_RANGE',
    here
      ? `"${identifier.text}" asks to undo ${asked} ${plural(asked)}, and ${there} to undo`
      : `"${identifier.text}" asks for ${asked} ${plural(asked)} ${way} ${from}, and ${there}`,
    {
      help: identifier.offset > 0 ? 'Use `head` to go all the way up.' : 'Use `base` to go all the way down.',
      details: { revision: identifier.text, asked: Number(asked), available },
    },
  )
}

function wrongWay(resolution: Resolution): AludelError {
  const { identifier, purpose } = resolution
  const other = purpose === 'upgrade' ? 'downgrade' : 'upgrade'
  return new AludelError(
    'ALUDEL_RELATIVE_OUT_OF_RANGE',
    `${purpose} cannot go to "${identifier.text}": that is ${purpose === 'upgrade' ? 'below' : 'above'} what is applied`,
    { help: `Use \`aludel migrate ${other}\`.`, details: { revision: identifier.text } },
  )
}

export function ambiguous(text: string, message: string, candidates: readonly string[], help: string): AludelError {
  return new AludelError('ALUDEL_AMBIGUOUS_REVISION', message, { help, details: { revision: text, candidates } })
}

export function needApplied(resolution: Resolution): readonly string[] {
  if (resolution.applied !== undefined) return resolution.applied
  throw new AludelError(
    'ALUDEL_USAGE',
    `"${resolution.identifier.text}" depends on the database, which is not consulted here`,
    { help: 'Name a revision.', details: { revision: resolution.identifier.text } },
  )
}

export function ids(revisions: readonly Revision[]): string[] {
  return revisions.map((revision) => revision.id)
}

export function signed(offset: number): string {
  return offset > 0 ? `+${offset}` : String(offset)
}

function plural(count: string): string {
  return count === '1' ? 'revision' : 'revisions'
}
