import type { BranchesResult } from '../results'
import { plural } from '../text'
import type { Conflict } from '../results'

/**
 * Describes conflicts: one line each, then an indented line for each revision that takes part in it.
 *
 * @param shorten formats the path of a revision. Default: the whole path.
 * @example
 * conflictLines(result) // ['column users.born (sqlite, postgres): both branches touch it', '  3f9c… (…ts): add column …', …]
 */
export function conflictLines({ conflicts }: BranchesResult, shorten = (path: string): string => path): string[] {
  return conflicts.flatMap((conflict) => [
    headline(conflict),
    ...conflict.sides.flat().map(({ revision, path, operations }) => {
      const what = operations.length === 0 ? '' : `: ${operations.join('; ')}`
      return `  ${revision} (${shorten(path)})${what}`
    }),
  ])
}

/**
 * Summarizes two branches: `3f9c… and 8a1b… meet in 2 places, and do not commute`, or `the schemas of 3f9c… and 8a1b… commute;
 * rows were not compared, and 8a1b… writes some` if a revision writes rows.
 */
export function branchesLine({ heads: [first, second], commute, conflicts, writesRows = [] }: BranchesResult): string {
  const verb = writesRows.length === 1 ? 'writes some' : 'write some'
  const rows = `; rows were not compared, and ${writesRows.join(', ')} ${verb}`
  const end = commute && writesRows.length > 0 ? rows : ''
  if (conflicts.length > 0)
    return `${first} and ${second} meet in ${plural(conflicts.length, 'place')}${commute ? '' : ', and do not commute'}${end}`
  return end === '' ? `${first} and ${second} commute` : `the schemas of ${first} and ${second} commute${end}`
}

function headline({ kind, object, dialects }: Conflict): string {
  switch (kind) {
    case 'same':
      return `${object}: both branches touch it (${dialects.join(', ')})`
    case 'order':
      return `${object}: differs if the other branch is applied first (${dialects.join(', ')})`
    case 'fails':
      return `${object} (${dialects.join(', ')})`
  }
}
