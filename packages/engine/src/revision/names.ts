// cspell:ignore haed
import { AludelError } from '../errors'

import type { LineOf, Revision } from './revision'

/** Reserved words of the REV grammar: they are not allowed as ids and labels. */
export const symbols = ['head', 'heads', 'base', 'current'] as const

/** A symbolic revision: `head`, `heads`, `base` or `current`. */
export type RevisionSymbol = (typeof symbols)[number]

/** True for `head`, `heads`, `base` and `current`. */
export function isSymbol(text: string): text is RevisionSymbol {
  return (symbols as readonly string[]).includes(text)
}

/** True for a valid revision id: letters, digits, `_` and `.`, and not a reserved word. */
export function isRevisionId(text: string): boolean {
  return /^[A-Za-z0-9_.]+$/.test(text) && !isSymbol(text)
}

/**
 * True for a valid branch label: like an id, but in any script, and with `-` and `/` inside.
 * A label must not end like a step count: `x-2` would be ambiguous.
 */
export function isBranchLabel(text: string): boolean {
  return (
    /^[\p{L}\p{M}\p{N}_.]([\p{L}\p{M}\p{N}_./-]*[\p{L}\p{M}\p{N}_.])?$/u.test(text) &&
    !/-\d+$/.test(text) &&
    !isSymbol(text)
  )
}

/** `/…/file.ts:5`: the place of a field of a revision. */
export function placeOf({ path, lines }: Revision, what: LineOf): string {
  const line = lines?.[what] ?? lines?.class
  return line === undefined ? path : `${path}:${line}`
}

/** `3f9c1b7a2d40 (/…/file.ts:5)`: a revision in messages. */
export function describeRevision(revision: Revision, what: LineOf): string {
  return `${revision.id} (${placeOf(revision, what)})`
}

/**
 * Refuses ids and labels that cannot be used on a command line.
 *
 * @throws ALUDEL_REVISION_INVALID
 */
export function checkNames(revision: Revision): void {
  if (!isRevisionId(revision.id)) {
    throw new AludelError(
      'ALUDEL_REVISION_INVALID',
      `"${revision.id}" cannot be the id of a revision (${placeOf(revision, 'revision')})`,
      {
        help: `An id has letters, digits, "_" and "." only, and is none of ${symbols.join(', ')}.`,
        details: { revision: revision.id, path: revision.path },
      },
    )
  }
  for (const label of revision.branchLabels) {
    if (isBranchLabel(label)) continue
    throw new AludelError(
      'ALUDEL_REVISION_INVALID',
      `"${label}" cannot be a branch label, in revision ${describeRevision(revision, 'branchLabels')}`,
      {
        help: `A label has letters, digits, "_", ".", "/" and "-" inside, does not end like "-2", and is none of ${symbols.join(', ')}.`,
        details: { revision: revision.id, path: revision.path, label },
      },
    )
  }
}

/**
 * The candidates nearest to a mistyped name, by edit distance, nearest first. Also compares with prefixes of the same
 * length, so that `3f8c` finds `3f9c1b7a2d40`.
 *
 * @returns none if more than half of the letters differ in each
 * @example
 * nearest('haed', ['head', 'heads', 'base', 'a1b2c3d4e5f6']) // ['head', 'heads']
 */
export function nearest(text: string, candidates: Iterable<string>, count = 3): string[] {
  const scored: { candidate: string; score: number }[] = []
  for (const candidate of new Set(candidates)) {
    const whole = editDistance(text, candidate)
    const start = text.length < candidate.length ? editDistance(text, candidate.slice(0, text.length)) + 0.5 : whole
    scored.push({ candidate, score: Math.min(whole, start) })
  }
  scored.sort((a, b) => a.score - b.score)
  const best = scored[0]?.score
  return best === undefined || best > Math.max(1, text.length / 2)
    ? []
    : scored
        .filter(({ score }) => score <= best + 1)
        .slice(0, count)
        .map(({ candidate }) => candidate)
}

function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const same = a.charCodeAt(i - 1) === b.charCodeAt(j - 1) ? 0 : 1
      row.push(Math.min((previous[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (previous[j - 1] ?? 0) + same))
    }
    previous = row
  }
  return previous[b.length] ?? 0
}
