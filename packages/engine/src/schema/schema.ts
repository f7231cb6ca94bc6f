/**
 * Immutable schema values: what an introspector reads and what `compare` works on.
 *
 * Every value is plain data (it survives `JSON.stringify`), lists are ordered as the database orders
 * them (columns by position) or by name (everything else), and texts are as the database prints them,
 * so two schemas read by the same introspector can be compared field by field.
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
  /** Installed extensions that are not part of every database, for example `citext`. What they hold is left out. */
  readonly extensions: readonly string[]
  /** Those of `extensions` that something in this schema depends on. For the introspector's callers; no difference. */
  readonly usedExtensions?: readonly string[]
  /** PostgreSQL functions and procedures. Never made from entities. Absent: none. */
  readonly functions?: readonly Routine[]
  /** PostgreSQL domains. Never made from entities. Absent: none. */
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
  /** Never made from entities. */
  readonly triggers: readonly Trigger[]
  /** PostgreSQL row-level security. Never made from entities. Absent: none. */
  readonly policies?: readonly Policy[]
  /** PostgreSQL: the partitions, each behind the one it is a part of. Never made from entities. Absent: none. */
  readonly partitions?: readonly Partition[]
  /** PostgreSQL: the text behind `PARTITION BY`, for example `RANGE (at)`. */
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
   * SQLite: checks and foreign keys that are written behind a column, by column, as JSON: they go along when it is dropped.
   * No difference between two tables.
   */
  readonly inline?: Readonly<Record<string, readonly string[]>>
}

export interface Column {
  readonly name: string
  /**
   * The type as the database prints it: `character varying(50)`, `integer[]`, `timestamp with time zone`
   * (PostgreSQL's `format_type`); on SQLite the declared type in lower case. For an enum column the
   * quoted name of the type, and `enum` names it.
   */
  readonly type: string
  /** The enum type behind `type`, also for arrays of it. */
  readonly enum?: ObjectName
  readonly nullable: boolean
  /** The default as an SQL expression, as the database prints it; absent when there is none. */
  readonly default?: string
  /** PostgreSQL identity column. */
  readonly identity?: 'always' | 'by default'
  /** PostgreSQL `serial`: the sequence owned by this column that feeds its default. */
  readonly serial?: ObjectName
  /** PostgreSQL: the sequence behind an identity column. Its name is no difference between two columns. */
  readonly identitySequence?: ObjectName
  /** Options of the sequence behind an identity or serial column, where they are not the usual ones. Never made from entities. */
  readonly sequence?: Partial<SequenceOptions>
  /** SQLite `INTEGER PRIMARY KEY AUTOINCREMENT`. */
  readonly autoincrement?: boolean
  /** SQLite `NOT NULL ON CONFLICT …`. Kept when a table is rebuilt; never made from entities. */
  readonly onConflict?: ConflictClause
  readonly generated?: { readonly expression: string; readonly kind: 'stored' | 'virtual' }
  /** Only when it differs from the type's own. */
  readonly collation?: string
  readonly comment?: string
}

/** What SQLite does instead of aborting; `ABORT` is its default and never written. */
export type ConflictClause = 'ROLLBACK' | 'FAIL' | 'IGNORE' | 'REPLACE'

/** Parts of a SQLite key that PostgreSQL's has not. Kept when a table is rebuilt; never made from entities. */
export interface SqliteKey {
  readonly onConflict?: ConflictClause
  /** One for each column, null for the column's own: `UNIQUE ("a" COLLATE NOCASE, "b")`. */
  readonly collations?: readonly (string | null)[]
}

export interface PrimaryKey extends SqliteKey {
  /** Absent on SQLite when the key has no name. */
  readonly name?: string
  readonly columns: readonly string[]
  readonly deferrable?: Deferrable
}

export type Deferrable = 'initially immediate' | 'initially deferred'

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

