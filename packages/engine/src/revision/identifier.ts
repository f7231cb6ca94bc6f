import { AludelError } from '../errors'

import type { RevisionGraph } from './graph'
import { isSymbol, nearest, type RevisionSymbol } from './names'
import type { Revision } from './revision'

/**
 * What a REV is asked for. It decides which way `+1` and `-1` may go, and which help an error gives.
 * `parent` is the `--head` of `create`.
 */
export type Purpose = 'upgrade' | 'downgrade' | 'stamp' | 'show' | 'history' | 'parent'

/** A REV taken apart, before any graph was looked at: `branch@symbol+offset`. */
export interface Identifier {
  /** As written. */
  readonly text: string
  /** Before the `@`: a branch label, or a revision of the branch. */
  readonly branch?: string
  /** Absent in `+1`, `-1`, `label@+1`: what is applied. */
  readonly symbol?: string
  /** Steps up (positive) or down (negative); 0 when none are written. */
  readonly offset: number
}

export interface ResolveOptions {
  /**
   * Ids of the applied revisions; ids the graph does not know are left out. Absent: no database was asked, so
   * `current`, `+1` and `-1` mean nothing.
   */
  readonly applied?: Iterable<string>
  readonly purpose: Purpose
}

/** What a REV stands for. */
export interface Resolved {
  readonly text: string
  /** Ids, in load order. Empty: `base`, before everything. */
  readonly ids: readonly string[]
  /** Id of the revision behind what is written before the `@`. */
  readonly branch?: string
  /** For `-N` from what is applied: id of the lowest revision that these steps undo. */
  readonly undo?: string
}

/**
 * Takes one REV apart.
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
  return {
    text,
    ...(branch !== undefined && { branch }),
    ...(symbol !== '' && { symbol }),
    offset: Number(offset ?? 0),
  }
}

/**
 * Finds the revisions that a REV stands for.
 *
 * Besides the forms of the command line, the class name of a migration and the 13 digits at its end are understood.
 *
 * @throws ALUDEL_MALFORMED_REVISION, ALUDEL_UNKNOWN_REVISION, ALUDEL_AMBIGUOUS_REVISION, ALUDEL_MULTIPLE_HEADS
 * @throws ALUDEL_RELATIVE_OUT_OF_RANGE more steps than there are, or steps the wrong way
 * @throws ALUDEL_USAGE `current`, `+1` or `-1` where no database was asked
 * @example
 * resolve(graph, 'head-1', { purpose: 'upgrade', applied }).ids // ['a1b2c3d4e5f6']
 */
export function resolve(graph: RevisionGraph, text: string, options: ResolveOptions): Resolved {
  const identifier = parseIdentifier(text)
  const branch = identifier.branch === undefined ? undefined : findBranch(graph, identifier)
  const context: Context = {
    graph,
    identifier,
    purpose: options.purpose,
    ...(options.applied !== undefined && { applied: [...options.applied].filter((id) => graph.has(id)) }),
    ...(branch !== undefined && { branch, lineage: graph.lineage(branch.id) }),
  }
  const found = identifier.symbol === undefined ? fromApplied(context) : fromSymbol(context, identifier.symbol)
  return { text, ...found, ...(branch !== undefined && { branch: branch.id }) }
}

/**
 * Like {@link resolve}, where exactly one revision is wanted.
 *
 * @throws ALUDEL_AMBIGUOUS_REVISION several; ALUDEL_UNKNOWN_REVISION none (`base`)
 */
export function resolveOne(graph: RevisionGraph, text: string, options: ResolveOptions): Revision {
  const { ids } = resolve(graph, text, options)
  const [id] = ids
  if (id !== undefined && ids.length === 1) return graph.get(id)
  if (id === undefined) {
    throw new AludelError('ALUDEL_UNKNOWN_REVISION', `"${text}" names no revision`, {
      help: 'Here one revision is wanted; see `aludel migrate history`.',
      details: { revision: text },
    })
  }
  throw ambiguous(text, `"${text}" stands for ${ids.length} revisions: ${ids.join(', ')}`, ids, 'Name one of them.')
}

interface Context {
  readonly graph: RevisionGraph
  readonly identifier: Identifier
  readonly purpose: Purpose
  readonly applied?: readonly string[]
  readonly branch?: Revision
  readonly lineage?: ReadonlySet<string>
}

type Found = Pick<Resolved, 'ids' | 'undo'>

