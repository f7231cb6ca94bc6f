import type { Schema } from '../schema/schema'
import { addColumn, dropColumn } from './add-column'
import { alterColumn } from './alter-column'
import { alterEnum } from './alter-enum'
import { alterTable } from './alter-table'
import { addCheck, dropCheck } from './check'
import { createDomain, dropDomain, replaceDomain } from './create-domain'
import { createEnum, dropEnum } from './create-enum'
import { createExtension, dropExtension } from './create-extension'
import { createFunction, dropFunction, replaceFunction } from './create-function'
import { createIndex, dropIndex, renameIndex } from './create-index'
import { createPartition, dropPartition, replacePartition } from './create-partition'
import { createPolicy, dropPolicy, replacePolicy } from './create-policy'
import { createSchema, dropSchema } from './create-schema'
import { alterSequence, createSequence, dropSequence } from './create-sequence'
import { createTable, dropTable } from './create-table'
import { createTrigger, dropTrigger, replaceTrigger } from './create-trigger'
import { createView, dropView, replaceView } from './create-view'
import { addExclusion, dropExclusion } from './exclusion'
import { addForeignKey, dropForeignKey } from './foreign-key'
import type { LockLevel, Operation, OperationKind, OperationName } from './operation'
import { addPrimaryKey, dropPrimaryKey } from './primary-key'
import { renameColumn } from './rename-column'
import { renameConstraint } from './rename-constraint'
import { renameEnum } from './rename-enum'
import { renameSequence } from './rename-sequence'
import { renameTable } from './rename-table'
import { mapValue, renameValue } from './rename-value'
import { addUnique, dropUnique } from './unique'

export type * from './operation'
export { onlyAdds } from './alter-enum'
export { changesColumnType, columnChanges } from './alter-column'
export { isCastable, keepsEveryRowid, keepsEveryValue } from './type-change'

const kinds: { readonly [N in OperationName]: OperationKind<Extract<Operation, { op: N }>> } = {
  createTable,
  dropTable,
  renameTable,
  alterTable,
  addColumn,
  dropColumn,
  renameColumn,
  alterColumn,
  renameValue,
  mapValue,
  addPrimaryKey,
  dropPrimaryKey,
  addUnique,
  dropUnique,
  addCheck,
  dropCheck,
  addExclusion,
  dropExclusion,
  addForeignKey,
  dropForeignKey,
  renameConstraint,
  createIndex,
  dropIndex,
  renameIndex,
  createEnum,
  dropEnum,
  alterEnum,
  renameEnum,
  createView,
  dropView,
  replaceView,
  createSequence,
  dropSequence,
  alterSequence,
  renameSequence,
  createSchema,
  dropSchema,
  createExtension,
  dropExtension,
  createFunction,
  dropFunction,
  replaceFunction,
  createDomain,
  dropDomain,
  replaceDomain,
  createTrigger,
  dropTrigger,
  replaceTrigger,
  createPolicy,
  dropPolicy,
  replacePolicy,
  createPartition,
  dropPartition,
  replacePartition,
}

/** What an operation of this kind means. */
function kindOf(operation: Operation): OperationKind<Operation> {
  return kinds[operation.op]
}

/**
 * The schema after one operation.
 *
 * @throws AludelError `ALUDEL_OPERATION` when the operation does not fit the schema
 */
export function applyOperation(operation: Operation, schema: Schema): Schema {
  return kindOf(operation).apply(operation, schema)
}

/** The schema after all operations, in their order. */
export function applyOperations(operations: readonly Operation[], schema: Schema): Schema {
  return operations.reduce((current, operation) => applyOperation(operation, current), schema)
}

export function reverseOperation(operation: Operation): Operation {
  return kindOf(operation).reverse(operation)
}

/** Operations that undo the given ones, last first. */
export function reverseOperations(operations: readonly Operation[]): Operation[] {
  return operations.map(reverseOperation).reverse()
}

/** One line for people: `add column workflows.priority integer`. */
export function describeOperation(operation: Operation): string {
  return kindOf(operation).describe(operation)
}

/** What rows or values may be gone after it, in words; empty when nothing is lost. */
export function destroysOf(operation: Operation): readonly string[] {
  return kindOf(operation).destroys(operation)
}

/** The strongest lock it takes on what exists already, in PostgreSQL's terms. */
export function lockOf(operation: Operation): LockLevel {
  return kindOf(operation).lock(operation)
}

/** The table (as people write it) and the object's own name, for JSON. */
export function subjectOf(operation: Operation): { readonly table?: string; readonly name?: string } {
  return kindOf(operation).subject(operation)
}
