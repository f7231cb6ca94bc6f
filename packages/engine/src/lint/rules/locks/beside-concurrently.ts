import type { Node } from 'libpg-query' with { 'resolution-mode': 'import' }

import { bodiesIn, bodyOf } from '../../../sql/postgres/nodes'
import { isRefusedInTransaction } from '../../../sql/postgres/outside'
import { defineRule } from '../../rule'

/** https://www.postgresql.org/docs/current/sql-createindex.html#SQL-CREATEINDEX-CONCURRENTLY */
export const besideConcurrently = defineRule({
  id: 'L5',
  name: 'beside-concurrently',
  category: 'locks',
  severity: 'warning',
  about:
    'Statements beside one that is CONCURRENTLY run without a transaction, and stay if the revision fails halfway.',
  postgres: {
    step(step, subjects) {
      const isConcurrent = ({ sql }: { readonly sql: string }): boolean =>
        isRefusedInTransaction(sql) && /\bconcurrently\b/i.test(sql)
      // What the tool writes is made to be resumed at any statement: docs/lint.md, "Writing the safe form".
      if (step.transactional || step.generated || !subjects.some(isConcurrent)) return undefined
      const others = subjects.filter(
        (one) => one.effects.writes && !isRefusedInTransaction(one.sql) && !isRepeatable(one.node),
      )
      const [first] = others
      if (first === undefined) return undefined
      const many = others.length > 1
      return {
        message: `${many ? `${String(others.length)} statements` : 'a statement'} beside CONCURRENTLY ${many ? 'run' : 'runs'} without a transaction, and ${many ? 'stay' : 'stays'} if the revision fails halfway`,
        help: `Move ${many ? 'them' : 'it'} to a revision of ${many ? 'their' : 'its'} own, which runs in a transaction.`,
        index: first.index,
      }
    },
  },
})

/** Statements that do no harm halfway: they can run again, or complete what CONCURRENTLY has built. */
function isRepeatable(node: Node): boolean {
  const [name = '', body] = Object.entries(node)[0] ?? []
  if (repeatable.has(name)) return true
  const alter = bodyOf(node, 'AlterTableStmt')
  if (alter !== undefined)
    return bodiesIn(alter.cmds, 'AlterTableCmd').every(
      ({ subtype, def }) =>
        subtype === 'AT_ValidateConstraint' ||
        subtype === 'AT_AttachPartition' ||
        (subtype === 'AT_AddConstraint' && bodyOf(def, 'Constraint')?.indexname !== undefined),
    )
  const flags = new Map<string, unknown>(Object.entries(body ?? {}))
  return flags.get('if_not_exists') === true || flags.get('missing_ok') === true
}

const repeatable = new Set(
  'CommentStmt GrantStmt GrantRoleStmt ReindexStmt ClusterStmt RefreshMatViewStmt VacuumStmt CheckPointStmt'.split(' '),
)
