import type { LiveProfile } from '../../dialect/roles/scale'
import { displayName, type Schema } from '../../schema/schema'
import { type FillLimits, widthOf } from './fill'

/**
 * Tables of a model that get all their rows: those that a larger one references, and that are not too large themselves. To look up a key
 * among many takes longer than among few, and they are as many for each row of the larger table, however many of these there are.
 *
 * One that has more rows than the larger model is left as it is: beside fewer rows that reference it, the planner would look them up the
 * other way around.
 *
 * @param names display names of the tables that need rows
 * @param most the largest of them, in rows
 * @param bytes the largest of them, in bytes
 */
export function wholeTables(
  schema: Schema,
  live: LiveProfile,
  names: ReadonlySet<string>,
  { most, bytes }: Pick<FillLimits, 'most' | 'bytes'>,
): ReadonlySet<string> {
  const rowsOf = (name: string): number => live.tables.get(name)?.rows ?? 0
  const parents = schema.tables.flatMap((table) => {
    const name = displayName(table)
    if (!names.has(name)) return []
    return table.foreignKeys.flatMap(({ references }) => {
      const parent = displayName(references)
      return rowsOf(parent) < rowsOf(name) ? [parent] : []
    })
  })
  return new Set(parents.filter((name) => rowsOf(name) <= Math.min(most, bytes / widthOf(live, name))))
}
