import {
  type Column,
  displayName,
  type ForeignKey,
  type Index,
  type IndexKey,
  type ReferentialAction,
  type Schema,
  type Table,
} from './schema'

/** The objects of a schema, for people and pictures. Names are `schema.name` outside the default schema. */
export interface SchemaObjects {
  readonly tables: readonly TableDocument[]
  readonly enums: readonly { readonly name: string; readonly values: readonly string[] }[]
  readonly views: readonly ViewDocument[]
  /** Without those of serial and identity columns. */
  readonly sequences: readonly { readonly name: string }[]
}

export interface TableDocument {
  readonly name: string
  readonly comment?: string
  /** In the order of the table. */
  readonly columns: readonly ColumnDocument[]
  /** `name` is null for a key without one, on SQLite. */
  readonly primaryKey: KeyDocument | null
  readonly foreignKeys: readonly ForeignKeyDocument[]
  readonly uniques: readonly KeyDocument[]
  readonly checks: readonly { readonly name: string | null; readonly expression: string }[]
  readonly indexes: readonly IndexDocument[]
  /** PostgreSQL; absent if there are none. `definition` is the text after `EXCLUDE`. */
  readonly exclusions?: readonly { readonly name: string; readonly definition: string }[]
  /** Absent if there are none. */
  readonly triggers?: readonly { readonly name: string; readonly sql: string }[]
  /** PostgreSQL: the text after `PARTITION BY`. */
  readonly partitionBy?: string
  /** Of the live database only; null if there is no estimate. */
  readonly rows?: number | null
  /** With indexes; the same. */
  readonly bytes?: number | null
}

export interface ColumnDocument {
  readonly name: string
  readonly type: string
  readonly nullable: boolean
  /** An SQL expression. */
  readonly default?: string
  /** The expression of a generated column. */
  readonly generated?: string
  readonly identity?: 'always' | 'by default' | 'autoincrement'
  readonly comment?: string
}

export interface KeyDocument {
  readonly name: string | null
  readonly columns: readonly string[]
}

export interface ForeignKeyDocument extends KeyDocument {
  readonly table: string
  readonly references: readonly string[]
  /** Absent for `NO ACTION`. */
  readonly onDelete?: string
  readonly onUpdate?: string
}

export interface IndexDocument {
  readonly name: string
  /** Columns and expressions, with their order: `name`, `lower(name)`, `created_at DESC`. */
  readonly columns: readonly string[]
  readonly unique: boolean
  /** The condition of a partial index. */
  readonly where?: string
  /** Absent for a B-tree. */
  readonly method?: string
}

export interface ViewDocument {
  readonly name: string
  /** The query, without `CREATE VIEW … AS`. */
  readonly sql: string
  readonly materialized: boolean
}

/** A schema as a document. */
export function documentOf(schema: Schema): SchemaObjects {
  return {
    tables: schema.tables.map(tableDocument),
    enums: schema.enums.map((one) => ({ name: displayName(one), values: one.values })),
    views: schema.views.map((view) => ({
      name: displayName(view),
      sql: view.definition,
      materialized: view.materialized,
    })),
    sequences: schema.sequences.map((one) => ({ name: displayName(one) })),
  }
}

function tableDocument(table: Table): TableDocument {
  const { comment, exclusions, triggers, partitionBy } = table
  return {
    name: displayName(table),
    ...(comment !== undefined && { comment }),
    columns: table.columns.map(columnDocument),
    primaryKey: table.primaryKey === undefined ? null : keyDocument(table.primaryKey),
    foreignKeys: table.foreignKeys.map(foreignKeyDocument),
    uniques: table.uniques.map(keyDocument),
    checks: table.checks.map(({ name = null, expression }) => ({ name, expression })),
    indexes: table.indexes.map(indexDocument),
    ...(exclusions.length > 0 && {
      exclusions: exclusions.map(({ name, definition }) => ({ name, definition })),
    }),
    ...(triggers.length > 0 && { triggers: triggers.map(({ name, sql }) => ({ name, sql })) }),
    ...(partitionBy !== undefined && { partitionBy }),
  }
}

function columnDocument(column: Column): ColumnDocument {
  const { name, type, nullable, serial, generated, comment } = column
  // A serial column has its sequence instead of the default that reads it.
  const value = serial === undefined ? column.default : `nextval('${displayName(serial).replaceAll("'", "''")}')`
  const identity = column.autoincrement === true ? 'autoincrement' : column.identity
  return {
    name,
    type,
    nullable,
    ...(value !== undefined && { default: value }),
    ...(generated !== undefined && { generated: generated.expression }),
    ...(identity !== undefined && { identity }),
    ...(comment !== undefined && { comment }),
  }
}

function keyDocument({ name, columns }: { readonly name?: string; readonly columns: readonly string[] }): KeyDocument {
  return { name: name ?? null, columns }
}

function foreignKeyDocument(key: ForeignKey): ForeignKeyDocument {
  const rule = (action: ReferentialAction): string | undefined => (action === 'NO ACTION' ? undefined : action)
  const [onDelete, onUpdate] = [rule(key.onDelete), rule(key.onUpdate)]
  return {
    ...keyDocument(key),
    table: displayName(key.references),
    references: key.references.columns,
    ...(onDelete !== undefined && { onDelete }),
    ...(onUpdate !== undefined && { onUpdate }),
  }
}

function indexDocument({ name, keys, unique, where, method }: Index): IndexDocument {
  return {
    name,
    columns: keys.map(indexKeyText),
    unique,
    ...(where !== undefined && { where }),
    ...(method !== 'btree' && { method }),
  }
}

function indexKeyText({ column, expression, order, nulls }: IndexKey): string {
  return [column ?? expression, order, nulls && `NULLS ${nulls}`].filter((part) => part !== undefined).join(' ')
}
