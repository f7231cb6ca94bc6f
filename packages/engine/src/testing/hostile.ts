import type { Dialect } from '../dialect/dialect'
import { hostileRows } from '../inspect/hostile/hostile'
import type { MigratorContext } from '../project/context'
import type { HostileResult } from '../results'
import type { Revision } from '../revision/revision'
import type { LoadedTest } from './load'
import { refusedAsExpected } from './refused'

/**
 * Runs revisions with rows that they may not expect. A failure that a test of the revision expects (`fails`) is no finding.
 *
 * @param tests of these revisions
 */
export function tryHostileRows(
  context: MigratorContext,
  revisions: readonly Pick<Revision, 'id'>[],
  tests: readonly LoadedTest[],
): Promise<HostileResult> {
  return hostileRows(context, new Set(revisions.map(({ id }) => id)), {
    isExpected: ({ id }, dialect, error) =>
      tests.some((one) => one.file.revision.id === id && expects(one, dialect, error)),
  })
}

function expects({ test: { fails, dialects } }: LoadedTest, dialect: Dialect, error: unknown): boolean {
  if (fails === undefined || dialects?.includes(dialect.name) === false) return false
  try {
    refusedAsExpected(error, fails, dialect)
    return true
  } catch {
    return false
  }
}
