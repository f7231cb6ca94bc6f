import type { AlterTableCmd, AlterTableStmt, AlterTableType, Constraint, ObjectType } from 'libpg-query' with {
  'resolution-mode': 'import',
}

import { isStronger, type LockMode } from '../effects'
import type { Collector } from './collector'
import type { Relation } from './memory'
import { bodiesIn, bodyOf, isUnboundedText, optionsOf, typeText, wordsOf } from './nodes'
import { readQuery } from './queries'
import { isPlainCast, rewritesOf } from './rewrites'
import { constraintsIn } from './tables'

/** `share`: does not block reading or writing rows. */
type Level = LockMode | 'share'

type Subcommand = Level | ((command: AlterTableCmd, table: Relation, at: Collector, object: ObjectType) => Level)

const exclusive = 'ACCESS EXCLUSIVE'
const onTriggers = 'SHARE ROW EXCLUSIVE'

/** Of an index or a sequence, the file is copied, and no row. */
const rewriting: Subcommand = (_, table, at, object) => {
  if (object !== 'OBJECT_INDEX' && object !== 'OBJECT_SEQUENCE') at.rewrites(table)
  return exclusive
}

/**
 * The lock and the effects of each subcommand: `AlterTableGetLockLevel` in
 * https://github.com/postgres/postgres/blob/master/src/backend/commands/tablecmds.c, where the manual is silent.
 */
const subcommands: Readonly<Partial<Record<AlterTableType, Subcommand>>> = {
  AT_AddColumn: addColumn,
  AT_DropColumn: dropColumn,
  AT_AlterColumnType: alterType,
  AT_AddConstraint: addConstraint,
  AT_AttachPartition: attach,
  AT_DetachPartition: detach,
  AT_DetachPartitionFinalize: detach,
  AT_AddInherit: inherit,
  AT_DropExpression: dropExpression,
  AT_SetRelOptions: setOptions,
  AT_ResetRelOptions: setOptions,
  AT_SetLogged: rewriting,
  AT_SetUnLogged: rewriting,
  AT_SetAccessMethod: rewriting,
  AT_SetTableSpace: rewriting,
  // The values of a generated column are recomputed.
  AT_SetExpression: rewriting,
  AT_ColumnDefault: exclusive,
  AT_DropNotNull: exclusive,
  AT_SetNotNull: exclusive,
  AT_SetStorage: exclusive,
  AT_SetCompression: exclusive,
  AT_AlterConstraint: exclusive,
  AT_DropConstraint: exclusive,
  AT_AlterColumnGenericOptions: exclusive,
  AT_GenericOptions: exclusive,
  AT_ChangeOwner: exclusive,
  AT_DropOids: exclusive,
  AT_EnableRule: exclusive,
  AT_EnableAlwaysRule: exclusive,
  AT_EnableReplicaRule: exclusive,
  AT_DisableRule: exclusive,
  AT_DropInherit: exclusive,
  AT_AddOf: exclusive,
  AT_DropOf: exclusive,
  AT_ReplicaIdentity: exclusive,
  AT_EnableRowSecurity: exclusive,
  AT_DisableRowSecurity: exclusive,
  AT_ForceRowSecurity: exclusive,
  AT_NoForceRowSecurity: exclusive,
  AT_AddIdentity: exclusive,
  AT_SetIdentity: exclusive,
  AT_DropIdentity: exclusive,
  AT_EnableTrig: onTriggers,
  AT_EnableAlwaysTrig: onTriggers,
  AT_EnableReplicaTrig: onTriggers,
  AT_DisableTrig: onTriggers,
  AT_EnableTrigAll: onTriggers,
  AT_DisableTrigAll: onTriggers,
  AT_EnableTrigUser: onTriggers,
  AT_DisableTrigUser: onTriggers,
  AT_SetStatistics: 'share',
  AT_SetOptions: 'share',
  AT_ResetOptions: 'share',
  AT_ValidateConstraint: 'share',
  AT_ClusterOn: 'share',
  AT_DropCluster: 'share',
}

/**
 * ALTER TABLE, and ALTER of indexes, views, sequences and composite types with the same subcommands. The server also locks
 * tables that only the catalog knows, which are not reported: the other table of a dropped foreign key, partitions, tables
 * that inherit.
 */
