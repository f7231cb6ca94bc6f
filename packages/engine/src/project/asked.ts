import type { Revision } from '../revision/revision'
import { needsApplied } from '../revision/identifier'
import { revisionsInRange } from '../revision/range'
import type { MigratorContext } from './context'

/**
 * The revisions of a range, parents first; without one, all. Asks the database only if the range does: `current:`, `-3:`.
 *
 * @param range `A:B`, both ends inclusive, or a REV
 * @throws AludelError `ALUDEL_UNKNOWN_REVISION`, `ALUDEL_MALFORMED_REVISION`, `ALUDEL_NOT_A_TARGET` …
 */
export async function askedRevisions(
  context: MigratorContext,
  range: string | undefined,
): Promise<readonly Revision[]> {
  const { graph } = await context.revisions.read()
  if (range === undefined) return graph.sort(graph.all.map(({ id }) => id))
  const applied = needsApplied(range) ? (await context.state()).applied : undefined
  return revisionsInRange(graph, range, { applied })
}
