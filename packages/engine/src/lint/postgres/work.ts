import type { Constraint, DeleteStmt, Node, RangeVar, UpdateStmt } from 'libpg-query' with {
  'resolution-mode': 'import',
}

import type { StatementEffects } from '../../sql/effects'
import { bodiesIn, bodyOf, stringsOf, textOf, typeText } from '../../sql/postgres/nodes'
import { isPlainCast, rewritesOf, typeChange, type TypeChange } from '../../sql/postgres/rewrites'
import { type Catalog, nameIn, nameOf } from './catalog'
import { type Command, commandsIn } from './commands'
import type { Name } from './facts'
import { columnsOfConstraint } from './learn-table'
import type { PostgresSubject } from './subject'

/** What a change of the type of a column costs, and the types. */
export interface ChangedType {
  readonly column: string
  /** The old type; undefined if it is not known. */
  readonly from: string | undefined
  readonly to: string
  readonly change: TypeChange
}

/** What ALTER COLUMN … TYPE does; undefined for any other command. */
export function changedType(
  { catalog, earlier }: Pick<PostgresSubject, 'catalog' | 'earlier'>,
  { table, command }: Command,
): ChangedType | undefined {
  if (command.subtype !== 'AT_AlterColumnType') return undefined
  const { name: column = '', def } = command
  const { typeName, raw_default: using, collClause } = bodyOf(def, 'ColumnDef') ?? {}
  const from = catalog.column(table, column)?.type
  const to = typeText(typeName)
  const isConverted = using !== undefined && !isPlainCast(using, column, typeName)
  const change = isConverted ? 'rewrite' : typeChange(from, to)
  const exact = known(change, from, to, catalog, earlier)
  if (collClause === undefined) return { column, from, to, change: exact }
  // Another collation is another order of its indexes: https://www.postgresql.org/docs/current/sql-altertable.html
  const collation = stringsOf(collClause.collname).join('.')
  return { column, from, to: `${to} with collation ${collation}`, change: exact === 'none' ? 'reindex' : exact }
}

/** The change, with what is known of enums and of the session. */
function known(
  change: TypeChange,
  from: string | undefined,
  to: string,
  catalog: Catalog,
  earlier: readonly PostgresSubject[],
): TypeChange {
  if (change === 'utc') return isInUtc(earlier) ? 'reindex' : 'utc'
  const isEnum = (type: string): boolean => catalog.enumType(nameOf(type.split('.'))) !== undefined
  return change === 'unknown' && from !== undefined && (isEnum(from) || isEnum(to)) ? 'rewrite' : change
}

/** Whether the step has set the time zone of the session to UTC. */
function isInUtc(earlier: readonly PostgresSubject[]): boolean {
  const last = earlier.findLast(({ node }) => /^timezone$/i.test(bodyOf(node, 'VariableSetStmt')?.name ?? ''))
  const { kind, args } = bodyOf(last?.node, 'VariableSetStmt') ?? {}
  return kind === 'VAR_SET_VALUE' && /^(?:etc\/)?utc$/i.test(textOf(args?.[0]) ?? '')
}

/** Whether every row is known to have a value in the column, so that SET NOT NULL checks none. */
export function isProvedNotNull(catalog: Catalog, table: Name, column: string): boolean {
  const constraints = [...(catalog.table(table)?.constraints.values() ?? [])]
  // A NOT NULL constraint that is NOT VALID is checked by SET NOT NULL.
  const isOpen = constraints.some(({ kind, validated, columns }) => {
    return kind === 'not null' && !validated && columns.includes(column)
  })
  return (
    (!isOpen && catalog.column(table, column)?.notNull === true) ||
    constraints.some(({ validated, provesNotNull }) => validated && provesNotNull.includes(column))
  )
}

/** Whether a command reads every row of its table (`scan`), or rewrites it. Building an index is a scan. */
export function costOf(subject: PostgresSubject, command: Command): 'scan' | 'rewrite' | undefined {
  const { subtype, def, name = '' } = command.command
  switch (subtype) {
    case 'AT_AddColumn': {
      const column = bodyOf(def, 'ColumnDef')
      if (rewritesOf(column).length > 0) return 'rewrite'
      const constraints = bodiesIn(column?.constraints, 'Constraint')
      // A foreign key checks the values of existing rows, which are NULL without a default. NOT NULL trusts a default.
      const hasDefault = constraints.some(({ contype }) => contype === 'CONSTR_DEFAULT')
      const isFree = ({ contype }: Constraint): boolean =>
        contype === 'CONSTR_NOTNULL' || (contype === 'CONSTR_FOREIGN' && !hasDefault)
      return constraints.some((one) => checksRows(one) && !isFree(one)) ? 'scan' : undefined
    }
    case 'AT_AlterColumnType': {
      const change = changedType(subject, command)?.change
      if (change === 'rewrite' || change === 'utc') return 'rewrite'
      const isChecked = checksOn(subject.catalog, command.table, name).length > 0
      return change === 'unknown' || isChecked ? 'scan' : undefined
    }
    case 'AT_AddConstraint': {
      const constraint = bodyOf(def, 'Constraint')
      if (constraint === undefined) return undefined
      const isOpen = (column: string): boolean => !isProvedNotNull(subject.catalog, command.table, column)
      // Columns of a primary key become NOT NULL, even if its index is there.
      const isKey = constraint.contype === 'CONSTR_PRIMARY'
      return checksRows(constraint) || (isKey && columnsOfConstraint(subject.catalog, constraint).some(isOpen))
        ? 'scan'
        : undefined
    }
    case 'AT_SetNotNull':
      return isProvedNotNull(subject.catalog, command.table, name) ? undefined : 'scan'
    case 'AT_ValidateConstraint':
      return subject.catalog.constraint(command.table, name)?.validated === true ? undefined : 'scan'
    default:
      return rewriting.has(String(subtype)) ? 'rewrite' : undefined
  }
}

