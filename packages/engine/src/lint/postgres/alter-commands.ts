import type { AlterTableCmd, Node } from 'libpg-query' with { 'resolution-mode': 'import' }

import { bodiesIn, bodyOf } from '../../sql/postgres/nodes'
import { nameIn } from './catalog'
import type { Name } from './facts'

/** One part of ALTER TABLE. */
export interface AlterCommand {
  readonly table: Name
  readonly command: AlterTableCmd
}

/** The parts of an ALTER TABLE; none for any other statement, and for ALTER of an index, a view or a type. */
export function alterCommands(node: Node): readonly AlterCommand[] {
  const statement = bodyOf(node, 'AlterTableStmt')
  if (statement?.objtype !== 'OBJECT_TABLE') return []
  const table = nameIn(statement.relation)
  return bodiesIn(statement.cmds, 'AlterTableCmd').map((command) => ({ table, command }))
}