const forms =
  'A revision is an id or the start of one, head, heads, base, current, +2, -1, ab12+2, head-1, a branch label, label@head, label@base, label@+1 or label@ab12.'

function malformed(text: string, help: string): AludelError {
  return new AludelError('ALUDEL_MALFORMED_REVISION', `"${text}" is no revision`, { help, details: { revision: text } })
}

function ambiguous(text: string, message: string, candidates: readonly string[], help: string): AludelError {
  return new AludelError('ALUDEL_AMBIGUOUS_REVISION', message, { help, details: { revision: text, candidates } })
}

/** `label@` and `rev@`. */
function findBranch(graph: RevisionGraph, identifier: Identifier): Revision {
  return findNamed(graph, identifier.branch ?? '', identifier.text)
}

/** Exact names first: an id, a label, a class name, a timestamp; then the start of an id. */
function findNamed(graph: RevisionGraph, name: string, text: string, context?: Context): Revision {
  const stamped = /^\d{13}$/.test(name) ? graph.all.filter((revision) => revision.timestamp === Number(name)) : []
  const exact =
    graph.find(name) ?? graph.byLabel(name) ?? graph.byName(name) ?? (stamped.length === 1 ? stamped[0] : undefined)
  if (exact !== undefined) {
    if (context?.lineage === undefined || context.lineage.has(exact.id)) return exact
    throw notAMember(context, exact)
  }
  const starting = graph.all.filter((revision) => revision.id.startsWith(name))
  const candidates = starting.filter((revision) => context?.lineage?.has(revision.id) !== false)
  const [first, second] = candidates
  if (first !== undefined && second === undefined) return first
  if (first !== undefined || stamped.length > 1) {
    const ids = (first === undefined ? stamped : candidates).map((revision) => revision.id)
    const listed = ids.length > 10 ? `${ids.slice(0, 10).join(', ')} and ${ids.length - 10} more` : ids.join(', ')
    throw ambiguous(text, `${ids.length} revisions start with "${name}": ${listed}`, ids, 'Write more of the id.')
  }
  if (starting[0] !== undefined && context !== undefined) throw notAMember(context, starting[0])
  const near = nearest(name, [
    ...graph.all.map((revision) => revision.id),
    ...graph.branchLabels,
    ...(graph.size > 0 ? ['head', 'heads', 'base', 'current'] : []),
  ])
  throw new AludelError('ALUDEL_UNKNOWN_REVISION', `no revision or branch label is called "${name}"`, {
    help: near.length > 0 ? `Nearest: ${near.join(', ')}.` : 'There are no revisions yet.',
    details: { revision: text, nearest: near },
  })
}

function notAMember(context: Context, revision: Revision): AludelError {
  const branch = context.identifier.branch ?? ''
  return new AludelError('ALUDEL_UNKNOWN_REVISION', `revision ${revision.id} is not on the branch "${branch}"`, {
    help: `${branch} stands on, and under, other revisions; see \`aludel migrate history\`.`,
    details: { revision: revision.id, branch },
  })
}

function fromSymbol(context: Context, symbol: string): Found {
  const { offset } = context.identifier
  if (!isSymbol(symbol)) {
    const revision = findNamed(context.graph, symbol, context.identifier.text, context)
    if (offset === 0) return { ids: [revision.id] }
    return offset > 0 ? walkUp(context, revision.id) : walkDown(context, revision.id)
  }
  if (symbol === 'current' && offset !== 0) return fromApplied(context)
  const ids = symbolIds(context, symbol)
  if (offset === 0) return { ids }
  const [id] = ids
  if (ids.length > 1) {
    throw ambiguous(
      context.identifier.text,
      `"${context.identifier.text}" counts from ${ids.length} revisions: ${ids.join(', ')}`,
      ids,
      `Count from one of them, for example ${id ?? ''}${signed(offset)}.`,
    )
  }
  if (offset > 0) return walkUp(context, id)
  if (id === undefined) throw outOfRange(context, 0)
  return walkDown(context, id)
}

function symbolIds(context: Context, symbol: RevisionSymbol): readonly string[] {
  const { graph, branch, lineage } = context
  if (symbol === 'base') return []
  if (symbol === 'current') {
    const applied = needApplied(context)
    return ids(graph.currentOf(lineage === undefined ? applied : applied.filter((id) => lineage.has(id))))
  }
  const heads =
    branch === undefined ? graph.heads : graph.heads.filter(({ id }) => graph.descendants([branch.id]).has(id))
  if (symbol === 'head' && heads.length > 1) throw multipleHeads(context, heads)
  return ids(heads)
}

