import type { Dialect } from '../dialect/dialect'
import type { ColumnValues, Operation } from '../operations/operation'
import { LineageOfNames } from '../difference/lineage-of-names'
import {
  type Column,
  findTable,
  type Index,
  keyOf,
  type ObjectName,
  sameName,
  type Schema,
  type Table,
} from '../schema/schema'
import { needsOf, needText } from '../difference/needs'
import { quoteName } from '../dialect/quote-name'

/** What an operation requires of existing rows. */
export interface Requirement {
  /** The requirement in words, for the reason why no row was found: `the new check ck`. */
  readonly text: string
  /** A query that returns rows if existing rows violate it. It may fail on a database before the operations. */
  readonly sql: string
  /** Columns, under their old names, that meet it with NULL. */
  readonly nulls?: readonly string[]
}

/**
 * What new checks, keys, unique indexes and narrower columns require of existing rows, so that sample rows can be
 * generated that they accept. Whether the rows of a live database meet this is not known here; the database refuses them
 * if not.
 *
 * A query sees the rows as they will be: with new names, converted and filled values, and defaults of new columns.
 *
 * @param from the schema before the operations, which the database has
 * @param to the schema after them
 * @returns the requirements by `keyOf` of the tables before the operations
 */
export function requirementsOf(
  dialect: Dialect,
  operations: readonly Operation[],
  from: Schema,
  to: Schema,
): ReadonlyMap<string, readonly Requirement[]> {
  const names = new LineageOfNames(from, operations)
  const rows = new FutureRows(dialect, operations, from, names)
  const found = new Map<string, Requirement[]>()
  const add = (table: ObjectName, requirement: Requirement): void => {
    found.set(keyOf(table), [...(found.get(keyOf(table)) ?? []), requirement])
  }
  for (const need of needsOf(operations, from)) {
    const counting = need.kind === 'noRows' ? null : dialect.ddl.countViolations(need)
    const sql = `SELECT 1 FROM (${counting ?? ''}) AS ${dialect.sql.quote('violations')} WHERE n > 0`
    if (counting !== null) add(need.table, { text: needText(need), sql })
  }
  for (const operation of operations) {
    if (!('table' in operation)) continue
    const table = findTable(to, operation.table)
    const original = table === undefined ? undefined : names.originalTable(table)
    const requirement = table === undefined ? undefined : requirementOf(dialect, operation, table, to, rows)
    if (original !== undefined && requirement !== undefined) add(original, requirement)
  }
  return found
}

function requirementOf(
  dialect: Dialect,
  operation: Operation,
  table: Table,
  to: Schema,
  rows: FutureRows,
): Requirement | undefined {
  const source = rows.of(table)
  if (source === undefined) return undefined
  const quote = (name: string): string => dialect.sql.quote(name)
  switch (operation.op) {
    case 'addCheck': {
      const { name, expression } = operation.check
      return { text: `the new check ${name ?? expression}`, sql: `SELECT 1 FROM ${source} WHERE NOT (${expression})` }
    }
    case 'addPrimaryKey':
      return { text: 'the new primary key', sql: duplicates(source, operation.primaryKey.columns.map(quote)) }
    case 'addUnique':
      return {
        text: `the new unique constraint ${operation.unique.name ?? ''}`.trimEnd(),
        sql: duplicates(source, operation.unique.columns.map(quote)),
      }
    case 'createIndex':
      return uniqueIndex(dialect, operation.index, source)
    case 'addForeignKey': {
      const { name, columns, references } = operation.foreignKey
      const parent = findTable(to, references)
      const parents = parent === undefined ? undefined : rows.of(parent, 'aludel_parent')
      const own = columns.map((column) => `${dialect.sql.quote(table.name)}.${dialect.sql.quote(column)}`)
      const meets = references.columns.map(
        (column, index) => `${dialect.sql.quote('aludel_parent')}.${dialect.sql.quote(column)} = ${own[index] ?? ''}`,
      )
      const orphans =
        parents === undefined ? [] : [`NOT EXISTS (SELECT 1 FROM ${parents} WHERE ${meets.join(' AND ')})`]
      return {
        text: `the new foreign key ${name ?? ''}`.trimEnd(),
        sql: `SELECT 1 FROM ${source} WHERE ${[...own.map((column) => `${column} IS NOT NULL`), ...orphans].join(' AND ')}`,
        nulls: columns.flatMap((column) => rows.before(table, column)?.name ?? []),
      }
    }
    default:
      return undefined
  }
}

