import type { Schema } from '../schema/schema'
import { addColumn } from './columns/add-column'
import { alterColumn } from './columns/alter-column'
import { dropColumn } from './columns/drop-column'
import { renameColumn } from './columns/rename-column'
import { addCheck, dropCheck } from './constraints/check'
import { addExclusion, dropExclusion } from './constraints/exclusion'
import { addForeignKey, dropForeignKey } from './constraints/foreign-key'
import { addPrimaryKey, dropPrimaryKey } from './constraints/primary-key'
import { renameConstraint } from './constraints/rename-constraint'
import { addUnique, dropUnique } from './constraints/unique'
import { createDomain, dropDomain, replaceDomain } from './domains/domain'
import { alterEnum } from './enums/alter-enum'
import { createEnum, dropEnum } from './enums/create-enum'
import { mapValue } from './enums/map-value'
import { renameEnum } from './enums/rename-enum'
import { renameValue } from './enums/rename-value'
import { createExtension, dropExtension } from './extensions/create-extension'
import { createFunction, dropFunction, replaceFunction } from './functions/function'
import { createIndex, dropIndex } from './indexes/create-index'
import { renameIndex } from './indexes/rename-index'
import type { Operation, OperationKind, OperationName, OperationOf } from './operation'
import { createPartition, dropPartition, replacePartition } from './partitions/partition'
import type { Phase } from './phase'
import { createPolicy, dropPolicy, replacePolicy } from './policies/policy'
import { createSchema, dropSchema } from './schemas/create-schema'
import { alterSequence } from './sequences/alter-sequence'
import { createSequence, dropSequence } from './sequences/create-sequence'
import { renameSequence } from './sequences/rename-sequence'
import { alterTable } from './tables/alter-table'
import { createTable } from './tables/create-table'
import { dropTable } from './tables/drop-table'
import { renameTable } from './tables/rename-table'
import { createTrigger, dropTrigger, replaceTrigger } from './triggers/trigger'
import { createView, dropView, replaceView } from './views/view'

export type * from './operation'
export { onlyAdds } from './enums/alter-enum'
export { changesColumnType, columnChanges } from './columns/alter-column'
export { isCastable, keepsEveryRowid, keepsEveryValue } from './columns/type-change'

const kinds: { readonly [N in OperationName]: OperationKind<OperationOf<N>> } = {
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

function kindOf(operation: Operation): OperationKind<Operation> {
  return kinds[operation.op]
}

/**
 * The schema after one operation.
 *
 * @throws AludelError `ALUDEL_OPERATION` if the operation does not fit the schema
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

/** The operations that undo the given ones, in reverse order. */
export function reverseOperations(operations: readonly Operation[]): Operation[] {
  return operations.map(reverseOperation).reverse()
}

/** One line for people: `add column workflows.priority integer`. */
export function describeOperation(operation: Operation): string {
  return kindOf(operation).describe(operation)
}

/** The rows or values that the operation may destroy, in words; empty if it destroys nothing. */
export function destroysOf(operation: Operation): readonly string[] {
  return kindOf(operation).destroys(operation)
}

/** The phase of a revision in which it runs, as far as that does not depend on the other operations. */
export function phaseOf(operation: Operation): Phase {
  return kindOf(operation).phase(operation)
}

/** The change to its table in a few words: `add column priority`. Undefined where only the full description says it. */
export function phraseOf(operation: Operation): string | undefined {
  return kindOf(operation).phrase?.(operation)
}

/** The display name of the table and the name of the object, for JSON. */
export function subjectOf(operation: Operation): { readonly table?: string; readonly name?: string } {
  return kindOf(operation).subject(operation)
}
