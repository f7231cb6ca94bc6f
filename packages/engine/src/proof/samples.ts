import type { Dialect } from '../dialect/dialect'
import type { Queryable } from '../dialect/queryable'
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
import { candidatesOf } from './candidates'
import { plainShape, type SampleShape } from './fitting'
import { quoteName } from '../dialect/quote-name'
import type { Requirement } from './requirements'

/** The number of rows per table: two, so that a statement that keeps only one row is detected. */
const rowsPerTable = 2
/** How often other values are tried if the database refuses a row, for example because of a CHECK. */
const attempts = 4
/** The most combinations of candidate values for all columns of a table. */
const maxCombinations = 64

export interface SampleReport {
  /** Tables for which no row could be generated, and the reason: often the error of the database. */
  readonly unsampled: readonly { readonly table: string; readonly reason: string }[]
}

/**
 * Inserts sample rows into `tables` and into the tables that they reference, in an order that foreign keys accept.
 * Uses savepoints, so a refused row has no effect.
 */
export async function insertSamples(
  dialect: Dialect,
  database: Queryable,
  schema: Schema,
  tables: readonly ObjectName[],
  shape: SampleShape = plainShape(schema),
): Promise<SampleReport> {
  const unsampled: { table: string; reason: string }[] = []
  for (const table of withReferenced(shape.fitting, tables)) {
    let reason: string | null = null
    for (let row = 0; row < rowsPerTable && reason === null; row++)
      reason = await insertRow(dialect, database, schema, findTable(schema, table) ?? table, row, shape)
    if (reason !== null) unsampled.push({ table: displayName(table), reason })
  }
  return { unsampled }
}

/**
 * Inserts one sample row, with the values that the database accepts.
 *
 * @returns null, or why there is none
 */
export async function insertRow(
  dialect: Dialect,
  database: Queryable,
  schema: Schema,
  table: Table,
  row: number,
  shape: SampleShape,
): Promise<string | null> {
  let reason = 'no value can be made for a column'
  await database.query('SAVEPOINT aludel_sample')
  for (const { source, seed, given } of rowsToTry(dialect, schema, table, row, shape)) {
    const stored = new Map(table.columns.map((column) => [column.name, column.type]))
    const sql = insertStatement(dialect, source, findTable(source, table) ?? table, stored, row, seed, given)
    if (typeof sql !== 'string') {
      reason = `no value can be made for column ${sql.column}`
      continue
    }
    try {
      await database.query(sql)
      const unmet = await unmetRequirement(database, shape.requirements(table))
      if (unmet === undefined) {
        await database.query('RELEASE SAVEPOINT aludel_sample')
        return null
      }
      reason = `no row was found that meets: ${unmet}`
    } catch (error) {
      reason = dialect.errors.textOf(error)
    }
    // The savepoint stays for the next row.
    await database.query('ROLLBACK TO SAVEPOINT aludel_sample')
  }
  await database.query('RELEASE SAVEPOINT aludel_sample')
  return reason
}

export interface RowToTry {
  /** The schema for which values are generated. */
  readonly source: Schema
  readonly seed: number
  /** The SQL of columns that do not get the value of the seed. */
  readonly given: ReadonlyMap<string, string>
}

/**
 * The rows to try: values that the operations accept, first with NULL where they fill it; then candidates from the checks;
 * last, values for the old schema.
 */
export function* rowsToTry(
  dialect: Dialect,
  schema: Schema,
  table: Table,
  row: number,
  shape: SampleShape,
): Generator<RowToTry> {
  const nothing = new Map<string, string>()
  const filled = table.columns.filter(({ name }) => shape.hasNull(table, name))
  const nulls = new Map(filled.map(({ name }) => [name, 'NULL']))
  const usual = function* (source: Schema): Generator<RowToTry> {
    for (let attempt = 0; attempt < attempts; attempt++)
      yield { source, seed: row + attempt * rowsPerTable, given: row === 1 && attempt < 2 ? nulls : nothing }
  }
  yield* usual(shape.fitting)

  const fitting = findTable(shape.fitting, table) ?? table
  const checks = shape.checks(table)
  const nullable = new Set(shape.requirements(table).flatMap((requirement) => requirement.nulls ?? []))
  const choices = fitting.columns.flatMap((column) => {
    const values =
      nullable.has(column.name) && column.nullable
        ? ['NULL']
        : candidatesOf(dialect, shape.fitting, fitting, column, checks)
    return values.length === 0 ? [] : [{ column: column.name, values: [undefined, ...values] }]
  })
  const combinations = choices.reduce((product, { values }) => product * values.length, 1)
  // The first combination is the usual row again.
  for (let attempt = 1; attempt < Math.min(combinations, maxCombinations); attempt++) {
    let rest = attempt
    const given = choices.flatMap(({ column, values }): [string, string][] => {
      const value = values[rest % values.length]
      rest = Math.floor(rest / values.length)
      return value === undefined ? [] : [[column, value]]
    })
    yield { source: shape.fitting, seed: row + (attempt % 100) * rowsPerTable, given: new Map(given) }
  }
  yield* usual(schema)
}

