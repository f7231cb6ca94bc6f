import type { Dialect } from '../../dialect/dialect'
import type { Queryable } from '../../dialect/queryable'
import { describeOperation } from '../../operations'
import type { Operation } from '../../operations/operation'
import { quoteName } from '../../dialect/quote-name'
import { columnsIn } from '../../schema/expressions'
import { scopeOf } from '../../schema/normalize'
import { displayName, findTable, type ObjectName, sameName, type Schema, type Table } from '../../schema/schema'
import type { TableChange } from './column-changes'
import { firstKeys } from './row-counts'

/** A constraint that the database lacks, and how many of the rows, as they will be, violate it. */
export interface ViolatedRule {
  readonly operation: Operation
  readonly table: ObjectName
  readonly rows: number
  /** The keys of the first of them. */
  readonly keys: readonly string[]
}

/**
 * Counts the rows that would violate constraints which the conversion adds. Where such a query fails, because it needs what does not
 * exist yet, the database itself decides later.
 *
 * @param isReported whether something is wrong with a column anyway (`table.column`): its values violate rules, too
 */
export async function violatedRules(
  dialect: Dialect,
  database: Queryable,
  live: Schema,
  operations: readonly Operation[],
  changes: readonly TableChange[],
  isReported: (column: string) => boolean,
): Promise<readonly ViolatedRule[]> {
  const violated: ViolatedRule[] = []
  for (const operation of operations) {
    if (!('table' in operation)) continue
    const table = findTable(live, operation.table)
    const change = changes.find((one) => table !== undefined && sameName(one.table, table))
    if (table === undefined || change === undefined) continue
    if (columnsOf(operation, table).some((column) => isReported(`${displayName(table)}.${column}`))) continue
    const found = violations(dialect, operation, table, (own) => asTheyWillBe(dialect, own, changes))
    if (found === undefined) continue
    const rows = await numberOf(database, `SELECT ${found.count} AS n FROM ${found.from}`)
    if (rows === 0) continue
    const keys = found.count === 'count(*)' ? await firstKeys(dialect, database, table, `FROM ${found.from}`) : []
    violated.push({ operation, table, rows, keys })
  }
  return violated
}

/** The columns that a constraint is about. */
function columnsOf(operation: Operation, table: Table): readonly string[] {
  switch (operation.op) {
    case 'addCheck':
      return columnsIn(operation.check.expression, scopeOf(table))
    case 'addPrimaryKey':
      return operation.primaryKey.columns
    case 'addUnique':
      return operation.unique.columns
    case 'createIndex':
      return operation.index.keys.flatMap(({ column }) => column ?? [])
    case 'addForeignKey':
      return operation.foreignKey.columns
    default:
      return []
  }
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

/** A query of the rows that violate a constraint: their number, and where they are. */
interface Violations {
  readonly count: string
  readonly from: string
}

function violations(
  dialect: Dialect,
  operation: Operation,
  table: Table,
  rowsOf: (table: ObjectName) => string,
): Violations | undefined {
  const quote = (name: string): string => dialect.sql.quote(name)
  switch (operation.op) {
    case 'addCheck':
      return { count: 'count(*)', from: `${rowsOf(table)} WHERE NOT (${operation.check.expression})` }
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
      const missing = `NOT EXISTS (SELECT 1 FROM ${quoteName(dialect, references)} AS p WHERE ${same.join(' AND ')})`
      return { count: 'count(*)', from: `${rowsOf(table)} WHERE ${given.join(' AND ')} AND ${missing}` }
    }
    default:
      return undefined
  }

  function duplicates(columns: readonly string[]): Violations | undefined {
    const isKey = [table.primaryKey, ...table.uniques].some(
      (key) => key?.columns.every((name) => columns.includes(name)) === true,
    )
    if (isKey) return undefined
    const names = columns.map((name) => quote(name)).join(', ')
    const given = columns.map((name) => `${quote(name)} IS NOT NULL`).join(' AND ')
    const groups = `SELECT count(*) AS n FROM ${rowsOf(table)} WHERE ${given} GROUP BY ${names} HAVING count(*) > 1`
    return { count: 'coalesce(sum(d.n), 0)', from: `(${groups}) AS d` }
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
