import type { ConflictClause, Deferrable, ReferentialAction } from '../sql/clauses'

export type { ConflictClause, Deferrable, ReferentialAction }

/**
 * Immutable schema values, which introspection returns and `compare` takes.
 *
 * Every value is plain data that survives `JSON.stringify`. Columns are in the order of the table, other lists are sorted
 * by name, and texts are as the database prints them, so two schemas from the same introspector can be compared field by
 * field.
 */

/** The name of an object; `schema` is absent for the connection's default schema. */
export interface ObjectName {
  readonly schema?: string
  readonly name: string
}

export interface Schema {
  readonly tables: readonly Table[]
  readonly enums: readonly EnumType[]
  readonly sequences: readonly Sequence[]
  readonly views: readonly View[]
  /** Schemas other than the default one. Always empty for SQLite. */
  readonly schemas: readonly string[]
  /** Installed extensions that are not part of every database, for example `citext`. Their objects are left out. */
  readonly extensions: readonly string[]
  /** The extensions that something in this schema depends on. Ignored in comparisons. */
  readonly usedExtensions?: readonly string[]
  /** The schema of each extension that is not in the default one. Ignored in comparisons. Absent: none. */
  readonly extensionSchemas?: Readonly<Record<string, string>>
  /** PostgreSQL functions and procedures. Never created from entities. Absent: none. */
  readonly functions?: readonly Routine[]
  /** PostgreSQL domains. Never created from entities. Absent: none. */
  readonly domains?: readonly Domain[]
}

export interface Table extends ObjectName {
  readonly columns: readonly Column[]
  readonly primaryKey?: PrimaryKey
  readonly uniques: readonly Unique[]
  readonly checks: readonly Check[]
  readonly exclusions: readonly Exclusion[]
  readonly foreignKeys: readonly ForeignKey[]
  readonly indexes: readonly Index[]
  /** Never created from entities. */
  readonly triggers: readonly Trigger[]
  /** PostgreSQL row-level security. Never created from entities. Absent: none. */
  readonly policies?: readonly Policy[]
  /** PostgreSQL: the partitions, each after its parent. Never created from entities. Absent: none. */
  readonly partitions?: readonly Partition[]
  /** PostgreSQL: the text after `PARTITION BY`, for example `RANGE (at)`. */
  readonly partitionBy?: string
  /** PostgreSQL: `ENABLE ROW LEVEL SECURITY`. */
  readonly rowSecurity?: boolean
  /** PostgreSQL: `FORCE ROW LEVEL SECURITY`. */
  readonly forceRowSecurity?: boolean
  readonly comment?: string
  /** SQLite: `STRICT`. */
  readonly strict?: boolean
  /** SQLite: `WITHOUT ROWID`. */
  readonly withoutRowid?: boolean
  /**
   * SQLite: checks and foreign keys that are declared with a column and dropped with it, by column, as JSON.
   * Ignored in comparisons.
   */
  readonly inline?: Readonly<Record<string, readonly string[]>>
}

export interface Column {
  readonly name: string
  /**
   * The type as the database prints it: `character varying(50)`, `integer[]`, `timestamp with time zone`
   * (PostgreSQL's `format_type`); on SQLite the declared type in lower case. For an enum column, the quoted name of the
   * enum type.
   */
  readonly type: string
  /** The enum type of the column, or of the elements of an array. */
  readonly enum?: ObjectName
  readonly nullable: boolean
  /** The default as an SQL expression, as the database prints it. */
  readonly default?: string
  /** PostgreSQL identity column. */
  readonly identity?: 'always' | 'by default'
  /** PostgreSQL `serial`: the sequence owned by this column that feeds its default. */
  readonly serial?: ObjectName
  /** PostgreSQL: the sequence of an identity column. Ignored in comparisons. */
  readonly identitySequence?: ObjectName
  /** The options of an identity or serial column's sequence that differ from the defaults. Never created from entities. */
  readonly sequence?: Partial<SequenceOptions>
  /** SQLite `INTEGER PRIMARY KEY AUTOINCREMENT`. */
  readonly autoincrement?: boolean
  /** SQLite `NOT NULL ON CONFLICT …`. Kept when a table is rebuilt; never created from entities. */
  readonly onConflict?: ConflictClause
  readonly generated?: { readonly expression: string; readonly kind: 'stored' | 'virtual' }
  /** Absent if it is the default collation of the type. */
  readonly collation?: string
  readonly comment?: string
}

/** Properties of a key that only SQLite has. Kept when a table is rebuilt; never created from entities. */
export interface SqliteKey {
  readonly onConflict?: ConflictClause
  /** One for each column, null for the column's own collation: `UNIQUE ("a" COLLATE NOCASE, "b")`. */
  readonly collations?: readonly (string | null)[]
}

export interface PrimaryKey extends SqliteKey {
  /** Absent on SQLite if the key has no name. */
  readonly name?: string
  readonly columns: readonly string[]
  readonly deferrable?: Deferrable
}

export interface Unique extends SqliteKey {
  readonly name?: string
  readonly columns: readonly string[]
  readonly deferrable?: Deferrable
  readonly nullsNotDistinct?: boolean
}

export interface Check {
  readonly name?: string
  /** The condition without the outer `CHECK ( )`. */
  readonly expression: string
}

export interface Exclusion {
  readonly name: string
  /** The text after `EXCLUDE`. */
  readonly definition: string
  readonly deferrable?: Deferrable
}

