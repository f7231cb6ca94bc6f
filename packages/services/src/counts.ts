import type { ObjectLiteral, SelectQueryBuilder } from 'typeorm'

type Counts = Readonly<Record<string, number>>

/**
 * Numbers of rows by the value of a column, the greatest first.
 *
 * @param query which rows; nothing is selected yet
 * @param property of the column
 * @example
 * await countBy(manager.createQueryBuilder(AuditLog, 'entry'), 'action') // { approve: 12, edit: 3 }
 */
export async function countBy(query: SelectQueryBuilder<ObjectLiteral>, property: string): Promise<Counts> {
  const column = `${query.alias}.${property}`
  const rows: { value: string; count: string | number }[] = await query
    .select(column, 'value')
    .addSelect('COUNT(*)', 'count')
    .groupBy(column)
    .getRawMany()
  const counts = rows.map(({ value, count }) => [value, Number(count)] as const)
  return Object.fromEntries(counts.toSorted(([a, x], [b, y]) => y - x || (a < b ? -1 : 1)))
}

/** The numbers in the order of the keys, with 0 for those that have none: without `counts`, 0 for all. */
export function withAll<K extends string>(keys: readonly K[], counts: Counts = {}): Record<K, number> {
  return Object.fromEntries(keys.map((key) => [key, counts[key] ?? 0])) as Record<K, number>
}

export function sum(counts: Counts): number {
  return Object.values(counts).reduce((total, count) => total + count, 0)
}
