/**
 * Models from which random entities are made.
 *
 * They are free of context: a number for a name, a type or a default is an index modulo the length of the dialect's list (see
 * `entities.ts`), and references to missing items are ignored. So every value is a valid model, whatever shrinking removes, and
 * an edit needs no knowledge of the rest. An item keeps its `id` through every edit, which shows later what was renamed.
 */
export interface Model {
  readonly tables: readonly TableModel[]
  readonly views: readonly ViewModel[]
  /** Enums that several columns may share by `enumName`. */
  readonly enums: readonly EnumModel[]
}

export interface TableModel {
  readonly id: number
  readonly name: number
  readonly schema: number
  readonly key: number
  readonly keyName: number
  readonly tree: number
  readonly withoutRowid: boolean
  readonly comment: number
  readonly columns: readonly ColumnModel[]
  readonly relations: readonly RelationModel[]
  readonly indexes: readonly IndexModel[]
  readonly uniques: readonly UniqueModel[]
  readonly checks: readonly CheckModel[]
  readonly exclusions: readonly CheckModel[]
}

export interface ColumnModel {
  readonly id: number
  readonly name: number
  readonly type: number
  readonly nullable: boolean
  readonly unique: boolean
  /** 0 means none. */
  readonly default: number
  readonly comment: number
  readonly collation: number
  readonly generated: 'no' | 'stored' | 'virtual'
  /** The values of its own enum, unless `shared` is the index of a shared enum. */
  readonly values: readonly number[]
  readonly shared: number
}

export interface RelationModel {
  readonly id: number
  readonly kind: 'many-to-one' | 'one-to-one' | 'many-to-many'
  /** The id of a table; without that table, there is no relation. */
  readonly target: number
  readonly name: number
  readonly nullable: boolean
  readonly onDelete: number
  readonly onUpdate: number
  readonly deferrable: number
  readonly foreignKey: boolean
  readonly constraintName: number
  /** The id of a column of the target. If it is unique, the relation references it instead of the key. */
  readonly reference: number
}

export interface IndexModel {
  readonly id: number
  readonly name: number
  /** Ids of columns; missing ones are ignored. */
  readonly columns: readonly number[]
  readonly unique: boolean
  readonly where: number
  readonly method: number
}

export interface UniqueModel {
  readonly id: number
  readonly name: number
  readonly columns: readonly number[]
  readonly deferrable: number
}

export interface CheckModel {
  readonly id: number
  readonly name: number
  readonly column: number
  readonly condition: number
  readonly deferrable: number
}

export interface ViewModel {
  readonly id: number
  readonly name: number
  readonly schema: number
  /** The id of a table, or the id of a view plus 100. */
  readonly of: number
  readonly columns: readonly number[]
  readonly where: number
  /** 1: all columns by `*`; 2: grouped by the key, on which all other columns depend for PostgreSQL. */
  readonly form: number
  readonly materialized: boolean
  readonly index: boolean
}

export interface EnumModel {
  readonly id: number
  readonly name: number
  readonly values: readonly number[]
}