const rewriting = new Set([
  'AT_SetLogged',
  'AT_SetUnLogged',
  'AT_SetAccessMethod',
  'AT_SetTableSpace',
  'AT_SetExpression',
])

/** Whether the server reads all rows when it adds the constraint: to check them, or to build an index. */
function checksRows({ contype, skip_validation, is_enforced, indexname }: Constraint): boolean {
  switch (contype) {
    case 'CONSTR_CHECK':
    case 'CONSTR_FOREIGN':
      return skip_validation !== true && is_enforced === true
    case 'CONSTR_UNIQUE':
    case 'CONSTR_PRIMARY':
    case 'CONSTR_EXCLUSION':
      return indexname === undefined
    case 'CONSTR_NOTNULL':
      return skip_validation !== true
    default:
      return false
  }
}

/** The names of the checks that mention a column. A change of its type checks all rows by them, even one to the same type. */
export function checksOn(catalog: Catalog, table: Name, column: string): readonly string[] {
  return [...(catalog.table(table)?.constraints.values() ?? [])].flatMap(({ kind, mentions, name }) =>
    kind === 'check' && mentions.includes(column) ? [name] : [],
  )
}

/** Work on a table that exists, which takes longer the more rows it has. */
export interface LongWork {
  readonly table: Name
  /** `updating orders`. */
  readonly words: string
}

/** Work of a statement that reads or writes many rows; undefined if there is none. CONCURRENTLY is none: it stands alone. */
export function longWork(subject: PostgresSubject): LongWork | undefined {
  const { node, catalog } = subject
  for (const command of commandsIn(subject)) {
    const cost = costOf(subject, command)
    const { table } = command
    if (cost !== undefined)
      return { table, words: `${cost === 'rewrite' ? 'rewriting' : 'checking every row of'} ${table.text}` }
  }
  const workOn = (words: string, relation: RangeVar | undefined): LongWork | undefined => {
    const table = nameIn(relation)
    return relation === undefined || catalog.isNew(table) ? undefined : { table, words: `${words} ${table.text}` }
  }
  const index = bodyOf(node, 'IndexStmt')
  if (index !== undefined && index.concurrent !== true) return workOn('building an index of', index.relation)
  const update = bodyOf(node, 'UpdateStmt')
  if (update !== undefined && !isOneRow(catalog, update)) return workOn('updating', update.relation)
  const removal = bodyOf(node, 'DeleteStmt')
  if (removal !== undefined && !isOneRow(catalog, removal)) return workOn('deleting rows of', removal.relation)
  const copy = bodyOf(bodyOf(node, 'InsertStmt')?.selectStmt, 'SelectStmt')?.fromClause
  const created = bodyOf(bodyOf(node, 'CreateTableAsStmt')?.query, 'SelectStmt')?.fromClause
  for (const source of bodiesIn(copy ?? created, 'RangeVar')) {
    const work = workOn('copying rows of', source)
    if (work !== undefined) return work
  }
  const merge = bodyOf(node, 'MergeStmt')
  return merge === undefined ? undefined : workOn('merging rows into', merge.relation)
}

/** Whether the condition names the value of a key: `WHERE id = 5`. */
function isOneRow(catalog: Catalog, { relation, whereClause }: UpdateStmt | DeleteStmt): boolean {
  const { lexpr, rexpr, name, kind } = bodyOf(whereClause, 'A_Expr') ?? {}
  if (kind !== 'AEXPR_OP' || stringsOf(name)[0] !== '=' || bodyOf(rexpr, 'A_Const') === undefined) return false
  const column = stringsOf(bodyOf(lexpr, 'ColumnRef')?.fields).at(-1)
  const table = nameIn(relation)
  const keys = [
    ...[...(catalog.table(table)?.constraints.values() ?? [])].flatMap(({ kind: one, columns }) =>
      one === 'primary key' || one === 'unique' ? [columns] : [],
    ),
    ...catalog.indexesOf(table).flatMap(({ unique, partial, columns }) => (unique && !partial ? [columns] : [])),
  ]
  return column !== undefined && keys.some((columns) => columns.length === 1 && columns[0] === column)
}

/**
 * The table that an earlier statement of the transaction has locked for everybody, and that this one does not lock itself;
 * undefined if there is none.
 */
export function lockedBefore({
  step,
  earlier,
  effects,
  catalog,
}: Pick<PostgresSubject, 'step' | 'earlier' | 'effects' | 'catalog'>): string | undefined {
  if (!step.transactional) return undefined
  const own = lockedTables(effects)
  return earlier
    .filter((one) => !dropsRelations(one.node))
    .flatMap((one) => lockedTables(one.effects))
    .find((table) => !own.includes(table) && !catalog.isNew(nameOf(table.split('.'))))
}

function lockedTables({ locks }: StatementEffects): readonly string[] {
  return locks.flatMap(({ level, table, isIndex }) => (level === 'ACCESS EXCLUSIVE' && isIndex !== true ? [table] : []))
}

/** Nobody needs a table that is dropped. */
function dropsRelations(node: Node): boolean {
  return /^OBJECT_(?:TABLE|VIEW|MATVIEW)$/.test(bodyOf(node, 'DropStmt')?.removeType ?? '')
}
