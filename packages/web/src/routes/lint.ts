import type { Migrator } from '@aludel/engine'

import { ApiFailure } from '../api/errors'
import type { Lint, LintQuery } from '../api/types'
import { clientGone, defineRoute } from './route'

export const lintRoutes = [
  defineRoute<LintQuery>({
    method: 'GET',
    path: '/lint',
    summary: 'What revisions would block, lose and break, with the sizes of the database',
    access: 'session',
    query: 'LintQuery',
    answer: { schema: 'Lint' },
    handle: ({ query, reply }, services): Promise<Lint> => {
      refuseUnclear(query)
      return services.lint((migrator) => lintOf(migrator, query), clientGone(reply))
    },
  }),
]

async function lintOf(migrator: Migrator, { range, direction, target }: LintQuery): Promise<Lint> {
  if (direction === undefined) return migrator.lint({ range, database: true })
  // No range has the steps of every plan: branches have several ends, and a step may be missing between others that are applied.
  const { steps } = await migrator.plan(direction, target)
  return migrator.lint({ revisions: steps.map(({ revision }) => revision), database: true })
}

/** A range names revisions, and so does a plan. */
function refuseUnclear({ range, direction, target }: LintQuery): void {
  const [key, help] =
    range !== undefined && direction !== undefined
      ? ['direction', 'Give a range, or the direction of a plan.']
      : direction === undefined && target !== undefined
        ? ['target', 'Give the direction of the plan, too.']
        : []
  if (key !== undefined)
    throw new ApiFailure('ALUDEL_WEB_INPUT', 'the query of the request is not valid', help, { key })
}