export type ReferentialAction = 'NO ACTION' | 'RESTRICT' | 'CASCADE' | 'SET NULL' | 'SET DEFAULT'

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
  /** Access method; `btree` unless said otherwise. */
  readonly method: string
  readonly keys: readonly IndexKey[]
  /** INCLUDE columns. */
  readonly include?: readonly string[]
  /** The condition of a partial index. */
  readonly where?: string
  readonly nullsNotDistinct?: boolean
  /**
   * PostgreSQL: to be built without keeping writers out. A wish of the entity that no catalog remembers, so two indexes
   * do not differ in it.
   */
  readonly concurrent?: true
  readonly comment?: string
  /** PostgreSQL storage parameters, each `name=value`. Never made from entities. */
  readonly storage?: readonly string[]
}

export interface IndexKey {
  /** A column name; absent for an expression. */
  readonly column?: string
  readonly expression?: string
  readonly order?: 'DESC'
  readonly nulls?: 'FIRST' | 'LAST'
  readonly collation?: string
  /** PostgreSQL operator class when it is not the type's default. */
  readonly opclass?: string
}

export interface Trigger {
  readonly name: string
  /** The whole statement that makes it. */
  readonly sql: string
}

/** A row-level security policy of PostgreSQL. */
export interface Policy {
  readonly name: string
  readonly permissive: boolean
  readonly command: 'ALL' | 'SELECT' | 'INSERT' | 'UPDATE' | 'DELETE'
  /** Sorted; `public` for everybody. */
  readonly roles: readonly string[]
  readonly using?: string
  readonly check?: string
}

export interface Partition extends ObjectName {
  /** What it is a part of where that is not the table itself but another partition. */
  readonly of?: ObjectName
  /** `FOR VALUES FROM ('2020-01-01') TO ('2021-01-01')`, or `DEFAULT`. */
  readonly bound: string
  /** Where it is partitioned itself. */
  readonly partitionBy?: string
}

/** A function or procedure; its name is that of its signature: `touch()`, `add(integer, integer)`. */
export interface Routine extends ObjectName {
  readonly kind: 'function' | 'procedure'
  /** The name without the arguments. */
  readonly routine: string
  /** The whole statement that makes it (`CREATE OR REPLACE …`); it names its own schema only outside the default one. */
  readonly sql: string
  /** Relations that the server knows it reads: those in a body of standard SQL (`BEGIN ATOMIC`). */
  readonly dependsOn: readonly ObjectName[]
}

export interface Domain extends ObjectName {
  /** The whole statement that makes it. */
  readonly sql: string
}

/** What a sequence does; values as text, because they may be larger than a number. */
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
  /** Relations this view reads, so that views can be ordered and dropped around a change. */
  readonly dependsOn: readonly ObjectName[]
  readonly indexes: readonly Index[]
  /** `INSTEAD OF` triggers. Never made from entities. */
  readonly triggers?: readonly Trigger[]
}

export const emptySchema: Schema = { tables: [], enums: [], sequences: [], views: [], schemas: [], extensions: [] }

/** A text that identifies an object inside one schema value; safe as a map key, not for SQL. */
export function keyOf(name: ObjectName): string {
  return name.schema === undefined
    ? JSON.stringify(name.name)
    : `${JSON.stringify(name.schema)}.${JSON.stringify(name.name)}`
}

/** The key of one column of a table. */
export function columnKey(table: ObjectName, column: string): string {
  return `${keyOf(table)} ${JSON.stringify(column)}`
}

/** The name as people write it: `schema.name`, or `name` in the default schema. */
export function displayName(name: ObjectName): string {
  return name.schema === undefined ? name.name : `${name.schema}.${name.name}`
}

/** The name alone of something that has one: without the rest of it, and without a schema where it is the default one. */
export function nameOf({ schema, name }: ObjectName): ObjectName {
  return schema === undefined ? { name } : { schema, name }
}

/** The name of something in the same schema as another object: of an index beside its table. */
export function beside({ schema }: ObjectName, name: string): ObjectName {
  return schema === undefined ? { name } : { schema, name }
}

export function sameName(a: ObjectName, b: ObjectName): boolean {
  return a.name === b.name && a.schema === b.schema
}

export function findTable(schema: Schema, name: ObjectName): Table | undefined {
  return schema.tables.find((table) => sameName(table, name))
}
