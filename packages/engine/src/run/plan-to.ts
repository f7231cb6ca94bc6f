import { refuseUnknown, type State } from '../history/state'
import { planDowngrade, planUpgrade } from '../revision/planner'
import type { Direction, Plan } from '../revision/revision'

/**
 * The plan that leads to `target`.
 *
 * @throws AludelError `ALUDEL_UNKNOWN_APPLIED`, `ALUDEL_SQUASH_UNFINISHED` when the plan has steps
 */
export function planTo(direction: Direction, state: State, target: string): Plan {
  const { graph } = state
  const plan =
    direction === 'upgrade' ? planUpgrade(graph, state.applied, target) : planDowngrade(graph, state.applied, target)
  if (plan.steps.length > 0) refuseUnknown(state)
  return plan
}
