/**
 * Models from which random entities are made.
 *
 * They are free of context: a number that stands for a name, a type or a default is taken modulo the list that the dialect
 * has (see `entities.ts`), and what refers to something that is not there is left out. So every value is a model that can be
 * built, whatever is taken away while a failure is made smaller, and an edit needs to know nothing of the rest. Things that
 * are called by their `id` keep it through every edit: that is how it is known later what was renamed.
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
  /** 0: none. */
  readonly default: number
  readonly comment: number
  readonly collation: number
  readonly generated: 'no' | 'stored' | 'virtual'
  /** An enum's own values, or the shared enum. */
  readonly values: readonly number[]
  readonly shared: number
}

export interface RelationModel {
  readonly id: number
  readonly kind: 'many-to-one' | 'one-to-one' | 'many-to-many'
  /** The id of a table; one that is not there means no relation. */
  readonly target: number
  readonly name: number
  readonly nullable: boolean
  readonly onDelete: number
  readonly onUpdate: number
  readonly deferrable: number
  readonly foreignKey: boolean
  readonly constraintName: number
  /** The id of a column of the target: where it is unique, it is what is referenced, and not the key. */
  readonly reference: number
}

export interface IndexModel {
  readonly id: number
  readonly name: number
  /** Ids of columns; those that are not there are left out. */
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
  /** The id of a table, or, above 99, that of a view plus 100. */
  readonly of: number
  readonly columns: readonly number[]
  readonly where: number
  /** 1: every column, as `*`; 2: grouped by the key, which PostgreSQL takes for all the others. */
  readonly form: number
  readonly materialized: boolean
  readonly index: boolean
}

export interface EnumModel {
  readonly id: number
  readonly name: number
  readonly values: readonly number[]
}
