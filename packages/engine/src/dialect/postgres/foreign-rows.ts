import { usesZoneOfSession } from '../../operations/columns/type-change'
import type { Column, ObjectName } from '../../schema/schema'
import type { Queryable } from '../queryable'
import type { Witness, WitnessRequest } from '../roles/conversion'
import { text } from './literal'
import { quote, quoteName } from './names'

export function valuesIn(table: ObjectName, { name, type }: Column, limit: number): string {
  const value = type.endsWith('[]') ? `unnest(${quote(name)})` : quote(name)
  return `SELECT "value"::text AS "value", count(*) AS n FROM (SELECT ${value} AS "value" FROM ${quoteName(table)}) AS v WHERE "value" IS NOT NULL GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT ${String(limit)}`
}

export function replaced(from: Column, to: Column, values: ReadonlyMap<string, string>): string {
  const name = `${quote(from.name)}::text`
  const cases = [...values].map(([old, value]) => `WHEN ${text(old)} THEN ${text(value)}`)
  const value = `CASE ${name} ${cases.join(' ')} ELSE ${name} END`
  // A cast to a text type would cut values that are too long; the assignment refuses them.
  return to.enum === undefined ? value : `(${value})::${to.type}`
}

export function zoned(from: Column, to: Column, zone: string): string | undefined {
  // A date or a time of day is only a part of a moment: which one, only the user knows.
  if (!usesZoneOfSession(from, to) || ![from, to].every(({ type }) => type.startsWith('timestamp'))) return undefined
  return `${quote(from.name)} AT TIME ZONE ${text(zone)}`
}

const texts = /^(?:text|character varying(?:\(\d+\))?)$/

export function printsTheSame(from: Column, to: Column): boolean {
  return from.type === to.type || (texts.test(from.type) && texts.test(to.type))
}

/** In the mode that altering the tables needs anyway: a weaker one now would deadlock with another session that does the same. */
export async function hold(database: Queryable, tables: readonly ObjectName[]): Promise<void> {
  if (tables.length > 0) await database.query(`LOCK TABLE ${tables.map(quoteName).join(', ')} IN ACCESS EXCLUSIVE MODE`)
}

/** The server sums the checksums of the rows, so no row leaves it. */
export async function witness(
  database: Queryable,
  table: ObjectName,
  { exact, counted }: WitnessRequest,
): Promise<Witness> {
  const columns = counted.map((column, index) => `count(${quote(column)}) AS ${quote(`c${String(index)}`)}`)
  const row = exact.map((expression) => `(${expression})::text`)
  const digest = `sum(('x' || substr(md5(ROW(${row.join(', ')})::text), 1, 15))::bit(60)::bigint)::text AS d`
  const [found] = (await database.query(
    `SELECT ${['count(*) AS n', ...(exact.length === 0 ? [] : [digest]), ...columns].join(', ')} FROM ${quoteName(table)}`,
  )) as Record<string, string | null>[]
  return {
    rows: Number(found?.['n'] ?? 0),
    digest: found?.['d'] ?? '0',
    values: Object.fromEntries(counted.map((column, index) => [column, Number(found?.[`c${String(index)}`] ?? 0)])),
  }
}
