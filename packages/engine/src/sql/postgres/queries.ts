import type {
  DeleteStmt,
  FuncCall,
  InsertStmt,
  IntoClause,
  MergeStmt,
  Node,
  RangeTableSample,
  RangeVar,
  UpdateStmt,
} from 'libpg-query' with { 'resolution-mode': 'import' }

import type { Collector } from './collector'
import { readCall } from './functions'
import type { Relation } from './memory'
import { bodiesIn, stringsOf, writtenIn } from './nodes'

/** Nodes of queries and expressions that change nothing themselves, such as operators and casts. */
const parts = new Set(
  (
    'A_ArrayExpr A_Const A_Expr A_Indices A_Indirection A_Star Alias BitString BoolExpr Boolean BooleanTest CaseExpr CaseWhen ' +
    'CoalesceExpr CollateClause ColumnDef ColumnRef CommonTableExpr CurrentOfExpr DefElem Float FuncCall GroupingFunc ' +
    'GroupingSet IndexElem InferClause Integer JoinExpr JsonAggConstructor JsonArgument JsonArrayAgg JsonArrayConstructor ' +
    'JsonArrayQueryConstructor JsonBehavior JsonFormat JsonFuncExpr JsonIsPredicate JsonKeyValue JsonObjectAgg ' +
    'JsonObjectConstructor JsonOutput JsonParseExpr JsonReturning JsonScalarExpr JsonSerializeExpr JsonTable ' +
    'JsonTableColumn JsonTablePathSpec JsonValueExpr List LockingClause MergeSupportFunc MergeWhenClause MinMaxExpr ' +
    'MultiAssignRef NamedArgExpr NullTest OnConflictClause ParamRef PartitionBoundSpec PartitionRangeDatum RangeFunction ' +
    'RangeSubselect RangeTableFunc RangeTableFuncCol RangeTableSample RangeVar ResTarget ReturningOption RowExpr SelectStmt ' +
    'SetToDefault SortBy SQLValueFunction String SubLink TypeCast TypeName WindowDef XmlExpr XmlSerialize'
  ).split(' '),
)

/** Nodes that contain no call and no statement. */
const leaves = new Set(['A_Const', 'ColumnRef', 'ParamRef', 'RangeVar', 'String', 'TypeName'])

const sampling = new Set(['bernoulli', 'system'])

/**
 * Reads a query or an expression at any depth. What only the catalog contains is not seen: the queries of views, triggers
 * and rules, row security, the actions of foreign keys.
 */
export function readQuery(value: unknown, at: Collector): void {
  if (Array.isArray(value)) for (const one of value) readQuery(one, at)
  else if (typeof value === 'object' && value !== null) {
    for (const [key, inner] of Object.entries(value)) {
      if (/^[A-Z]/.test(key)) readNode(key, inner, at)
      else readField(key, inner, at)
    }
  }
}

function readNode(name: string, body: unknown, at: Collector): void {
  if (leaves.has(name)) return
  switch (name) {
    case 'InsertStmt':
      return insert(body as InsertStmt, at)
    case 'UpdateStmt':
      return update(body as UpdateStmt, at)
    case 'DeleteStmt':
      return remove(body as DeleteStmt, at)
    case 'MergeStmt':
      return merge(body as MergeStmt, at)
    case 'FuncCall':
      readCall(body as FuncCall, at)
      break
    case 'RangeTableSample': {
      const method = stringsOf((body as RangeTableSample).method).at(-1) ?? ''
      if (!sampling.has(method)) at.doesUnknown(`calls a function that is not known: ${method}()`)
      break
    }
    default:
      if (!parts.has(name)) at.doesUnknown(`contains what is not known: ${name}`)
  }
  readQuery(body, at)
}

/** Parts of a statement that the tree does not wrap into a node. */
function readField(name: string, body: unknown, at: Collector): void {
  if (name === 'intoClause') createInto(body as IntoClause, at)
  // FOR UPDATE changes no row, but other sessions wait for the rows until the transaction ends.
  else if (name === 'lockingClause') at.is('session')
  else readQuery(body, at)
}

