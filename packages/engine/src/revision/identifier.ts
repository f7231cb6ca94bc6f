import { AludelError } from '../errors'

import type { RevisionGraph } from './graph'
import { isSymbol, nearest, type RevisionSymbol } from './names'
import {
  ambiguous,
  type Resolution,
  type Found,
  fromApplied,
  ids,
  needApplied,
  outOfRange,
  signed,
  walkDown,
  walkUp,
} from './relative'
import type { Revision } from './revision'

/**
 * The use of a REV. It decides in which direction `+1` and `-1` may count, and the help of errors.
 * `parent` is the `--head` of `create`.
 */
export type Purpose = 'upgrade' | 'downgrade' | 'stamp' | 'show' | 'history' | 'parent'

/** A parsed REV: `branch@symbol+offset`. */
export interface Identifier {
  /** As written. */
  readonly text: string
  /** Before the `@`: a branch label, or a revision of the branch. */
  readonly branch?: string
  /** Absent in `+1`, `-1`, `label@+1`, which count from the applied revisions. */
  readonly symbol?: string
  /** Steps up (positive) or down (negative); 0 if absent. */
  readonly offset: number
}

/** Options of {@link resolve}. */
export interface ResolveOptions {
  /**
   * Ids of the applied revisions; ids that are not in the graph are ignored. Absent if no database was asked: then
   * `current`, `+1` and `-1` are errors.
   */
  readonly applied?: Iterable<string>
  readonly purpose: Purpose
}

/** The revisions of a REV. */
export interface Resolved {
  readonly text: string
  /** Ids, in load order. Empty for `base`. */
  readonly ids: readonly string[]
  /** Id of the revision named before the `@`. */
  readonly branch?: string
  /** For `-N`, counted from the applied revisions: id of the lowest revision that these steps undo. */
  readonly undo?: string
}

/**
 * Parses one REV.
 *
 * @throws ALUDEL_MALFORMED_REVISION
 * @example
 * parseIdentifier('reports@head-1') // { text: 'reports@head-1', branch: 'reports', symbol: 'head', offset: -1 }
 */
export function parseIdentifier(text: string): Identifier {
  if (text.includes(':')) {
    throw malformed(text, 'A range A:B is for histories and for --sql; here one revision is wanted.')
  }
  const match = /^(?:(?<branch>[^@]+)@)?(?<symbol>[^@]*?)(?<offset>[+-]\d+)?$/u.exec(text)
  const { branch, symbol = '', offset } = match?.groups ?? {}
  const named = /^[\p{L}\p{M}\p{N}_.$](?:[\p{L}\p{M}\p{N}_.$/-]*[\p{L}\p{M}\p{N}_.$])?$/u
  if (
    match === null ||
    (symbol === '' && offset === undefined) ||
    (symbol !== '' && !named.test(symbol)) ||
    (branch !== undefined && (!named.test(branch) || isSymbol(branch))) ||
    (offset !== undefined && Number(offset) === 0)
  ) {
    throw malformed(text, forms)
  }
  return { text, branch, symbol: symbol === '' ? undefined : symbol, offset: Number(offset ?? 0) }
}

/**
 * True for a REV or a range that depends on the applied revisions of a database: `current`, `+1`, `label@-1`,
 * `-3:current`. False for a malformed one.
 */
export function needsApplied(text: string): boolean {
  return text.split(':').some((end) => {
    if (end === '') return false
    try {
      const { symbol } = parseIdentifier(end)
      return symbol === undefined || symbol === 'current'
    } catch {
      return false
    }
  })
}

/**
 * Finds the revisions of a REV.
 *
 * Besides the documented forms, it accepts the class name of a migration, and the 13 digits at its end.
 *
 * @throws ALUDEL_MALFORMED_REVISION, ALUDEL_UNKNOWN_REVISION, ALUDEL_AMBIGUOUS_REVISION, ALUDEL_MULTIPLE_HEADS
 * @throws ALUDEL_RELATIVE_OUT_OF_RANGE more steps than there are, or steps the wrong way
 * @throws ALUDEL_USAGE `current`, `+1` or `-1` without `applied`
 * @example
 * resolve(graph, 'head-1', { purpose: 'upgrade', applied }).ids // ['a1b2c3d4e5f6']
 */