function multipleHeads(context: Context, heads: readonly Revision[]): AludelError {
  const { identifier, purpose } = context
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

/** `+N`, `-N`, `label@+N`, `label@-N`: counted from what is applied. */
function fromApplied(context: Context): Found {
  const { graph, identifier, purpose, lineage } = context
  const applied = needApplied(context)
  const up = identifier.offset > 0
  if ((purpose === 'upgrade' && !up) || (purpose === 'downgrade' && up)) throw wrongWay(context)
  // On a branch, also what is applied only because another line depends on it counts.
  const tips = lineage === undefined ? ids(graph.currentOf(applied)) : tipsWithin(graph, applied, lineage)
  const [tip] = tips
  if (tips.length > 1) {
    const sample = branchSample(context, tips)
    throw ambiguous(
      identifier.text,
      `"${identifier.text}" counts from what is applied, and that has ${tips.length} heads: ${tips.join(', ')}`,
      tips,
      `Say which: \`${sample}\`, or an id.`,
    )
  }
  if (up) return walkUp(context, tip)
  if (tip === undefined) throw outOfRange(context, 0)
  return walkDown(context, tip, applied)
}

/** `label@-1` for the first of several tips; its id stands for a label where there is none. */
function branchSample(context: Context, tips: readonly string[]): string {
  const { graph, identifier } = context
  const [tip = ''] = tips
  const own = graph
    .labelsOf(tip)
    .find((label) => tips.every((other) => other === tip || !graph.labelsOf(other).includes(label)))
  return `${own ?? tip}@${signed(identifier.offset)}`
}

/** The applied revisions of a line that no other applied one of the line has below itself. */
function tipsWithin(graph: RevisionGraph, applied: readonly string[], lineage: ReadonlySet<string>): string[] {
  const members = applied.filter((id) => lineage.has(id))
  const below = graph.ancestors(members.flatMap((id) => ids(graph.parents(id))))
  return members.filter((id) => !below.has(id))
}

/** From a revision, or from before everything, to its children; on a branch only along it. */
function walkUp(context: Context, start: string | undefined): Found {
  const { graph, identifier, lineage } = context
  let position = start
  for (let step = 0; step < identifier.offset; step++) {
    const next = position === undefined ? graph.bases : graph.children(position)
    const candidates = ids(next).filter((id) => lineage?.has(id) !== false)
    const [only] = candidates
    if (only === undefined) throw outOfRange(context, step)
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
 * From a revision to its parents. The last step may land on several (below a merge): that is a well-defined place to
 * be; only going on from there is a choice. With `applied`, a count from what is applied.
 */
function walkDown(context: Context, start: string, applied?: readonly string[]): Found {
  const { graph, identifier, lineage } = context
  const steps = -identifier.offset
  let position = start
  for (let step = 1; ; step++) {
    const parents = ids(graph.parents(position)).filter((id) => lineage?.has(id) !== false)
    if (step === steps) return { ids: parents, ...(applied !== undefined && { undo: position }) }
    const [parent] = parents
    if (parent === undefined) throw outOfRange(context, step)
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

function outOfRange(context: Context, available: number): AludelError {
  const { identifier, purpose } = context
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

function wrongWay(context: Context): AludelError {
  const { identifier, purpose } = context
  const other = purpose === 'upgrade' ? 'downgrade' : 'upgrade'
  return new AludelError(
    'ALUDEL_RELATIVE_OUT_OF_RANGE',
    `${purpose} cannot go to "${identifier.text}": that is ${purpose === 'upgrade' ? 'below' : 'above'} what is applied`,
    { help: `Use \`aludel migrate ${other}\`.`, details: { revision: identifier.text } },
  )
}

function needApplied(context: Context): readonly string[] {
  if (context.applied !== undefined) return context.applied
  throw new AludelError(
    'ALUDEL_USAGE',
    `"${context.identifier.text}" means what is applied, and no database is asked here`,
    { help: 'Name a revision.', details: { revision: context.identifier.text } },
  )
}

function ids(revisions: readonly Revision[]): string[] {
  return revisions.map((revision) => revision.id)
}

function signed(offset: number): string {
  return offset > 0 ? `+${offset}` : String(offset)
}

function plural(count: string): string {
  return count === '1' ? 'revision' : 'revisions'
}