function uniqueIndex(dialect: Dialect, index: Index, source: string): Requirement | undefined {
  if (!index.unique) return undefined
  const keys = index.keys.map(({ column, expression }) =>
    column === undefined ? `(${expression ?? 'NULL'})` : dialect.sql.quote(column),
  )
  return { text: `the new unique index ${index.name}`, sql: duplicates(source, keys, index.where) }
}

function duplicates(source: string, keys: readonly string[], where?: string): string {
  const conditions = [...keys.map((key) => `${key} IS NOT NULL`), ...(where === undefined ? [] : [`(${where})`])]
  return `SELECT 1 FROM ${source} WHERE ${conditions.join(' AND ')} GROUP BY ${keys.join(', ')} HAVING count(*) > 1`
}

/** Subqueries that return the rows of tables as the operations will leave them, before the operations run. */
class FutureRows {
  constructor(
    private readonly dialect: Dialect,
    private readonly operations: readonly Operation[],
    private readonly from: Schema,
    private readonly names: LineageOfNames,
  ) {}

  /** @returns undefined for a table that the operations create */
  of(table: Table, alias: string = table.name): string | undefined {
    const original = this.names.originalTable(table)
    const before = original && findTable(this.from, original)
    if (before === undefined) return undefined
    const quote = (name: string): string => this.dialect.sql.quote(name)
    const plain = table.columns
      .filter(({ generated }) => generated === undefined)
      .map((column) => `${this.#value(table, before, column)} AS ${quote(column.name)}`)
    const rows = `(SELECT ${plain.join(', ') || '1'} FROM ${quoteName(this.dialect, before)})`
    const generated = table.columns.flatMap((column) =>
      column.generated === undefined ? [] : [`(${column.generated.expression}) AS ${quote(column.name)}`],
    )
    if (generated.length === 0) return `${rows} AS ${quote(alias)}`
    return `(SELECT *, ${generated.join(', ')} FROM ${rows} AS ${quote(table.name)}) AS ${quote(alias)}`
  }

  /** The column before the operations; undefined for a new one. */
  before(table: ObjectName, column: string): Column | undefined {
    const original = this.names.originalColumn(table, column)
    const before = original && findTable(this.from, original.table)
    return before?.columns.find(({ name }) => name === original?.column)
  }

  #value(table: Table, before: Table, column: Column): string {
    const quote = (name: string): string => this.dialect.sql.quote(name)
    const old = this.before(table, column.name)
    const given = this.operations.reduce<ColumnValues | undefined>((found, operation) => {
      if (!('table' in operation) || !sameName(operation.table, table)) return found
      const isIt =
        (operation.op === 'addColumn' && operation.column.name === column.name) ||
        (operation.op === 'alterColumn' && operation.to.name === column.name)
      return isIt ? (operation.values ?? found) : found
    }, undefined)
    const filling = given?.backfill ?? column.default
    if (old === undefined) return `CAST(${filling ?? 'NULL'} AS ${column.type})`
    const steps = [...this.names.valueSteps(before, old)].map(
      ([value, now]) => `WHEN ${this.dialect.sql.literal(value)} THEN ${this.dialect.sql.literal(now)}`,
    )
    const value =
      steps.length === 0 ? quote(old.name) : `CASE ${quote(old.name)} ${steps.join(' ')} ELSE ${quote(old.name)} END`
    const kept = given?.using ?? value
    const converted = old.type === column.type && given?.using === undefined ? kept : `CAST(${kept} AS ${column.type})`
    return old.nullable && !column.nullable && filling !== undefined ? `COALESCE(${converted}, ${filling})` : converted
  }
}
