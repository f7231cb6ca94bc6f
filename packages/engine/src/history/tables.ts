import type { DataSourceOptions } from 'typeorm'

import type { Dialect } from '../dialect/dialect'

/** The names of the two tables; either may be `schema.table`. */
export interface HistoryTables {
  /** TypeORM's own table of applied migrations. */
  readonly table: string
  readonly journalTable: string
}

export const journalName = 'aludel_journal'
export const metadataName = 'typeorm_metadata'
/** The table in which `batched` keeps its cursors. */
export const batchesName = 'aludel_batches'

/**
 * The tables of a DataSource, named as TypeORM names them: option `migrationsTableName` (default `migrations`), in the
 * schema of option `schema` if set. The journal is in the same schema.
 *
 * @example
 * historyTables({ type: 'postgres', schema: 'app' }) // { table: 'app.migrations', journalTable: 'app.aludel_journal' }
 */
export function historyTables(options: DataSourceOptions): HistoryTables {
  const table = options.migrationsTableName ?? 'migrations'
  const dot = table.indexOf('.')
  const prefix = dot > 0 ? table.slice(0, dot + 1) : givenPrefix(options)
  return { table: prefix + table.slice(dot + 1), journalTable: prefix + journalName }
}

/**
 * TypeORM's own table for views and generated columns: option `metadataTableName` (default `typeorm_metadata`), in the
 * schema of option `schema` if set.
 */
export function metadataTable(options: DataSourceOptions): string {
  return givenPrefix(options) + (options.metadataTableName ?? metadataName)
}

/** The schema of option `schema` with a dot, or nothing. */
function givenPrefix(options: DataSourceOptions): string {
  const schema = 'schema' in options && typeof options.schema === 'string' ? options.schema : ''
  return schema === '' ? '' : `${schema}.`
}

/**
 * The statements that create what a run needs before its first revision: the tables, and the schema of the DataSource where
 * they are in another one. No revision creates these schemas.
 *
 * @param metadata TypeORM's metadata table, which is in the schema of the DataSource
 */
export function createTables(
  { journal }: Dialect,
  { table, journalTable }: HistoryTables,
  metadata: string,
): readonly string[] {
  return [
    ...(schemaPrefix(metadata) === schemaPrefix(table) ? [] : journal.createSchema(metadata)),
    ...journal.createHistory(table),
    ...journal.createJournal(journalTable),
  ]
}

/** The name of a table without its schema. In the journal and in the table of cursors, it identifies a history. */
export function nameInSchema(table: string): string {
  return table.slice(table.indexOf('.') + 1)
}

/** `schema.`, or nothing. */
export function schemaPrefix(table: string): string {
  return table.slice(0, table.indexOf('.') + 1)
}

/** The table of cursors, in the schema of the journal. */
export function batchesTable(journalTable: string): string {
  return schemaPrefix(journalTable) + batchesName
}

/** A quoted table name; a schema before it is quoted separately. */
export function quotePath(dialect: Dialect, table: string): string {
  return table
    .split('.')
    .map((part) => dialect.sql.quote(part))
    .join('.')
}
