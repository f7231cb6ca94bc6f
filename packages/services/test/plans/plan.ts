import type { DataSource } from 'typeorm'
import type { DialectName } from '../support/services'

/** A statement that a service has sent. */
export interface Sent {
  readonly sql: string
  readonly parameters: readonly unknown[]
}

/** What a plan reads as a whole. */
export interface WholeRead {
  readonly table: string
  /** All rows of the table, or all entries of one of its indexes. */
  readonly what: 'table' | 'index'
  /** The line or the node of the plan. */
  readonly plan: string
}

/** Whether a statement has a plan: not those of transactions, those that only ask the catalog, and one that only takes a lock. */
export function isPlanned({ sql }: Sent, tables: readonly string[]): boolean {
  if (sql.endsWith(' WHERE 0')) return false
  return /^\s*(?:SELECT|INSERT|UPDATE|DELETE|WITH)\b/i.test(sql) && tables.some((table) => sql.includes(`"${table}"`))
}

/** Asks the database how it would run a statement, and finds what it would read as a whole. */
export async function wholeReads(
  dataSource: DataSource,
  dialect: DialectName,
  sent: Sent,
  tables: readonly string[],
): Promise<readonly WholeRead[]> {
  const prefix = dialect === 'postgres' ? 'EXPLAIN (FORMAT JSON)' : 'EXPLAIN QUERY PLAN'
  const rows: Record<string, unknown>[] = await dataSource.query(`${prefix} ${sent.sql}`, [...sent.parameters])
  if (dialect === 'postgres') {
    const [{ Plan: plan }] = rows[0]?.['QUERY PLAN'] as [{ readonly Plan: PostgresPlan }]
    return ofPostgres(plan, tables, false)
  }
  return ofSqlite(
    rows.map(({ detail }) => String(detail)),
    sent.sql,
    tables,
  )
}

interface PostgresPlan {
  readonly 'Node Type': string
  readonly Strategy?: string
  readonly 'Relation Name'?: string
  readonly 'Index Name'?: string
  readonly 'Index Cond'?: string
  readonly Plans?: readonly PostgresPlan[]
}

/** @param limited whether a LIMIT above ends the reading early */
function ofPostgres(plan: PostgresPlan, tables: readonly string[], limited: boolean): readonly WholeRead[] {
  const kind = plan['Node Type']
  const table = plan['Relation Name'] ?? ''
  const own: WholeRead[] = []
  if (kind === 'Seq Scan' && tables.includes(table)) own.push({ table, what: 'table', plan: `Seq Scan on ${table}` })
  const isWholeIndex = /^Index (?:Only )?Scan/.test(kind) && plan['Index Cond'] === undefined && !limited
  if (isWholeIndex && tables.includes(table))
    own.push({ table, what: 'index', plan: `${kind} using ${plan['Index Name']} on ${table}` })
  const streams = kind === 'Limit' || (limited && !readsFirst(plan))
  return [...own, ...(plan.Plans ?? []).flatMap((below) => ofPostgres(below, tables, streams))]
}

/** Whether a node reads all that is below it before it returns a row. */
function readsFirst({ 'Node Type': kind, Strategy: strategy }: PostgresPlan): boolean {
  return kind === 'Sort' || kind === 'Hash' || (kind === 'Aggregate' && strategy !== 'Sorted')
}

/** https://www.sqlite.org/eqp.html: SCAN is a whole table, or a whole index; SEARCH is a part. */
function ofSqlite(lines: readonly string[], sql: string, tables: readonly string[]): readonly WholeRead[] {
  const aliases = new Map(tables.map((table) => [table, table]))
  for (const [, table = '', alias = ''] of sql.matchAll(/"(\w+)" "(\w+)"/g))
    if (tables.includes(table)) aliases.set(alias, table)
  return lines.flatMap((plan): WholeRead[] => {
    const [, alias = '', index] = /^SCAN (?:TABLE )?(\w+)(?: AS \w+)?( USING (?:COVERING )?INDEX)?/.exec(plan) ?? []
    const table = aliases.get(alias)
    if (table === undefined) return []
    // In the order of an index, a LIMIT ends it early.
    if (index !== undefined) return /\bLIMIT\b/.test(sql) ? [] : [{ table, what: 'index', plan }]
    return [{ table, what: 'table', plan }]
  })
}