export function resolve(graph: RevisionGraph, text: string, options: ResolveOptions): Resolved {
  const identifier = parseIdentifier(text)
  const branch = identifier.branch === undefined ? undefined : findBranch(graph, identifier)
  const resolution: Resolution = {
    graph,
    identifier,
    purpose: options.purpose,
    applied: options.applied && [...options.applied].filter((id) => graph.has(id)),
    branch,
    lineage: branch && graph.lineage(branch.id),
  }
  const found = identifier.symbol === undefined ? fromApplied(resolution) : fromSymbol(resolution, identifier.symbol)
  return { text, ...found, branch: branch?.id }
}

/**
 * Like {@link resolve}, for exactly one revision.
 *
 * @throws ALUDEL_AMBIGUOUS_REVISION several; ALUDEL_UNKNOWN_REVISION none (`base`)
 */
export function resolveOne(graph: RevisionGraph, text: string, options: ResolveOptions): Revision {
  const found = resolve(graph, text, options).ids
  const [id] = found
  if (id !== undefined && found.length === 1) return graph.get(id)
  if (id === undefined) {
    throw new AludelError('ALUDEL_UNKNOWN_REVISION', `"${text}" matches no revision`, {
      help: 'Here one revision is wanted; see `aludel migrate history`.',
      details: { revision: text },
    })
  }
  throw ambiguous(text, `"${text}" matches ${found.length} revisions: ${found.join(', ')}`, found, 'Name one of them.')
}

const forms =
  'A revision is an id or the start of one, head, heads, base, current, +2, -1, ab12+2, head-1, a branch label, label@head, label@base, label@+1 or label@ab12.'

function malformed(text: string, help: string): AludelError {
  return new AludelError('ALUDEL_MALFORMED_REVISION', `"${text}" is not a valid revision`, {
    help,
    details: { revision: text },
  })
}

/** `label@` and `rev@`. */
function findBranch(graph: RevisionGraph, identifier: Identifier): Revision {
  return findNamed(graph, identifier.branch ?? '', identifier.text)
}

/** Exact names first: an id, a label, a class name, a timestamp; then the start of an id. */
function findNamed(graph: RevisionGraph, name: string, text: string, resolution?: Resolution): Revision {
  const stamped = /^\d{13}$/.test(name) ? graph.all.filter((revision) => revision.timestamp === Number(name)) : []
  const exact =
    graph.find(name) ?? graph.byLabel(name) ?? graph.byName(name) ?? (stamped.length === 1 ? stamped[0] : undefined)
  if (exact !== undefined) {
    if (resolution?.lineage === undefined || resolution.lineage.has(exact.id)) return exact
    throw notAMember(resolution, exact)
  }
  const starting = graph.all.filter((revision) => revision.id.startsWith(name))
  const candidates = starting.filter((revision) => resolution?.lineage?.has(revision.id) !== false)
  const [first, second] = candidates
  if (first !== undefined && second === undefined) return first
  if (first !== undefined || stamped.length > 1) {
    const found = ids(first === undefined ? stamped : candidates)
    const listed = found.slice(0, 10).join(', ') + (found.length > 10 ? ` and ${found.length - 10} more` : '')
    const what = first === undefined ? `have the timestamp ${name}` : `start with "${name}"`
    throw ambiguous(text, `${found.length} revisions ${what}: ${listed}`, found, 'Write more of the id.')
  }
  if (starting[0] !== undefined && resolution !== undefined) throw notAMember(resolution, starting[0])
  const squash = squashFor(graph, name)
  if (squash !== undefined) return squash
  const near = nearest(name, [
    ...graph.all.map((revision) => revision.id),
    ...graph.branchLabels,
    ...(graph.size > 0 ? ['head', 'heads', 'base', 'current'] : []),
  ])
  throw new AludelError('ALUDEL_UNKNOWN_REVISION', `no revision or branch label is called "${name}"`, {
    help:
      near.length > 0
        ? `Nearest: ${near.join(', ')}.`
        : graph.size > 0
          ? '`aludel migrate history` lists all revisions.'
          : 'There are no revisions yet.',
    details: { revision: text, nearest: near },
  })
}

/**
 * Finds a squash by the id of the last revision that it replaces, which has the same place in the graph. The ids of the
 * other replaced revisions are errors.
 *
 * @throws ALUDEL_UNKNOWN_REVISION
 */
