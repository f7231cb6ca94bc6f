import type { LiveProfile } from '../../dialect/roles/scale'
import { displayName, type Schema } from '../../schema/schema'
import { type FillLimits, widthOf } from './fill'

/** Most rows of all whole tables of a model together, where the planner can be told how many rows the others have. */
const mostWhole = 800_000

/**
 * Tables of a model that get all their rows: those that a larger one references, and that are not too large themselves, the smallest
 * first. To look up a key among many takes longer than among few (half a million keys are no longer in the caches of a processor), and
 * they are as many for each row of the larger table, however many of these there are.
 *
 * One that has more rows than the larger model is left as it is if the planner cannot be told how many rows the live tables have: beside
 * fewer rows that reference it, the planner would look them up the other way around.
 *
 * @param names display names of the tables that need rows
 * @param most the largest of the others, in rows
 * @param bytes the largest of all of them, in bytes
 * @param plansAsLive see `ScaleRole`
 */
export function wholeTables(
  schema: Schema,
  live: LiveProfile,
  names: ReadonlySet<string>,
  { most, bytes, plansAsLive }: Pick<FillLimits, 'most' | 'bytes'> & { readonly plansAsLive: boolean },
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
  const whole = new Set<string>()
  let rows = 0
  for (const name of [...new Set(parents)].sort((a, b) => rowsOf(a) - rowsOf(b))) {
    const isSmall = rowsOf(name) <= most || (plansAsLive && rows + rowsOf(name) <= mostWhole)
    if (!isSmall || rowsOf(name) * widthOf(live, name) > bytes) continue
    whole.add(name)
    rows += rowsOf(name)
  }
  return whole
}
