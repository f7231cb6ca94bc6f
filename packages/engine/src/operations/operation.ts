import type { ObjectName, Schema } from '../schema/schema'
import type { AddColumn } from './columns/add-column'
import type { AlterColumn } from './columns/alter-column'
import type { DropColumn } from './columns/drop-column'
import type { RenameColumn } from './columns/rename-column'
import type { AddDropCheck } from './constraints/check'
import type { AddDropExclusion } from './constraints/exclusion'
import type { AddDropForeignKey } from './constraints/foreign-key'
import type { AddDropPrimaryKey } from './constraints/primary-key'
import type { RenameConstraint } from './constraints/rename-constraint'
import type { AddDropUnique } from './constraints/unique'
import type { DomainOperation } from './domains/domain'
import type { AlterEnum } from './enums/alter-enum'
import type { CreateDropEnum } from './enums/create-enum'
import type { MapValue } from './enums/map-value'
import type { RenameEnum } from './enums/rename-enum'
import type { RenameValue } from './enums/rename-value'
import type { CreateExtension, DropExtension } from './extensions/create-extension'
import type { FunctionOperation } from './functions/function'
import type { CreateDropIndex } from './indexes/create-index'
import type { RenameIndex } from './indexes/rename-index'
import type { PartitionOperation } from './partitions/partition'
import type { Phase } from './phase'
import type { PolicyOperation } from './policies/policy'
import type { CreateDropSchema } from './schemas/create-schema'
import type { AlterSequence } from './sequences/alter-sequence'
import type { CreateDropSequence } from './sequences/create-sequence'
import type { RenameSequence } from './sequences/rename-sequence'
import type { AlterTable } from './tables/alter-table'
import type { CreateTable } from './tables/create-table'
import type { DropTable } from './tables/drop-table'
import type { RenameTable } from './tables/rename-table'
import type { TriggerOperation } from './triggers/trigger'
import type { ViewOperation } from './views/view'

export type { ColumnValues } from './columns/column-values'
export type { TableOptions } from './tables/alter-table'
export type { AlterColumn, AlterEnum, AlterSequence, AlterTable, CreateTable }
export type { RenameConstraint, RenameEnum, RenameIndex, RenameSequence }
export type ReplaceFunction = OperationOf<'replaceFunction'>

/**
 * A change of a schema, as data. Each operation carries everything that is needed to undo it, so `reverse` never looks
 * anything up. `table` is the name that the table has when the operation runs.
 */
export type Operation =
  | CreateTable
  | DropTable
  | RenameTable
  | AlterTable
  | AddColumn
  | DropColumn
  | RenameColumn
  | AlterColumn
  | AddDropPrimaryKey
  | AddDropUnique
  | AddDropCheck
  | AddDropExclusion
  | AddDropForeignKey
  | RenameConstraint
  | CreateDropIndex
  | RenameIndex
  | CreateDropEnum
  | AlterEnum
  | RenameEnum
  | RenameValue
  | MapValue
  | ViewOperation
  | CreateDropSequence
  | AlterSequence
  | RenameSequence
  | CreateDropSchema
  | CreateExtension
  | DropExtension
  | FunctionOperation
  | DomainOperation
  | TriggerOperation
  | PolicyOperation
  | PartitionOperation

export type OperationName = Operation['op']

/** The operation of one name: `OperationOf<'dropIndex'>`. */
export type OperationOf<N extends OperationName> = Extract<Operation, { readonly op: N }>

/** A union of operations with the same fields, one for each name. */
export type Operations<N extends string, Fields> = N extends string ? { readonly op: N } & Readonly<Fields> : never

export interface OfTable {
  readonly table: ObjectName
}

/** Where a database can do the work of an operation without blocking others, it does, in several statements. */
export interface Online {
  readonly online?: true
}

/** Two versions of one object. */
export interface Change<T> {
  readonly from: T
  readonly to: T
}

/**
 * Everything that is known about one kind of operation without a database. A file under `operations/` contains one kind,
 * or the kinds that create and drop the same object.
 *
 * @typeParam O the operation
 */
export interface OperationKind<O> {
  /** The schema after the operation. Throws if the operation does not fit the schema. */
  apply(operation: O, schema: Schema): Schema
  /** The operation that undoes it. */
  reverse(operation: O): Operation
  /** The rows or values that it may destroy, in words; empty if it destroys nothing. */
  destroys(operation: O): readonly string[]
  /** The phase of a revision in which it runs, as far as that does not depend on the other operations: see `orderOperations`. */
  phase(operation: O): Phase
  /** One line for people: `add column workflows.priority integer`. */
  describe(operation: O): string
  /**
   * The description in a comment that already names the table: `add column priority`. Absent or undefined where such a
   * comment contains the full description.
   */
  phrase?(operation: O): string | undefined
  /** The display name of the table and the name of the object, for JSON. */
  subject(operation: O): { readonly table?: string; readonly name?: string }
}
