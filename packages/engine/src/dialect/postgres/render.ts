import { applyOperation, describeOperation } from '../../operations'
import type { Operation, RenameConstraint } from '../../operations/operation'
import { groupComments } from '../../operations/comments'
import { needsOf } from '../../difference/needs'
import { beside, type Column, displayName, findTable, keyOf, type ObjectName, type Schema } from '../../schema/schema'
import type { Statement } from '../roles/ddl'
import { lay } from '../layout'
import { quote, quoteName } from './names'
import {
  columnDefinition,
  commentOnColumn,
  createSerialSequence,
  ownSequence,
  ownSerialSequence,
} from './render/column'
import { checkClause, exclusionClause, foreignKeyClause, primaryKeyClause, uniqueClause } from './render/constraint'
import { addConstraint, dropConstraint } from './render/dependents'
import { createEnum, dropEnum, renameValue } from './render/enum'
import { orderEnums } from './render/enum-order'
import { guards } from './render/guard'
import { addCheckOnline, addForeignKeyOnline, addUniqueOnline, setNotNullOnline } from './render/online'
import {
  createPartition,
  createPolicy,
  dropPolicy,
  dropRoutine,
  dropTrigger,
  replacePartition,
  replaceRoutine,
} from './render/opaque'
import { dropIndex } from './render/index-statement'
import { createIndexIn, dropIndexIn } from './render/partitioned-index'
import { alterSequence, createSequence } from './render/sequence'
import { StatementList } from './render/statement-list'
import { alterTable, createTable, freeNames, renameStatements } from './render/table'
import { isTypeChange, renderTypeChanges, type TypeChange } from './render/type-changes'
import { createView, dropView, withReaders } from './render/view'
import { doStatement, text } from './literal'

type AddColumn = Extract<Operation, { op: 'addColumn' }>

/**
 * SQL for operations, in their order. Successive alterations of columns and enums are rendered together, and the views,
 * keys and generated columns that depend on them are dropped before and restored after all of them.
 *
 * @param given in an applicable order; changes of enums may be moved forward
 * @param from the schema before the first operation
 * @throws AludelError `ALUDEL_OPERATION` when an operation does not fit the schema
 */
export function render(given: readonly Operation[], from: Schema): readonly Statement[] {
  const out = new StatementList()
  const operations = orderEnums(given)
  out.add('stop before any change if rows violate a requirement', guards(needsOf(given, from)))
  const comments = groupComments(operations, standsAlone)
  let schema = from
  for (let at = 0; at < operations.length;) {
    const before = schema
    const run: TypeChange[] = []
    for (
      let operation = operations[at + run.length];
      operation !== undefined && isTypeChange(operation) && !isOnline(operation);
    ) {
      run.push(operation)
      schema = applyOperation(operation, schema)
      operation = operations[at + run.length]
    }
    if (run.length > 0) {
      renderTypeChanges(run, before, schema, operations, out)
      at += run.length
      continue
    }
    const operation = operations[at]
    if (operation !== undefined) {
      out.add(comments[at], dropsWithTable(operations, at) ? [] : renderOne(operation, before))
      schema = applyOperation(operation, schema)
    }
    at += 1
  }
  return out.statements
}

/** True for a change of a column that is made in several statements, which do not join those of its neighbors. */
function isOnline(operation: Operation): boolean {
  return operation.op === 'alterColumn' && operation.online === true
}

/** True for an index that is dropped with its table, unless another object needs its name before that. */
function dropsWithTable(operations: readonly Operation[], at: number): boolean {
  const operation = operations[at]
  if (operation?.op !== 'dropIndex') return false
  const key = keyOf(operation.table)
  const rest = operations.slice(at + 1)
  const drop = rest.findIndex((other) => other.op === 'dropTable' && keyOf(other.table) === key)
  if (drop < 0) return false
  const { name } = operation.index
  return !rest.slice(0, drop).some((other) => {
    switch (other.op) {
      case 'createTable':
        return other.table.name === name
      case 'createIndex':
        return other.index.name === name
      case 'renameIndex':
      case 'renameConstraint':
        return other.to === name
      case 'addUnique':
        return other.unique.name === name
      case 'addPrimaryKey':
        return other.primaryKey.name === name
      case 'addExclusion':
        return other.exclusion.name === name
      case 'renameTable':
        return keyOf(other.table) === key || other.to.name === name
      case 'createView':
        return other.definition.name === name
      case 'createSequence':
        return other.definition.name === name
      case 'renameSequence':
        return other.to.name === name
      default:
        return false
    }
  })
}

/** True for operations that need a separate comment: one about the whole table would not mention them. */
function standsAlone(operation: Operation): boolean {
  return isTypeChange(operation) || operation.op === 'renameValue' || operation.op === 'mapValue'
}

