import type { Plan, PlanQuery } from '../api/types'
import { planFor } from '../project/later'
import { defineRoute } from './route'

export const planRoutes = [
  defineRoute<PlanQuery>({
    method: 'GET',
    path: '/plan',
    summary: 'What an upgrade or a downgrade would do, step by step',
    access: 'session',
    query: 'PlanQuery',
    answer: { schema: 'Plan' },
    handle: ({ query }, { project }): Promise<Plan> => project.read((migrator) => planFor(migrator, query)),
  }),
]
