import type {
  Check,
  Column,
  EnumType,
  Exclusion,
  ForeignKey,
  Index,
  ObjectName,
  PrimaryKey,
  Schema,
  Sequence,
  Table,
  Unique,
  View,
} from '../schema/schema'

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
  | AddPrimaryKey
  | DropPrimaryKey
  | AddUnique
  | DropUnique
  | AddCheck
  | DropCheck
  | AddExclusion
  | DropExclusion
  | AddForeignKey
  | DropForeignKey
  | RenameConstraint
  | CreateIndex
  | DropIndex
  | RenameIndex
  | CreateEnum
  | DropEnum
  | AlterEnum
  | RenameEnum
  | CreateView
  | DropView
  | ReplaceView
  | CreateSequence
  | DropSequence
  | AlterSequence
  | RenameSequence
  | CreateSchema
  | DropSchema

export type OperationName = Operation['op']

/** `definition` holds columns, primary key, uniques, checks, exclusions, comment and options; its foreign keys and indexes are operations of their own and are empty here. */
export interface CreateTable {
  readonly op: 'createTable'
  readonly table: ObjectName
  readonly definition: Table
}
export interface DropTable {
  readonly op: 'dropTable'
  readonly table: ObjectName
  readonly definition: Table
}
export interface RenameTable {
  readonly op: 'renameTable'
  readonly table: ObjectName
  readonly to: ObjectName
}
export interface TableOptions {
  readonly comment?: string
  readonly strict?: boolean
  readonly withoutRowid?: boolean
}
export interface AlterTable {
  readonly op: 'alterTable'
  readonly table: ObjectName
  readonly from: TableOptions
  readonly to: TableOptions
}

export interface AddColumn {
  readonly op: 'addColumn'
  readonly table: ObjectName
  readonly column: Column
}
export interface DropColumn {
  readonly op: 'dropColumn'
  readonly table: ObjectName
  readonly column: Column
}
export interface RenameColumn {
  readonly op: 'renameColumn'
  readonly table: ObjectName
  readonly from: string
  readonly to: string
}
/** `from.name` and `to.name` are the same; a rename is an operation of its own and comes first. */
export interface AlterColumn {
  readonly op: 'alterColumn'
  readonly table: ObjectName
  readonly from: Column
  readonly to: Column
}

export interface AddPrimaryKey {
  readonly op: 'addPrimaryKey'
  readonly table: ObjectName
  readonly primaryKey: PrimaryKey
}
export interface DropPrimaryKey {
  readonly op: 'dropPrimaryKey'
  readonly table: ObjectName
  readonly primaryKey: PrimaryKey
}
export interface AddUnique {
  readonly op: 'addUnique'
  readonly table: ObjectName
  readonly unique: Unique
}
export interface DropUnique {
  readonly op: 'dropUnique'
  readonly table: ObjectName
  readonly unique: Unique
}
export interface AddCheck {
  readonly op: 'addCheck'
  readonly table: ObjectName
  readonly check: Check
}
export interface DropCheck {
  readonly op: 'dropCheck'
  readonly table: ObjectName
  readonly check: Check
}
export interface AddExclusion {
  readonly op: 'addExclusion'
  readonly table: ObjectName
  readonly exclusion: Exclusion
}
export interface DropExclusion {
  readonly op: 'dropExclusion'
  readonly table: ObjectName
  readonly exclusion: Exclusion
}
export interface AddForeignKey {
  readonly op: 'addForeignKey'
  readonly table: ObjectName
  readonly foreignKey: ForeignKey
}
export interface DropForeignKey {
  readonly op: 'dropForeignKey'
  readonly table: ObjectName
  readonly foreignKey: ForeignKey
}
export interface RenameConstraint {
  readonly op: 'renameConstraint'
  readonly table: ObjectName
  readonly kind: 'primaryKey' | 'unique' | 'check' | 'exclusion' | 'foreignKey'
  readonly from: string
  readonly to: string
}

/** `table` may also name a materialized view. */
export interface CreateIndex {
  readonly op: 'createIndex'
  readonly table: ObjectName
  readonly index: Index
}
export interface DropIndex {
  readonly op: 'dropIndex'
  readonly table: ObjectName
  readonly index: Index
}
export interface RenameIndex {
  readonly op: 'renameIndex'
  readonly table: ObjectName
  readonly from: string
  readonly to: string
}

export interface CreateEnum {
  readonly op: 'createEnum'
  readonly definition: EnumType
}
export interface DropEnum {
  readonly op: 'dropEnum'
  readonly definition: EnumType
}
/** Values added, removed or reordered; the columns that use the type are in the schema. */
export interface AlterEnum {
  readonly op: 'alterEnum'
  readonly from: EnumType
  readonly to: EnumType
}
export interface RenameEnum {
  readonly op: 'renameEnum'
  readonly from: ObjectName
  readonly to: ObjectName
}

export interface CreateView {
  readonly op: 'createView'
  readonly definition: View
}
export interface DropView {
  readonly op: 'dropView'
  readonly definition: View
}
export interface ReplaceView {
  readonly op: 'replaceView'
  readonly from: View
  readonly to: View
}

export interface CreateSequence {
  readonly op: 'createSequence'
  readonly definition: Sequence
}
export interface DropSequence {
  readonly op: 'dropSequence'
  readonly definition: Sequence
}
export interface AlterSequence {
  readonly op: 'alterSequence'
  readonly from: Sequence
  readonly to: Sequence
}
export interface RenameSequence {
  readonly op: 'renameSequence'
  readonly from: ObjectName
  readonly to: ObjectName
}

export interface CreateSchema {
  readonly op: 'createSchema'
  readonly name: string
}
export interface DropSchema {
  readonly op: 'dropSchema'
  readonly name: string
}

/** The strongest lock an operation takes on what exists already, in PostgreSQL's terms; `none` for what it creates. */
export type LockLevel = 'none' | 'SHARE' | 'SHARE ROW EXCLUSIVE' | 'ACCESS EXCLUSIVE'

/**
 * What one kind of operation means. One file per kind (or per pair such as create/drop) under `operations/`.
 *
 * @typeParam O the operation it explains
 */
export interface OperationKind<O extends Operation> {
  /** The schema after the operation. Throws when the operation does not fit the schema. */
  apply(operation: O, schema: Schema): Schema
  /** The operation that undoes it. */
  reverse(operation: O): Operation
  /** What rows or values may be gone after it, in words; empty when nothing is lost. */
  destroys(operation: O): readonly string[]
  lock(operation: O): LockLevel
  /** One line for people: `add column workflows.priority integer`. */
  describe(operation: O): string
  /** The table (display name) and the object's own name, for JSON. */
  subject(operation: O): { readonly table?: string; readonly name?: string }
}
