import type { AlterTableCmd, ColumnDef, Constraint } from 'libpg-query' with { 'resolution-mode': 'import' }

import { bodiesIn, bodyOf } from '../../sql/postgres/nodes'
import { nameIn } from './catalog'
import type { Name } from './facts'
import type { PostgresSubject } from './subject'

/** A command of ALTER TABLE. */
export interface Command {
  readonly table: Name
  readonly command: AlterTableCmd
  /** Among the commands of the statement, from 0. */
  readonly position: number
}

/** The commands of ALTER TABLE; empty for any other statement, and for a table that the same step has created. */
export function commandsIn({ node, catalog }: Pick<PostgresSubject, 'node' | 'catalog'>): readonly Command[] {
  return allCommands(node).filter(({ table }) => !catalog.isNew(table))
}

/** The commands of ALTER TABLE, also for a new table. */
export function allCommands(node: PostgresSubject['node']): readonly Command[] {
  const statement = bodyOf(node, 'AlterTableStmt')
  if (statement?.objtype !== 'OBJECT_TABLE') return []
  const table = nameIn(statement.relation)
  return bodiesIn(statement.cmds, 'AlterTableCmd').map((command, position) => ({ table, command, position }))
}

/** A constraint that ALTER TABLE adds. */
export interface AddedConstraint extends Command {
  readonly constraint: Constraint
  /** The new column that it is written at. */
  readonly column?: ColumnDef
}

/** The constraints that a statement adds to a table that exists, by ADD CONSTRAINT or as a part of ADD COLUMN. */
export function addedConstraints(
  subject: Pick<PostgresSubject, 'node' | 'catalog'>,
  type: Constraint['contype'],
): readonly AddedConstraint[] {
  return commandsIn(subject).flatMap((command): readonly AddedConstraint[] => {
    const { subtype, def } = command.command
    if (subtype === 'AT_AddConstraint') {
      const constraint = bodyOf(def, 'Constraint')
      return constraint === undefined || constraint.contype !== type ? [] : [{ ...command, constraint }]
    }
    const column = subtype === 'AT_AddColumn' ? bodyOf(def, 'ColumnDef') : undefined
    return bodiesIn(column?.constraints, 'Constraint').flatMap((constraint) =>
      constraint.contype === type ? [{ ...command, constraint, column }] : [],
    )
  })
}
