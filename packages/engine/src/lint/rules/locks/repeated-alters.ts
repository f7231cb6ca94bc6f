import { bodiesIn, bodyOf } from '../../../sql/postgres/nodes'
import { nameIn } from '../../postgres/catalog'
import { commandsIn } from '../../postgres/commands'
import { alterText } from '../../postgres/rewrite'
import type { PostgresSubject } from '../../postgres/subject'
import { costOf } from '../../postgres/work'
import { defineRule } from '../../rule'

/** https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-NOTES */
export const repeatedAlters = defineRule({
  id: 'L22',
  name: 'repeated-alters',
  category: 'locks',
  severity: 'info',
  about: 'Each ALTER TABLE that reads or rewrites all rows does so again. Several commands in one do it once.',
  postgres: {
    statement(subject) {
      const commands = commandsIn(subject)
      const [command] = commands
      if (
        command === undefined ||
        !commands.some((one) => isShared(subject, one.command.subtype, costOf(subject, one)))
      )
        return undefined
      const { table } = command
      // A statement between them may prepare the rows.
      const before = subject.earlier.at(-1)
      if (before === undefined || !readsRows(before)) return undefined
      const [first, second] = [alterText(before.sql), alterText(subject.sql)]
      if (first === undefined || first.head !== second?.head) return undefined
      return {
        message: `two statements in a row read all rows of ${table.text}, where one would do`,
        help: 'Put their commands into one ALTER TABLE.',
        instead: [`${first.head} ${[...first.commands, ...second.commands].join(', ')}`],
        table: table.text,
        grows: true,
      }
    },
  },
})

/** Work that several commands share: one scan, or one rewrite. Each index, and each foreign key, is work of its own. */
function isShared(
  subject: PostgresSubject,
  subtype: string | undefined,
  cost: 'scan' | 'rewrite' | undefined,
): boolean {
  if (cost === 'rewrite') return true
  if (cost === undefined) return false
  return subtype === 'AT_SetNotNull' || (subtype === 'AT_AddConstraint' && addsCheck(subject))
}

function addsCheck({ node }: PostgresSubject): boolean {
  return bodiesIn(bodyOf(node, 'AlterTableStmt')?.cmds, 'AlterTableCmd').some(({ def }) => {
    const constraint = bodyOf(def, 'Constraint')
    return constraint?.contype === 'CONSTR_CHECK' && constraint.skip_validation !== true
  })
}

/** Of a statement before, whose table is known only as it is now. */
function readsRows(subject: PostgresSubject): boolean {
  const { node, effects, catalog } = subject
  const table = nameIn(bodyOf(node, 'AlterTableStmt')?.relation)
  if (effects.rewrites.includes(table.text) || addsCheck(subject)) return true
  const constraints = [...(catalog.table(table)?.constraints.values() ?? [])]
  return bodiesIn(bodyOf(node, 'AlterTableStmt')?.cmds, 'AlterTableCmd').some(
    ({ subtype, name = '' }) =>
      subtype === 'AT_SetNotNull' &&
      !constraints.some(({ validated, provesNotNull }) => validated && provesNotNull.includes(name)),
  )
}
