import { refuseUnknown, type State } from '../history/state'
import { planDowngrade, planUpgrade } from '../revision/planner'
import type { Direction, Plan } from '../revision/revision'

/** The plan that leads to `target`; refused when it would run on a database that these files do not fully know. */
export function planTo(direction: Direction, state: State, target: string): Plan {
  const { graph } = state
  const plan =
    direction === 'upgrade' ? planUpgrade(graph, state.applied, target) : planDowngrade(graph, state.applied, target)
  if (plan.steps.length > 0) refuseUnknown(state)
  return plan
}