export function alterTable({ relation, cmds, objtype = 'OBJECT_TABLE' }: AlterTableStmt, at: Collector): void {
  const table = at.relation(relation)
  let strongest: Level = 'share'
  for (const command of bodiesIn(cmds, 'AlterTableCmd')) {
    at.does(descriptionOf(command, table, wordsOf(objtype)))
    if (objtype === 'OBJECT_TYPE') {
      alterAttribute(command, table, at)
      continue
    }
    const subcommand = command.subtype === undefined ? undefined : subcommands[command.subtype]
    if (subcommand === undefined) at.doesUnknown(`contains what is not known: ${String(command.subtype)}`)
    const level = typeof subcommand === 'function' ? subcommand(command, table, at, objtype) : (subcommand ?? exclusive)
    if (level !== 'share' && (strongest === 'share' || isStronger(level, strongest))) strongest = level
  }
  const isLocked = objtype !== 'OBJECT_TYPE' && objtype !== 'OBJECT_SEQUENCE' && strongest !== 'share'
  if (isLocked) at.locks(strongest as LockMode, table, objtype === 'OBJECT_INDEX')
}

function descriptionOf({ subtype, name, def }: AlterTableCmd, { text }: Relation, object: string): string {
  const of = object === 'type' ? 'attribute' : 'column'
  switch (subtype) {
    case 'AT_AddColumn':
      return `add ${of} ${text}.${bodyOf(def, 'ColumnDef')?.colname ?? ''}`
    case 'AT_DropColumn':
      return `drop ${of} ${text}.${name ?? ''}`
    case 'AT_AddConstraint':
      return `add ${constraintWords(bodyOf(def, 'Constraint'))} on ${text}`
    case 'AT_DropConstraint':
      return `drop constraint ${name ?? ''} on ${text}`
    case 'AT_AlterColumnType':
    case 'AT_ColumnDefault':
    case 'AT_DropNotNull':
    case 'AT_SetNotNull':
    case 'AT_SetExpression':
    case 'AT_DropExpression':
      return `alter ${of} ${text}.${name ?? ''}`
    default:
      return `alter ${object} ${text}`
  }
}

const constraintKinds: Readonly<Record<string, string>> = {
  CONSTR_CHECK: 'check',
  CONSTR_EXCLUSION: 'exclusion',
  CONSTR_FOREIGN: 'foreign key',
  CONSTR_PRIMARY: 'primary key',
  CONSTR_UNIQUE: 'unique',
}

function constraintWords(constraint: Constraint | undefined): string {
  const name = constraint?.conname
  return `${constraintKinds[constraint?.contype ?? ''] ?? 'constraint'}${name === undefined ? '' : ` ${name}`}`
}

/** Of a composite type. In columns of that type, the values of the attribute are lost. */
function alterAttribute({ subtype, name, def, behavior }: AlterTableCmd, type: Relation, at: Collector): void {
  const attribute = `${type.text}.${name ?? ''}`
  if (subtype === 'AT_DropColumn') at.loses(`values of type ${attribute}`)
  // Without CASCADE, the server refuses if any table uses the type.
  else if (subtype === 'AT_AlterColumnType' && behavior === 'DROP_CASCADE')
    at.loses(`values of type ${attribute} that do not fit ${typeText(bodyOf(def, 'ColumnDef')?.typeName)}`)
  else if (subtype !== 'AT_AddColumn' && subtype !== 'AT_AlterColumnType' && subtype !== 'AT_ChangeOwner')
    at.doesUnknown(`contains what is not known: ${String(subtype)}`)
}

function addColumn({ def, missing_ok: isOptional }: AlterTableCmd, table: Relation, at: Collector): Level {
  const column = bodyOf(def, 'ColumnDef')
  const constraints = constraintsIn(column?.constraints)
  if (rewritesOf(column).length > 0) at.rewrites(table)
  for (const constraint of constraints) {
    const { contype, raw_expr: expression } = constraint
    // They are computed for existing rows. A generated column can call only IMMUTABLE functions.
    if (contype === 'CONSTR_DEFAULT' || contype === 'CONSTR_CHECK') readQuery(expression, at)
    refer(constraint, table, at)
  }
  if (isOptional !== true) at.memory.addColumn(table, column?.colname ?? '')
  return exclusive
}

