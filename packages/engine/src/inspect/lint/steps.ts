import type { Dialect } from '../../dialect/dialect'
import { writtenStatements } from '../../execution/written'
import type { CachedPlans } from '../../files/plan-cache'
import type { LintStep } from '../../lint/rule'
import { type Direction, type Revision, saysOutside } from '../../revision/revision'

/**
 * A revision in one direction, as rules see it.
 *
 * @param sent its statements where it has run, for one whose file does not show them
 * @param cache of what was read before
 */
export async function stepOf(
  dialect: Dialect,
  revision: Revision,
  direction: Direction,
  driverType: string,
  sent?: readonly string[],
  cache?: CachedPlans,
): Promise<LintStep> {
  const written = await writtenStatements(revision, direction, dialect, driverType, cache)
  const declaresOutside = saysOutside({}, revision)
  const common = { revision: revision.id, direction, declaresOutside }
  if ('unread' in written && sent === undefined)
    return { ...common, statements: null, unread: written.unread, transactional: !declaresOutside, generated: false }
  const { statements, effects } = 'unread' in written ? { statements: sent ?? [], effects: undefined } : written
  const isOutside = dialect.statements.outsideTransaction(statements) !== undefined
  return {
    ...common,
    statements,
    transactional: !declaresOutside && !isOutside,
    generated: effects !== undefined,
  }
}
