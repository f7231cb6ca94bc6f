import type { AlterTableCmd, ColumnDef, Constraint, ConstrType, Node } from 'libpg-query' with {
  'resolution-mode': 'import',
}

import { bodiesIn, bodyOf, stringsOf, typeText } from '../../sql/postgres/nodes'
import { Catalog, nameIn } from './catalog'
import { allCommands } from './commands'
import type { Name } from './facts'
import { learn } from './learn'
import type { PostgresSubject } from './subject'
import { commandTexts } from './text'

/** A command of an ALTER TABLE. */
export interface WrittenCommand extends AlterTableCmd {
  readonly table: Name
  /** As written, in one line. */
  readonly text: string
}

/** The commands of an ALTER TABLE in order; empty for any other statement. */
export function writtenCommands({ node, sql }: Pick<PostgresSubject, 'node' | 'sql'>): readonly WrittenCommand[] {
  const commands = allCommands(node)
  const texts = commands.length === 0 ? [] : commandTexts(sql)
  return commands.map(({ table, command, position }) => ({ ...command, table, text: texts[position] ?? '' }))
}

/** A column where a statement gives it a type: in CREATE TABLE, ADD COLUMN or ALTER COLUMN TYPE. */
export interface WrittenColumn {
  readonly table: Name
  readonly name: string
  /** `character varying(50)`, `serial`. */
  readonly type: string
  readonly definition: ColumnDef
  readonly command?: WrittenCommand
}

export function columnsIn(subject: Pick<PostgresSubject, 'node' | 'sql'>): readonly WrittenColumn[] {
  const { relation, tableElts } = bodyOf(subject.node, 'CreateStmt') ?? {}
  return [
    ...bodiesIn(tableElts, 'ColumnDef').map((definition) => writtenColumn(nameIn(relation), definition)),
    ...writtenCommands(subject).flatMap((command) => {
      const definition = bodyOf(command.def, 'ColumnDef')
      if (definition === undefined || (command.subtype !== 'AT_AddColumn' && command.subtype !== 'AT_AlterColumnType'))
        return []
      return { ...writtenColumn(command.table, definition, command.name), command }
    }),
  ]
}

function writtenColumn(table: Name, definition: ColumnDef, name = definition.colname ?? ''): WrittenColumn {
  return { table, name, type: typeText(definition.typeName), definition }
}

/** A constraint where a statement creates it: in CREATE TABLE, ADD COLUMN or ADD CONSTRAINT. */
export interface WrittenConstraint {
  readonly table: Name
  readonly kind: ConstrType
  readonly constraint: Constraint
  /** Of this table; empty for a check, and for USING INDEX. */
  readonly columns: readonly string[]
  /** `constraint uq_orders_email`; `a constraint` without a name. */
  readonly label: string
  readonly command?: WrittenCommand
}

export function constraintsIn(subject: Pick<PostgresSubject, 'node' | 'sql'>): readonly WrittenConstraint[] {
  const { relation, tableElts } = bodyOf(subject.node, 'CreateStmt') ?? {}
  const table = nameIn(relation)
  const own = bodiesIn(tableElts, 'Constraint').map((constraint) => writtenConstraint(table, constraint))
  return [
    ...columnsIn(subject).flatMap((column) =>
      bodiesIn(column.definition.constraints, 'Constraint').map((constraint) => ({
        ...writtenConstraint(column.table, constraint, [column.name]),
        command: column.command,
      })),
    ),
    ...own,
    ...writtenCommands(subject).flatMap((command) => {
      const constraint = command.subtype === 'AT_AddConstraint' ? bodyOf(command.def, 'Constraint') : undefined
      return constraint === undefined ? [] : { ...writtenConstraint(command.table, constraint), command }
    }),
  ]
}

function writtenConstraint(
  table: Name,
  constraint: Constraint,
  columns: readonly string[] = [...stringsOf(constraint.keys), ...stringsOf(constraint.fk_attrs)],
): WrittenConstraint {
  const { contype: kind = 'CONSTR_NULL', conname } = constraint
  return { table, kind, constraint, columns, label: conname === undefined ? 'a constraint' : `constraint ${conname}` }
}

/** The table or view that a statement creates. */
export function createdIn(node: Node): Name | undefined {
  const relation =
    bodyOf(node, 'CreateStmt')?.relation ??
    bodyOf(node, 'CreateTableAsStmt')?.into?.rel ??
    bodyOf(node, 'SelectStmt')?.intoClause?.rel ??
    bodyOf(node, 'ViewStmt')?.view
  return relation === undefined ? undefined : nameIn(relation)
}

/** What is known after the statement, as if it had run. */
export function catalogAfter({ catalog, node }: Pick<PostgresSubject, 'catalog' | 'node'>): Catalog {
  const after = new Catalog(catalog)
  learn(after, node)
  return after
}

/** All nodes of a kind in a tree, outermost first. */
export function nodesIn<T>(tree: unknown, pick: (node: Node) => T | undefined): readonly T[] {
  if (Array.isArray(tree)) return tree.flatMap((part: unknown) => nodesIn(part, pick))
  if (typeof tree !== 'object' || tree === null) return []
  const picked = pick(tree as Node)
  return [...(picked === undefined ? [] : [picked]), ...Object.values(tree).flatMap((part) => nodesIn(part, pick))]
}