function dropColumn({ name = '' }: AlterTableCmd, table: Relation, at: Collector): Level {
  at.losesValues(table, name)
  at.memory.dropColumn(table, name)
  return exclusive
}

/** The old type is not in the text: only `text` is known to hold every old value. */
function alterType({ name = '', def }: AlterTableCmd, table: Relation, at: Collector): Level {
  const { typeName, raw_default: using } = bodyOf(def, 'ColumnDef') ?? {}
  const type = typeText(typeName)
  readQuery(using, at)
  if (using !== undefined) at.losesValues(table, name, 'converted', `old values of ${table.text}.${name}`)
  else if (!isUnboundedText(typeName) || !at.memory.catalogComesFirst)
    at.losesValues(table, name, 'converted', `values of ${table.text}.${name} that do not fit ${type}`)
  const changes = using !== undefined && !isPlainCast(using, name, typeName)
  // From one text type to another, nearly nothing is rewritten. `typeChange` knows more where the old type is known.
  if (changes || !/^(?:text|character varying(?:\(\d+\))?)$/.test(type)) at.rewrites(table)
  return exclusive
}

function addConstraint({ def }: AlterTableCmd, table: Relation, at: Collector): Level {
  const constraint = bodyOf(def, 'Constraint')
  if (constraint?.contype === 'CONSTR_FOREIGN') {
    refer(constraint, table, at)
    return onTriggers
  }
  if (constraint?.contype === 'CONSTR_CHECK' && constraint.skip_validation !== true) readQuery(constraint.raw_expr, at)
  return exclusive
}

function refer(
  { pktable, fk_del_action: onDelete, fk_upd_action: onUpdate }: Constraint,
  table: Relation,
  at: Collector,
): void {
  if (pktable === undefined) return
  const referenced = at.relation(pktable)
  at.locks(onTriggers, referenced)
  if (/[cnd]/.test(`${onDelete ?? ''}${onUpdate ?? ''}`)) at.memory.follow(referenced, table)
}

function attach({ def }: AlterTableCmd, table: Relation, at: Collector, object: ObjectType): Level {
  const partition = partitionIn(def, at)
  if (partition === undefined) return exclusive
  readQuery(bodyOf(def, 'PartitionCmd')?.bound, at)
  at.locks(exclusive, partition, object === 'OBJECT_INDEX')
  if (object !== 'OBJECT_INDEX') at.memory.adopt(table, partition)
  return 'share'
}

function detach({ def, subtype }: AlterTableCmd, _table: Relation, at: Collector): Level {
  const partition = partitionIn(def, at)
  if (partition !== undefined) at.locks(exclusive, partition)
  return bodyOf(def, 'PartitionCmd')?.concurrent === true || subtype === 'AT_DetachPartitionFinalize'
    ? 'share'
    : exclusive
}

function inherit({ def }: AlterTableCmd, table: Relation, at: Collector): Level {
  at.memory.adopt(at.relation(bodyOf(def, 'RangeVar')), table)
  return exclusive
}

/** From now on, the column stores values. */
function dropExpression({ name = '' }: AlterTableCmd, table: Relation, at: Collector): Level {
  if (!at.memory.hasAdded(table, name)) at.memory.dropColumn(table, name)
  return exclusive
}

/** https://www.postgresql.org/docs/current/sql-createtable.html#SQL-CREATETABLE-STORAGE-PARAMETERS */
const quietOptions = /^(?:autovacuum_\w+|log_autovacuum_\w+|vacuum_\w+|fillfactor|toast_tuple_target|parallel_workers)$/

function setOptions({ def }: AlterTableCmd): Level {
  const names = [...optionsOf(bodyOf(def, 'List')?.items).keys()]
  return names.length > 0 && names.every((name) => quietOptions.test(name)) ? 'share' : exclusive
}

function partitionIn(def: AlterTableCmd['def'], at: Collector): Relation | undefined {
  const command = bodyOf(def, 'PartitionCmd')
  return command === undefined ? undefined : at.relation(command.name)
}
