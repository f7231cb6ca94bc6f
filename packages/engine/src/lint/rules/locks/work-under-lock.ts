import type { Node } from 'libpg-query' with { 'resolution-mode': 'import' }

import { bodiesIn, bodyOf } from '../../../sql/postgres/nodes'
import { lockedBefore, longWork } from '../../postgres/work'
import { defineRule } from '../../rule'

/** https://www.postgresql.org/docs/current/explicit-locking.html#LOCKING-TABLES */
export const workUnderLock = defineRule({
  id: 'L17',
  name: 'work-under-lock',
  category: 'locks',
  severity: 'warning',
  about:
    'A table lock is held until the transaction ends, so long work after ALTER TABLE blocks everybody who uses its table.',
  postgres: {
    statement(subject) {
      const locked = lockedBefore(subject)
      if (locked === undefined || hasOwnRule(subject.node)) return undefined
      const work = longWork(subject)
      if (work === undefined) return undefined
      return {
        message: `${work.words} takes long, and nobody can read or write ${locked} meanwhile: an earlier statement has locked it`,
        help: 'Move it to a revision of its own, so that the lock ends before it begins.',
        table: work.table.text,
        grows: true,
      }
    },
  },
})

/** Other rules find these whatever comes before them, and what they say ends the wait, too. VALIDATE has none: alone it blocks nobody. */
function hasOwnRule(node: Node): boolean {
  if (bodyOf(node, 'UpdateStmt') !== undefined || bodyOf(node, 'IndexStmt') !== undefined) return true
  const altered = bodyOf(node, 'AlterTableStmt')
  if (altered === undefined) return false
  return !bodiesIn(altered.cmds, 'AlterTableCmd').some(({ subtype }) => subtype === 'AT_ValidateConstraint')
}
