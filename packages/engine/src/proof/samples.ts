import type { Dialect, Queryable } from '../dialect/dialect'
import {
  type Column,
  displayName,
  findTable,
  type ForeignKey,
  keyOf,
  type ObjectName,
  sameName,
  type Schema,
  type Table,
} from '../schema/schema'
import { plainShape, type SampleShape } from './fitting'
import { quoteName } from './quote'

/** How many rows each sampled table gets: two, so that a statement that keeps only one is seen. */
const rowsPerTable = 2
/** Other values are tried when the database refuses a row, for example because of a CHECK. */
const attempts = 4

/** What came of making sample rows. */
export interface SampleReport {
  /** Display names of tables that have sample rows now. */
  readonly sampled: readonly string[]
  /** Tables for which no row could be made, and the database's words. */
  readonly unsampled: readonly { readonly table: string; readonly reason: string }[]
}

/**
 * Puts sample rows into `tables` and into what they reference, in an order that foreign keys accept.
 * Runs inside savepoints, so a refused row leaves nothing behind.
 */
export async function insertSamples(
  dialect: Dialect,
  database: Queryable,
  schema: Schema,
  tables: readonly ObjectName[],
  shape: SampleShape = plainShape(schema),
): Promise<SampleReport> {
  const sampled: string[] = []
  const unsampled: { table: string; reason: string }[] = []
  for (const table of withReferenced(schema, tables)) {
    let reason: string | null = null
    for (let row = 0; row < rowsPerTable && reason === null; row++)
      reason = await insertRow(dialect, database, schema, table, row, shape)
    if (reason === null) sampled.push(displayName(table))
    else unsampled.push({ table: displayName(table), reason })
  }
  return { sampled, unsampled }
}

async function insertRow(
  dialect: Dialect,
  database: Queryable,
  schema: Schema,
  table: Table,
  row: number,
  shape: SampleShape,
): Promise<string | null> {
  let reason = 'no value can be made for a column'
  for (let attempt = 0; attempt < 2 * attempts; attempt++) {
    // Values that the operations take, then such as the old schema takes; with NULL where they fill it, then without.
    const source = attempt < attempts ? shape.fitting : schema
    const seed = row + (attempt % attempts) * rowsPerTable
    const hasNull = (column: string): boolean => row === 1 && attempt % attempts < 2 && shape.hasNull(table, column)
    const sql = insertStatement(dialect, source, findTable(source, table) ?? table, row, seed, hasNull)
    if (typeof sql !== 'string') return `no value can be made for column ${sql.column}`
    await database.query('SAVEPOINT aludel_sample')
    try {
      await database.query(sql)
      await database.query('RELEASE SAVEPOINT aludel_sample')
      return null
    } catch (error) {
      await database.query('ROLLBACK TO SAVEPOINT aludel_sample')
      await database.query('RELEASE SAVEPOINT aludel_sample')
      reason = dialect.errorText(error)
    }
  }
  return reason
}

function insertStatement(
  dialect: Dialect,
  schema: Schema,
  table: Table,
  row: number,
  seed: number,
  hasNull: (column: string) => boolean,
): string | { column: string } {
  const names: string[] = []
  const values: string[] = []
  for (const column of table.columns) {
    if (
      column.generated !== undefined ||
      column.identity !== undefined ||
      column.serial !== undefined ||
      column.autoincrement === true
    )
      continue
    if (hasNull(column.name)) {
      names.push(dialect.quote(column.name))
      values.push('NULL')
      continue
    }
    const foreignKey = table.foreignKeys.find((key) => key.columns.includes(column.name))
    const value =
      foreignKey === undefined
        ? dialect.sampleValue(column, schema, seed)?.sql
        : referencedValue(dialect, table, column, foreignKey, row)
    if (value === undefined) {
      if (!column.nullable && column.default === undefined) return { column: column.name }
      continue
    }
    names.push(dialect.quote(column.name))
    values.push(value)
  }
  const target = quoteName(dialect, table)
  return names.length === 0
    ? `INSERT INTO ${target} DEFAULT VALUES`
    : `INSERT INTO ${target} (${names.join(', ')}) VALUES (${values.join(', ')})`
}

/** The key of a row of the referenced table; a table that references itself begins with NULL where it may. */
function referencedValue(dialect: Dialect, table: Table, column: Column, foreignKey: ForeignKey, row: number): string {
  const { references } = foreignKey
  const referenced = references.columns[foreignKey.columns.indexOf(column.name)]
  if (referenced === undefined || (sameName(references, table) && row === 0 && column.nullable)) return 'NULL'
  const name = dialect.quote(referenced)
  return `(SELECT ${name} FROM ${quoteName(dialect, references)} ORDER BY ${name} LIMIT 1 OFFSET ${sameName(references, table) ? '0' : String(row)})`
}

/** The tables and everything they reference, referenced ones first; in a cycle whichever comes first. */
function withReferenced(schema: Schema, names: readonly ObjectName[]): Table[] {
  const byKey = new Map(schema.tables.map((table) => [keyOf(table), table]))
  const ordered: Table[] = []
  const visited = new Set<string>()
  const visit = (name: ObjectName): void => {
    const key = keyOf(name)
    const table = byKey.get(key)
    if (table === undefined || visited.has(key)) return
    visited.add(key)
    for (const foreignKey of table.foreignKeys) visit(foreignKey.references)
    ordered.push(table)
  }
  for (const name of names) visit(name)
  return ordered
}