export interface ForeignKey {
  readonly name?: string
  readonly columns: readonly string[]
  readonly references: ObjectName & { readonly columns: readonly string[] }
  readonly onDelete: ReferentialAction
  readonly onUpdate: ReferentialAction
  readonly deferrable?: Deferrable
  readonly match?: 'FULL'
}

export interface Index {
  readonly name: string
  readonly unique: boolean
  /** The access method, usually `btree`. */
  readonly method: string
  readonly keys: readonly IndexKey[]
  /** INCLUDE columns. */
  readonly include?: readonly string[]
  /** The condition of a partial index. */
  readonly where?: string
  readonly nullsNotDistinct?: boolean
  /**
   * PostgreSQL: the entity asks to build the index without blocking writes. No catalog records that, so it is ignored in
   * comparisons.
   */
  readonly concurrent?: true
  readonly comment?: string
  /** PostgreSQL storage parameters, each `name=value`. Never created from entities. */
  readonly storage?: readonly string[]
}

export interface IndexKey {
  /** A column name; absent for an expression. */
  readonly column?: string
  readonly expression?: string
  readonly order?: 'DESC'
  readonly nulls?: 'FIRST' | 'LAST'
  readonly collation?: string
  /** The PostgreSQL operator class. Absent if it is the default of the type. */
  readonly opclass?: string
}

export interface Trigger {
  readonly name: string
  /** The statement that creates the trigger. */
  readonly sql: string
}

/** A row-level security policy of PostgreSQL. */
export interface Policy {
  readonly name: string
  readonly permissive: boolean
  readonly command: 'ALL' | 'SELECT' | 'INSERT' | 'UPDATE' | 'DELETE'
  /** Sorted; `public` means all roles. */
  readonly roles: readonly string[]
  readonly using?: string
  readonly check?: string
}

export interface Partition extends ObjectName {
  /** The parent, if that is not the table itself but another partition. */
  readonly of?: ObjectName
  /** `FOR VALUES FROM ('2020-01-01') TO ('2021-01-01')`, or `DEFAULT`. */
  readonly bound: string
  /** Set if it is partitioned itself. */
  readonly partitionBy?: string
}

/** A function or procedure. Its name is the signature: `touch()`, `add(integer, integer)`. */
export interface Routine extends ObjectName {
  readonly kind: 'function' | 'procedure'
  /** The name without the arguments. */
  readonly routine: string
  /** The statement that creates it (`CREATE OR REPLACE …`), without its schema if that is the default one. */
  readonly sql: string
  /** Relations that it reads according to the server, which knows them only for standard SQL bodies (`BEGIN ATOMIC`). */
  readonly dependsOn: readonly ObjectName[]
}

export interface Domain extends ObjectName {
  /** The statement that creates the domain. */
  readonly sql: string
}

/** The options of a sequence; values are text because they may be too large for a number. */
export interface SequenceOptions {
  readonly start: string
  readonly increment: string
  readonly min: string
  readonly max: string
  readonly cycle: boolean
}

export interface EnumType extends ObjectName {
  readonly values: readonly string[]
}

export interface Sequence extends ObjectName, SequenceOptions {
  readonly type: string
  readonly ownedBy?: ObjectName & { readonly column: string }
}

export interface View extends ObjectName {
  readonly materialized: boolean
  /** The query, without `CREATE VIEW … AS`. */
  readonly definition: string
  /** Relations that the view reads, for the order in which views are dropped and created. */
  readonly dependsOn: readonly ObjectName[]
  readonly indexes: readonly Index[]
  /** `INSTEAD OF` triggers. Never created from entities. */
  readonly triggers?: readonly Trigger[]
  /** PostgreSQL: what is after `WITH`, each `name=value`, for example `security_invoker=true`. Never created from entities. */
  readonly options?: readonly string[]
}

export const emptySchema: Schema = { tables: [], enums: [], sequences: [], views: [], schemas: [], extensions: [] }

/** A text that identifies an object in a schema. For keys of maps, not for SQL. */
export function keyOf(name: ObjectName): string {
  return name.schema === undefined
    ? JSON.stringify(name.name)
    : `${JSON.stringify(name.schema)}.${JSON.stringify(name.name)}`
}

/** The key of one column of a table. */
export function columnKey(table: ObjectName, column: string): string {
  return `${keyOf(table)} ${JSON.stringify(column)}`
}

/** The name for messages: `schema.name`, or `name` in the default schema. */
export function displayName(name: ObjectName): string {
  return name.schema === undefined ? name.name : `${name.schema}.${name.name}`
}

/** The name of an object, without its other properties. */
export function nameOf({ schema, name }: ObjectName): ObjectName {
  return schema === undefined ? { name } : { schema, name }
}

/** A name in the same schema as another object, for example that of an index of a table. */
export function beside({ schema }: ObjectName, name: string): ObjectName {
  return nameOf({ schema, name })
}

export function sameName(a: ObjectName, b: ObjectName): boolean {
  return a.name === b.name && a.schema === b.schema
}

/** Schemas are values: their tables, by {@link keyOf}, stay the same. */
const tablesByKey = new WeakMap<readonly Table[], ReadonlyMap<string, Table>>()

export function findTable({ tables }: Schema, name: ObjectName): Table | undefined {
  let byKey = tablesByKey.get(tables)
  if (byKey === undefined) {
    byKey = new Map(tables.toReversed().map((table) => [keyOf(table), table]))
    tablesByKey.set(tables, byKey)
  }
  return byKey.get(keyOf(name))
}
