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
 * Operations are data. Each carries what it needs to be undone, so `reverse` is a rewrite and never a look-up.
 * `table` always names the table as it is called when the operation runs.
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

/** Operations that hold the same: one type for each of their names. */
export type Operations<N extends string, Fields> = N extends string ? { readonly op: N } & Readonly<Fields> : never

export interface OfTable {
  readonly table: ObjectName
}

/** Two versions of one object. */
export interface Change<T> {
  readonly from: T
  readonly to: T
}

/** The strongest lock an operation takes on what exists already, in PostgreSQL's terms; `none` for what it creates. */
export type LockLevel = 'none' | 'SHARE' | 'SHARE ROW EXCLUSIVE' | 'ACCESS EXCLUSIVE'

/**
 * All that is known of one kind of operation without a database. A file under `operations/` holds one, or those of one
 * object that are each other's mirror images.
 *
 * @typeParam O the operation it explains
 */
export interface OperationKind<O> {
  /** The schema after the operation. Throws when the operation does not fit the schema. */
  apply(operation: O, schema: Schema): Schema
  /** The operation that undoes it. */
  reverse(operation: O): Operation
  /** What rows or values may be gone after it, in words; empty when nothing is lost. */
  destroys(operation: O): readonly string[]
  lock(operation: O): LockLevel
  /** When it runs in a revision, as far as that does not depend on the other operations: see `orderOperations`. */
  phase(operation: O): Phase
  /** One line for people: `add column workflows.priority integer`. */
  describe(operation: O): string
  /**
   * The same in the few words of a comment that names the table already: `add column priority`. Absent or undefined for
   * an operation that such a comment describes in full.
   */
  phrase?(operation: O): string | undefined
  /** The table (display name) and the object's own name, for JSON. */
  subject(operation: O): { readonly table?: string; readonly name?: string }
}
