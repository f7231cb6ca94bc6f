import type { Dialect } from '../../dialect/dialect'
import type { Queryable } from '../../dialect/queryable'
import { describeOperation } from '../../operations'
import type { Operation } from '../../operations/operation'
import { quoteName } from '../../dialect/quote-name'
import { findTable, type ObjectName, sameName, type Schema, type Table } from '../../schema/schema'
import type { TableChange } from './column-changes'

/** A constraint that the database lacks, and how many of the rows, as they will be, violate it. */
export interface ViolatedRule {
  readonly operation: Operation
  readonly table: ObjectName
  readonly rows: number
}

/**
 * Counts the rows that would violate constraints which the conversion adds. Where such a query fails, because it needs what does not
 * exist yet, the database itself decides later.
 */
export async function violatedRules(
  dialect: Dialect,
  database: Queryable,
  live: Schema,
  operations: readonly Operation[],
  changes: readonly TableChange[],
): Promise<readonly ViolatedRule[]> {
  const violated: ViolatedRule[] = []
  for (const operation of operations) {
    if (!('table' in operation)) continue
    const table = findTable(live, operation.table)
    const change = changes.find((one) => table !== undefined && sameName(one.table, table))
    if (table === undefined || change === undefined) continue
    const query = violations(dialect, operation, table, (own) => asTheyWillBe(dialect, own, changes))
    if (query === undefined) continue
    const rows = await numberOf(database, query)
    if (rows > 0) violated.push({ operation, table, rows })
  }
  return violated
}

/** What is added, as the operation describes it. */
export function ruleWords({ operation }: ViolatedRule): string {
  return describeOperation(operation).replace(/^add |^create /, '')
}

async function numberOf(database: Queryable, sql: string): Promise<number> {
  try {
    const [row] = (await database.query(sql)) as { readonly n: string | number }[]
    return Number(row?.n ?? 0)
  } catch {
    return 0
  }
}

function violations(
  dialect: Dialect,
  operation: Operation,
  table: Table,
  rowsOf: (table: ObjectName) => string,
): string | undefined {
  const quote = (name: string): string => dialect.sql.quote(name)
  switch (operation.op) {
    case 'addCheck':
      return `SELECT count(*) AS n FROM ${rowsOf(table)} WHERE NOT (${operation.check.expression})`
    case 'addPrimaryKey':
      return duplicates(operation.primaryKey.columns)
    case 'addUnique':
      return duplicates(operation.unique.columns)
    case 'createIndex': {
      const { unique, where, keys } = operation.index
      const columns = keys.flatMap(({ column }) => column ?? [])
      return unique && where === undefined && columns.length === keys.length ? duplicates(columns) : undefined
    }
    case 'addForeignKey': {
      const { columns, references } = operation.foreignKey
      // What an earlier key allowed, the new one does not have to refuse.
      const isKnown = table.foreignKeys.some(
        (key) => sameName(key.references, references) && String(key.columns) === String(columns),
      )
      if (isKnown) return undefined
      const given = columns.map((name) => `r.${quote(name)} IS NOT NULL`)
      const same = columns.map((name, index) => `p.${quote(references.columns[index] ?? name)} = r.${quote(name)}`)
      return `SELECT count(*) AS n FROM ${rowsOf(table)} WHERE ${given.join(' AND ')} AND NOT EXISTS (SELECT 1 FROM ${quoteName(dialect, references)} AS p WHERE ${same.join(' AND ')})`
    }
    default:
      return undefined
  }

  function duplicates(columns: readonly string[]): string | undefined {
    const isKey = [table.primaryKey, ...table.uniques].some(
      (key) => key?.columns.every((name) => columns.includes(name)) === true,
    )
    if (isKey) return undefined
    const names = columns.map((name) => quote(name)).join(', ')
    const given = columns.map((name) => `${quote(name)} IS NOT NULL`).join(' AND ')
    return `SELECT coalesce(sum(d.n), 0) AS n FROM (SELECT count(*) AS n FROM ${rowsOf(table)} WHERE ${given} GROUP BY ${names} HAVING count(*) > 1) AS d`
  }
}

/** A subquery of the rows of a table, with the values that the conversion gives to them. */
function asTheyWillBe(dialect: Dialect, table: ObjectName, changes: readonly TableChange[]): string {
  const { columns = [] } = changes.find((one) => sameName(one.table, table)) ?? {}
  const list = columns.map(({ column, using, fill }) => {
    const name = dialect.sql.quote(column.from.name)
    const value = using === undefined ? name : `(${using})`
    return `${fill === undefined ? value : `coalesce(${value}, (${fill}))`} AS ${name}`
  })
  return `(SELECT ${list.join(', ')} FROM ${quoteName(dialect, table)}) AS r`
}
