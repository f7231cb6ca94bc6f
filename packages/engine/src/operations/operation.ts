import type {
  Check,
  Column,
  Domain,
  EnumType,
  Exclusion,
  ForeignKey,
  Index,
  ObjectName,
  Partition,
  Policy,
  PrimaryKey,
  Routine,
  Schema,
  Sequence,
  Table,
  Trigger,
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
  | RenameValue
  | MapValue
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
  | CreateExtension
  | DropExtension
  | CreateFunction
  | DropFunction
  | ReplaceFunction
  | CreateDomain
  | DropDomain
  | ReplaceDomain
  | CreateTrigger
  | DropTrigger
  | ReplaceTrigger
  | CreatePolicy
  | DropPolicy
  | ReplacePolicy
  | CreatePartition
  | DropPartition
  | ReplacePartition

export type OperationName = Operation['op']

/** `definition` holds columns, primary key, uniques, checks, exclusions, comment and options; its foreign keys, indexes, triggers, policies and partitions are operations of their own and are empty here. */
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
  readonly rowSecurity?: boolean
  readonly forceRowSecurity?: boolean
  readonly partitionBy?: string
}
export interface AlterTable {
  readonly op: 'alterTable'
  readonly table: ObjectName
  readonly from: TableOptions
  readonly to: TableOptions
}

/** What somebody has said about the values of a column, as SQL expressions over the columns of its table. */
export interface ColumnValues {
  /** The value in its new type, made from the old one. */
  readonly using?: string
  /** The value where there is none: in the rows of a new column, or instead of NULL. */
  readonly backfill?: string
}

export interface AddColumn {
  readonly op: 'addColumn'
  readonly table: ObjectName
  readonly column: Column
  readonly values?: ColumnValues
  /** The `values` of its reverse: nothing for a column that goes. Kept so that two reversals give the operation. */
  readonly undo?: ColumnValues
}
export interface DropColumn {
  readonly op: 'dropColumn'
  readonly table: ObjectName
  readonly column: Column
  readonly values?: ColumnValues
  /** The `values` of the column that comes back. */
  readonly undo?: ColumnValues
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
  readonly values?: ColumnValues
  /** The `values` of the way back. */
  readonly undo?: ColumnValues
}
/**
 * A value of an enum gets another name: in its type where it has one, else in the rows of a column whose check lists
 * the values, and in that check.
 */
export interface RenameValue {
  readonly op: 'renameValue'
  /** The column; where several have the type, the first of them. */
  readonly table: ObjectName
  readonly column: string
  readonly type?: ObjectName
  readonly from: string
  readonly to: string
}
/** Rows that have one value of an enum get another one. The schema stays as it is. */
export interface MapValue {
  readonly op: 'mapValue'
  readonly table: ObjectName
  readonly column: string
  readonly from: string
  readonly to: string
  /** The way back: nothing is done, since nobody knows which rows had which value. */
  readonly undone?: true
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

export interface CreateExtension {
  readonly op: 'createExtension'
  readonly name: string
}
export interface DropExtension {
  readonly op: 'dropExtension'
  readonly name: string
  /** It is left where it is: others in the database may use it. So the reverse of `createExtension`. */
  readonly stays?: true
}

export interface CreateFunction {
  readonly op: 'createFunction'
  readonly definition: Routine
}
export interface DropFunction {
  readonly op: 'dropFunction'
  readonly definition: Routine
}
export interface ReplaceFunction {
  readonly op: 'replaceFunction'
  readonly from: Routine
  readonly to: Routine
}

export interface CreateDomain {
  readonly op: 'createDomain'
  readonly definition: Domain
}
export interface DropDomain {
  readonly op: 'dropDomain'
  readonly definition: Domain
}
export interface ReplaceDomain {
  readonly op: 'replaceDomain'
  readonly from: Domain
  readonly to: Domain
}

/** `table` may also name a view. */
export interface CreateTrigger {
  readonly op: 'createTrigger'
  readonly table: ObjectName
  readonly trigger: Trigger
}
export interface DropTrigger {
  readonly op: 'dropTrigger'
  readonly table: ObjectName
  readonly trigger: Trigger
}
export interface ReplaceTrigger {
  readonly op: 'replaceTrigger'
  readonly table: ObjectName
  readonly from: Trigger
  readonly to: Trigger
}

export interface CreatePolicy {
  readonly op: 'createPolicy'
  readonly table: ObjectName
  readonly policy: Policy
}
export interface DropPolicy {
  readonly op: 'dropPolicy'
  readonly table: ObjectName
  readonly policy: Policy
}
export interface ReplacePolicy {
  readonly op: 'replacePolicy'
  readonly table: ObjectName
  readonly from: Policy
  readonly to: Policy
}

export interface CreatePartition {
  readonly op: 'createPartition'
  readonly table: ObjectName
  readonly partition: Partition
}
export interface DropPartition {
  readonly op: 'dropPartition'
  readonly table: ObjectName
  readonly partition: Partition
}
/** Other bounds: it is detached and attached again with its rows, which must fit. */
export interface ReplacePartition {
  readonly op: 'replacePartition'
  readonly table: ObjectName
  readonly from: Partition
  readonly to: Partition
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
