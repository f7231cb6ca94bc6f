import type { Migrator } from '@aludel/engine'

import type { Plan, PlanQuery } from '../api/types'
import { refuseMeasuring } from '../security/guard'
import { clientGone, defineRoute } from './route'

export const planRoutes = [
  defineRoute<PlanQuery>({
    method: 'GET',
    path: '/plan',
    summary: 'What an upgrade or a downgrade would do, step by step',
    access: 'session',
    query: 'PlanQuery',
    answer: { schema: 'Plan' },
    handle: async ({ query, csrf, request, reply }, services): Promise<Plan> => {
      if (query.trace !== true)
        return services.project.read((migrator) => planFor(migrator, query), { signal: clientGone(reply) })
      refuseMeasuring(request, csrf, services.options)
      return services.look((migrator) => planFor(migrator, query), clientGone(reply))
    },
  }),
]

/** The plan, as it is shown and as a run is compared with it. */
export function planFor(migrator: Migrator, { direction, target, ...options }: PlanQuery): Promise<Plan> {
  return migrator.plan(direction, target, { ...options, sizes: true })
}