/** @param schema before the operation */
function renderOne(operation: Operation, schema: Schema): string[] {
  switch (operation.op) {
    case 'createTable':
      return createTable(operation, schema)
    case 'dropTable':
      return [`DROP TABLE ${quoteName(operation.table)}`]
    case 'renameTable':
      return renameStatements('TABLE', operation.table, operation.to, freeNames(schema))
    case 'alterTable':
      return alterTable(operation)
    case 'addColumn':
      return addColumn(operation, schema)
    case 'dropColumn':
      return [`ALTER TABLE ${quoteName(operation.table)} DROP COLUMN ${quote(operation.column.name)}`]
    case 'renameColumn':
      return [
        `ALTER TABLE ${quoteName(operation.table)} RENAME COLUMN ${quote(operation.from)} TO ${quote(operation.to)}`,
      ]
    case 'renameValue':
      return operation.type === undefined ? [] : [renameValue(operation.type, operation.from, operation.to)]
    case 'mapValue':
      return operation.undone === true ? [] : mapValue(operation, schema)
    case 'addPrimaryKey':
      return [addConstraint(operation.table, primaryKeyClause(operation.primaryKey))]
    case 'dropPrimaryKey':
      return [dropConstraint(operation.table, operation.primaryKey.name)]
    case 'addUnique':
      if (operation.online === true && operation.unique.name !== undefined)
        return addUniqueOnline(operation.table, { ...operation.unique, name: operation.unique.name })
      return [addConstraint(operation.table, uniqueClause(operation.unique))]
    case 'dropUnique':
      return [dropConstraint(operation.table, operation.unique.name)]
    case 'addCheck':
      if (operation.online === true) return addCheckOnline(operation.table, operation.check)
      return [addConstraint(operation.table, checkClause(operation.check))]
    case 'dropCheck':
      return [dropConstraint(operation.table, operation.check.name)]
    case 'addExclusion':
      return [addConstraint(operation.table, exclusionClause(operation.exclusion))]
    case 'dropExclusion':
      return [dropConstraint(operation.table, operation.exclusion.name)]
    case 'addForeignKey':
      if (operation.online === true) return addForeignKeyOnline(operation.table, operation.foreignKey)
      return [addConstraint(operation.table, foreignKeyClause(operation.foreignKey))]
    case 'dropForeignKey':
      return [dropConstraint(operation.table, operation.foreignKey.name)]
    case 'renameConstraint':
      return [renameConstraint(operation)]
    case 'createIndex':
      return createIndexIn(schema, operation.table, operation.index)
    case 'dropIndex':
      return [dropIndexIn(schema, operation.table, operation.index)]
    case 'renameIndex':
      return [`ALTER INDEX ${quoteName(beside(operation.table, operation.from))} RENAME TO ${quote(operation.to)}`]
    case 'createEnum':
      return [createEnum(operation.definition)]
    case 'dropEnum':
      return [dropEnum(operation.definition)]
    case 'renameEnum':
      return renameStatements('TYPE', operation.from, operation.to, freeNames(schema))
    case 'createView':
      return createView(operation.definition)
    case 'dropView':
      return [dropView(operation.definition)]
    case 'replaceView':
      return replaceView(operation, schema)
    case 'createSequence':
      return [createSequence(operation.definition)]
    case 'dropSequence':
      return [`DROP SEQUENCE ${quoteName(operation.definition)}`]
    case 'alterSequence':
      return alterSequence(operation.from, operation.to)
    case 'renameSequence':
      return renameStatements('SEQUENCE', operation.from, operation.to, freeNames(schema))
    case 'createSchema':
      // It may exist already: the history is created before the first revision, in the schema of the DataSource.
      return [`CREATE SCHEMA IF NOT EXISTS ${quote(operation.name)}`]
    case 'dropSchema':
      return [dropSchema(operation.name)]
    case 'createExtension':
      return [
        `CREATE EXTENSION IF NOT EXISTS ${quote(operation.name)}${operation.schema === undefined ? '' : ` SCHEMA ${quote(operation.schema)}`}`,
      ]
    case 'dropExtension':
      return operation.stays === true ? [] : [`DROP EXTENSION ${quote(operation.name)}`]
    case 'createFunction':
    case 'createDomain':
      return [operation.definition.sql]
    case 'dropFunction':
      return [dropRoutine(operation.definition)]
    case 'replaceFunction':
      return replaceRoutine(operation)
    case 'dropDomain':
      return [`DROP DOMAIN ${quoteName(operation.definition)}`]
    case 'replaceDomain':
      return [`DROP DOMAIN ${quoteName(operation.from)}`, operation.to.sql]
    case 'createTrigger':
      return [operation.trigger.sql]
    case 'dropTrigger':
      return [dropTrigger(operation.table, operation.trigger)]
    case 'replaceTrigger':
      return [dropTrigger(operation.table, operation.from), operation.to.sql]
    case 'createPolicy':
      return [createPolicy(operation.table, operation.policy)]
    case 'dropPolicy':
      return [dropPolicy(operation.table, operation.policy)]
    case 'replacePolicy':
      return [dropPolicy(operation.table, operation.from), createPolicy(operation.table, operation.to)]
    case 'createPartition':
      return [createPartition(operation.table, operation.partition)]
    case 'dropPartition':
      return [`DROP TABLE ${quoteName(operation.partition)}`]
    case 'replacePartition':
      return replacePartition(operation.table, operation.from, operation.to)
    case 'alterColumn':
      if (operation.online === true) return setNotNullOnline(operation)
      throw new Error(`${describeOperation(operation)} is rendered together with its neighbors`)
    case 'alterEnum':
      throw new Error(`${operation.op} of ${describeOperation(operation)} is rendered together with its neighbors`)
  }
}

