import { branchesLine, type BranchesResult, conflictLines } from '@aludel/engine'

import { shortPath } from './format'
import type { Colors } from './output'

/** Whether two branches commute, and their conflicts. */
export function branchLines(pair: BranchesResult, colors: Colors, cwd: string): string[] {
  const isSure = pair.conflicts.length === 0 && pair.writesRows === undefined
  const mark = isSure ? colors.green('✓') : pair.commute ? colors.yellow('?') : colors.yellow('✗')
  const lines = conflictLines(pair, (path) => shortPath(path, cwd))
  return [`${mark} ${branchesLine(pair)}${lines.length === 0 ? '.' : ':'}`, ...lines.map((line) => `  ${line}`)]
}
