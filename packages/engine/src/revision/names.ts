// cspell:ignore haed
import { AludelError } from '../errors'

import type { LineOf, Revision } from './revision'

/** Words of the REV grammar that can be no id and no label. */
export const symbols = ['head', 'heads', 'base', 'current'] as const

/** One of the words that stand for revisions: `head`, `heads`, `base`, `current`. */
export type RevisionSymbol = (typeof symbols)[number]

/** True for `head`, `heads`, `base` and `current`. */
export function isSymbol(text: string): text is RevisionSymbol {
  return (symbols as readonly string[]).includes(text)
}

/** True for what may be the id of a revision: letters, digits, `_` and `.`, and no word of the REV grammar. */
export function isRevisionId(text: string): boolean {
  return /^[A-Za-z0-9_.]+$/.test(text) && !isSymbol(text)
}

/**
 * True for what may be a branch label: like an id, but in any script, and with `-` and `/` inside.
 * A label that ends like a step count (`x-2`) could not be told from one.
 */
export function isBranchLabel(text: string): boolean {
  return (
    /^[\p{L}\p{M}\p{N}_.]([\p{L}\p{M}\p{N}_./-]*[\p{L}\p{M}\p{N}_.])?$/u.test(text) &&
    !/-\d+$/.test(text) &&
    !isSymbol(text)
  )
}

/** `/…/file.ts:5`: where a revision says something of itself. */
export function placeOf({ path, lines }: Revision, what: LineOf): string {
  const line = lines?.[what] ?? lines?.class
  return line === undefined ? path : `${path}:${line}`
}

/** `3f9c1b7a2d40 (/…/file.ts:5)`: how messages name a revision of the graph. */
export function describeRevision(revision: Revision, what: LineOf): string {
  return `${revision.id} (${placeOf(revision, what)})`
}

/**
 * Refuses ids and labels that no command line could name afterwards.
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
 * The candidates nearest to a mistyped name, by edit distance, nearest first. A prefix is compared with prefixes,
 * so that `3f8c` finds `3f9c1b7a2d40`.
 *
 * @example
 * nearest('haed', ['head', 'base', 'a1b2c3d4e5f6']) // ['head', 'base']
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
  return best === undefined
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
