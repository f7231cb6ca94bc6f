import type { RestoreLeftover } from '@aludel/engine'

import { bytes, databaseName } from './format'

/** What restores have left beside a database, and what to do about it. */
export function leftoverLines(leftovers: readonly RestoreLeftover[], cwd: string): string[] {
  return ['Left by restores:', ...leftoverRows(leftovers, cwd), 'To drop them: aludel backup prune --replaced']
}

/** A line for each. */
export function leftoverRows(leftovers: readonly RestoreLeftover[], cwd: string): string[] {
  return leftovers.map(({ kind, name, bytes: size }) => {
    const words = kind === 'replaced' ? 'replaced by a restore, and kept' : 'left by an interrupted restore'
    return `  ${databaseName(name, cwd)}${size === null ? '' : ` (${bytes(size)})`}: ${words}`
  })
}