/** A NOT NULL column that is filled from other columns is nullable until it is filled. */
function addColumn({ table, column, values }: AddColumn, schema: Schema): string[] {
  const isFree = freeNames(schema)
  const sequence = ownSequence(column, table, isFree)
  const { backfill } = values ?? {}
  const added: Column = backfill === undefined ? column : { ...column, nullable: true }
  return [
    ...(sequence === undefined ? [] : [createSerialSequence(sequence, column)]),
    lay([`ALTER TABLE ${quoteName(table)}`, `ADD COLUMN ${columnDefinition(added, table, isFree)}`], '  '),
    ...(backfill === undefined ? [] : [`UPDATE ${quoteName(table)} SET ${quote(column.name)} = ${backfill}`]),
    ...(added.nullable === column.nullable
      ? []
      : [`ALTER TABLE ${quoteName(table)} ALTER COLUMN ${quote(column.name)} SET NOT NULL`]),
    ...(sequence === undefined ? [] : [ownSerialSequence(sequence, table, column.name)]),
    ...(column.comment === undefined ? [] : [commentOnColumn(table, column.name, column.comment)]),
  ]
}

/** Updates the rows before the value is removed; some may already have the new one. */
function mapValue({ table, column, from, to }: Extract<Operation, { op: 'mapValue' }>, schema: Schema): string[] {
  const isArray = columnOf(schema, table, column)?.type.endsWith('[]') === true
  const name = quote(column)
  return [
    isArray
      ? `UPDATE ${quoteName(table)} SET ${name} = array_replace(${name}, ${text(from)}, ${text(to)}) WHERE ${text(from)} = ANY (${name})`
      : `UPDATE ${quoteName(table)} SET ${name} = ${text(to)} WHERE ${name} = ${text(from)}`,
  ]
}

function columnOf(schema: Schema, table: ObjectName, column: string): Column | undefined {
  return findTable(schema, table)?.columns.find((other) => other.name === column)
}

function renameConstraint({ table, from, to }: RenameConstraint): string {
  return `ALTER TABLE ${quoteName(table)} RENAME CONSTRAINT ${quote(from)} TO ${quote(to)}`
}

/**
 * Views that read the replaced one are dropped and recreated with it. Its indexes and triggers would go with it; those that
 * the new one does not have are dropped by name, because a run restores what a recreated view loses and no statement names.
 */
function replaceView({ from, to }: Extract<Operation, { op: 'replaceView' }>, schema: Schema): string[] {
  const lacks =
    (parts: readonly { readonly name: string }[] = []) =>
    ({ name: part }: { readonly name: string }) =>
      !parts.some((other) => other.name === part)
  const name = displayName(from)
  const views = withReaders(schema, (view) => displayName(view) === name)
  const readers = views.filter((view) => displayName(view) !== name)
  return [
    ...from.indexes.filter(lacks(to.indexes)).map((index) => dropIndex(from, { ...index, concurrent: undefined })),
    ...(from.triggers ?? []).filter(lacks(to.triggers)).map((trigger) => dropTrigger(from, trigger)),
    ...views.toReversed().map(dropView),
    ...createView(to),
    ...readers.flatMap(createView),
  ]
}

/** A schema that contains other objects (such as the history) is kept. */
function dropSchema(name: string): string {
  const statement = text(`DROP SCHEMA ${quote(name)}`)
  return doStatement(`BEGIN EXECUTE ${statement}; EXCEPTION WHEN dependent_objects_still_exist THEN NULL; END`)
}