/** The first requirement that the rows violate, in words. A query that fails on this database is skipped. */
async function unmetRequirement(
  database: Queryable,
  requirements: readonly Requirement[],
): Promise<string | undefined> {
  if (requirements.length === 0) return undefined
  await database.query('SAVEPOINT aludel_requirement')
  let unmet: string | undefined
  for (const { text, sql } of requirements) {
    try {
      if (((await database.query(sql)) as unknown[]).length === 0) continue
      unmet = text
      break
    } catch {
      await database.query('ROLLBACK TO SAVEPOINT aludel_requirement')
    }
  }
  await database.query('RELEASE SAVEPOINT aludel_requirement')
  return unmet
}

/** @returns the column for which no value can be made, if there is one */
export function insertStatement(
  dialect: Dialect,
  schema: Schema,
  table: Table,
  /** The types that the columns have in the database; the schema may have those that the operations give them. */
  stored: ReadonlyMap<string, string>,
  row: number,
  seed: number,
  given: ReadonlyMap<string, string>,
): string | { column: string } {
  // A first row that must reference its own table can only reference itself.
  const own = row === 0 ? table.foreignKeys.filter((key) => mustReferenceItself(table, key)) : []
  const known = new Set(own.flatMap(({ references }) => references.columns))
  const values = new Map<string, string>()
  const waiting: [column: string, of: string][] = []
  for (const column of table.columns) {
    const isNumbered = column.identity !== undefined || column.serial !== undefined || column.autoincrement === true
    if (column.generated !== undefined || (isNumbered && !known.has(column.name) && !given.has(column.name))) continue
    const foreignKey = table.foreignKeys.find((key) => key.columns.includes(column.name))
    const itself = foreignKey !== undefined && own.includes(foreignKey) ? partnerOf(foreignKey, column) : column.name
    if (itself !== undefined && itself !== column.name) {
      waiting.push([column.name, itself])
      continue
    }
    const value =
      given.get(column.name) ??
      (isNumbered
        ? unusedNumber(dialect, table, column)
        : foreignKey === undefined || own.includes(foreignKey)
          ? dialect.shadow.sampleValue(column, schema, seed, stored.get(column.name))?.sql
          : referencedValue(dialect, table, column, foreignKey, row))
    if (value !== undefined) values.set(column.name, value)
    else if (!column.nullable && column.default === undefined) return { column: column.name }
  }
  for (const [column, of] of waiting) {
    const value = values.get(of)
    if (value === undefined) return { column }
    values.set(column, value)
  }
  const target = quoteName(dialect, table)
  if (values.size === 0) return `INSERT INTO ${target} DEFAULT VALUES`
  const names = [...values.keys()].map((name) => dialect.sql.quote(name)).join(', ')
  const isGiven = table.columns.some(({ name, identity }) => identity !== undefined && values.has(name))
  return `INSERT INTO ${target} (${names}) ${isGiven ? 'OVERRIDING SYSTEM VALUE ' : ''}VALUES (${[...values.values()].join(', ')})`
}

function mustReferenceItself(table: Table, { columns, references }: ForeignKey): boolean {
  return (
    sameName(references, table) && !columns.some((name) => table.columns.find((one) => one.name === name)?.nullable)
  )
}

/** The column that a column of a foreign key references. */
function partnerOf({ columns, references }: ForeignKey, column: Column): string | undefined {
  return references.columns[columns.indexOf(column.name)]
}

/** A number for a column that numbers its rows, which leaves the next ones free. The query has the same answer wherever the row has it. */
function unusedNumber(dialect: Dialect, table: Table, column: Column): string {
  return `(SELECT coalesce(max(${dialect.sql.quote(column.name)}), 0) + 1000 FROM ${quoteName(dialect, table)})`
}

/** A query for the key of a row of the referenced table; the first row that references its own table has NULL if possible. */
function referencedValue(dialect: Dialect, table: Table, column: Column, foreignKey: ForeignKey, row: number): string {
  const { references } = foreignKey
  const referenced = partnerOf(foreignKey, column)
  if (referenced === undefined || (sameName(references, table) && row === 0 && column.nullable)) return 'NULL'
  const name = dialect.sql.quote(referenced)
  return `(SELECT ${name} FROM ${quoteName(dialect, references)} ORDER BY ${name} LIMIT 1 OFFSET ${sameName(references, table) ? '0' : String(row)})`
}

/** The tables and all tables that they reference, referenced ones first, except in a cycle. */
export function withReferenced(schema: Schema, names: readonly ObjectName[]): Table[] {
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