function squashFor(graph: RevisionGraph, name: string): Revision | undefined {
  const found = graph.replacedIds.filter((id) => id.startsWith(name))
  const exact = found.includes(name)
  if (found.length > 1 && !exact) {
    const listed = found.slice(0, 10).join(', ') + (found.length > 10 ? ` and ${found.length - 10} more` : '')
    throw ambiguous(name, `${found.length} revisions start with "${name}": ${listed}`, found, 'Write more of the id.')
  }
  const id = exact ? name : found[0]
  const squash = id === undefined ? undefined : graph.byReplaced(id)
  if (id === undefined || squash === undefined || squash.replaces?.at(-1)?.id === id) return squash
  throw new AludelError('ALUDEL_UNKNOWN_REVISION', `revision ${id} is a part of ${squash.id}, which replaces it`, {
    help: `${squash.id} (${squash.message}) is run and undone as a whole: name it, or a revision that depends on it.`,
    details: { revision: id, replacedBy: squash.id },
  })
}

function notAMember(resolution: Resolution, revision: Revision): AludelError {
  const branch = resolution.identifier.branch ?? ''
  return new AludelError('ALUDEL_UNKNOWN_REVISION', `revision ${revision.id} is not on the branch "${branch}"`, {
    help: `For the revisions of ${branch}: \`aludel migrate history\`.`,
    details: { revision: revision.id, branch },
  })
}

function fromSymbol(resolution: Resolution, symbol: string): Found {
  const { offset } = resolution.identifier
  if (!isSymbol(symbol)) {
    const revision = findNamed(resolution.graph, symbol, resolution.identifier.text, resolution)
    if (offset === 0) return { ids: [revision.id] }
    return offset > 0 ? walkUp(resolution, revision.id) : walkDown(resolution, revision.id)
  }
  if (symbol === 'current' && offset !== 0) return fromApplied(resolution)
  const found = symbolIds(resolution, symbol)
  if (offset === 0) return { ids: found }
  const [id] = found
  if (found.length > 1) {
    throw ambiguous(
      resolution.identifier.text,
      `"${resolution.identifier.text}" counts from ${found.length} revisions: ${found.join(', ')}`,
      found,
      `Count from one of them, for example ${id ?? ''}${signed(offset)}.`,
    )
  }
  if (offset > 0) return walkUp(resolution, id)
  if (id === undefined) throw outOfRange(resolution, 0)
  return walkDown(resolution, id)
}

function symbolIds(resolution: Resolution, symbol: RevisionSymbol): readonly string[] {
  const { graph, branch, lineage } = resolution
  if (symbol === 'base') return []
  if (symbol === 'current') {
    const applied = needApplied(resolution)
    return ids(graph.currentOf(lineage === undefined ? applied : applied.filter((id) => lineage.has(id))))
  }
  const above = branch === undefined ? undefined : graph.descendants([branch.id])
  const heads = graph.heads.filter(({ id }) => above?.has(id) !== false)
  if (symbol === 'head' && heads.length > 1) throw multipleHeads(resolution, heads)
  return ids(heads)
}

function multipleHeads(resolution: Resolution, heads: readonly Revision[]): AludelError {
  const { identifier, purpose } = resolution
  const where = identifier.branch === undefined ? 'there are' : `the branch "${identifier.branch}" has`
  const all = identifier.branch === undefined ? 'heads' : `${identifier.branch}@heads`
  const first = heads[0]?.id ?? ''
  const help: Record<Purpose, string> = {
    upgrade: `Upgrade all of them with \`${all}\`, one with its id, or join them with \`aludel migrate merge heads\`.`,
    downgrade: `Name one of them, for example ${first}.`,
    stamp: `Stamp all of them with \`${all}\`, or name one, for example ${first}.`,
    show: `Show all of them with \`${all}\`, or name one, for example ${first}.`,
    history: `Write \`${all}\`, or name one of them, for example ${first}.`,
    parent: `Choose one with \`--head ${first}\`, or join them with \`aludel migrate merge heads\`.`,
  }
  return new AludelError('ALUDEL_MULTIPLE_HEADS', `${where} ${heads.length} heads: ${ids(heads).join(', ')}`, {
    help: help[purpose],
    details: { revision: identifier.text, heads: ids(heads) },
  })
}