/** SELECT … INTO, CREATE TABLE … AS. */
function createInto({ rel }: IntoClause, at: Collector): void {
  at.is('writes')
  const table = at.memory.target(writtenIn(rel))
  at.does(`create table ${table.text}`)
  at.creates(table)
  at.memory.create(table)
}

function insert(body: InsertStmt, at: Collector): void {
  const { relation, onConflictClause: conflict } = body
  const table = begin('insert into', relation, at)
  if (conflict?.action === 'ONCONFLICT_UPDATE')
    loseOldValues(table, conflict.targetList, nullColumns(conflict.whereClause, relation), at)
  readRest(body, at)
}

function update(body: UpdateStmt, at: Collector): void {
  const table = begin('update', body.relation, at)
  loseOldValues(table, body.targetList, nullColumns(body.whereClause, body.relation), at)
  readRest(body, at)
}

function remove(body: DeleteStmt, at: Collector): void {
  const table = begin('delete from', body.relation, at)
  loseRows(table, body.whereClause === undefined ? 'all' : 'some', at)
  readRest(body, at)
}

function merge(body: MergeStmt, at: Collector): void {
  const table = begin('merge into', body.relation, at)
  for (const { commandType, condition, targetList } of bodiesIn(body.mergeWhenClauses, 'MergeWhenClause')) {
    if (commandType === 'CMD_DELETE') loseRows(table, 'some', at)
    else if (commandType === 'CMD_UPDATE') loseOldValues(table, targetList, nullColumns(condition, body.relation), at)
    else if (commandType !== 'CMD_INSERT' && commandType !== 'CMD_NOTHING')
      at.doesUnknown(`contains what is not known: ${String(commandType)}`)
  }
  readRest(body, at)
}

function begin(words: string, relation: RangeVar | undefined, at: Collector): Relation {
  at.is('writes')
  const table = at.relation(relation)
  at.does(`${words} ${table.text}`)
  const { schemaname: schema, relname: name = '' } = relation ?? {}
  if (schema === 'pg_catalog' || (schema === undefined && name.startsWith('pg_')))
    at.doesUnknown(`changes the system catalog: ${name}`)
  return table
}

function readRest({ relation: _, ...rest }: InsertStmt | UpdateStmt | DeleteStmt | MergeStmt, at: Collector): void {
  readQuery(rest, at)
}

function loseRows(table: Relation, which: 'all' | 'some', at: Collector): void {
  at.losesRows(which, table)
  if (at.memory.of(table).isFollowed) at.loses(`rows that refer to ${table.text}`)
}

function loseOldValues(table: Relation, targets: readonly Node[] | undefined, empty: Set<string>, at: Collector): void {
  for (const { name: column = '' } of bodiesIn(targets, 'ResTarget')) {
    if (!empty.has(column)) at.losesValues(table, column, 'overwritten', `old values of ${table.text}.${column}`)
  }
  if (at.memory.of(table).isFollowed) at.loses(`old values that refer to ${table.text}`)
}

/** Columns of the table that are NULL where the condition is true: to set them overwrites nothing. */
function nullColumns(condition: Node | undefined, relation: RangeVar | undefined): Set<string> {
  const table = relation?.alias?.aliasname ?? relation?.relname
  const found = new Set<string>()
  const look = (node: Node | undefined): void => {
    if (node === undefined) return
    if ('BoolExpr' in node && node.BoolExpr.boolop === 'AND_EXPR') node.BoolExpr.args?.forEach(look)
    if (!('NullTest' in node) || node.NullTest.nulltesttype !== 'IS_NULL') return
    const { arg } = node.NullTest
    if (arg === undefined || !('ColumnRef' in arg)) return
    const { fields = [] } = arg.ColumnRef
    const names = stringsOf(fields)
    const column = names.at(-1)
    if (column === undefined || names.length !== fields.length) return
    if (names.length === 1 || (names.length === 2 && names[0] === table)) found.add(column)
  }
  look(condition)
  return found
}
