import { WorkflowState } from '@aludel/models'

/** What can be done with a workflow. */
export type WorkflowMove = 'start' | 'advance' | 'pause' | 'resume' | 'complete' | 'fail' | 'cancel'

/** The states in which a move is possible, and the state after it. */
export interface Transition {
  readonly from: readonly WorkflowState[]
  readonly to: WorkflowState
}

const { Pending, Running, Paused, Completed, Failed, Cancelled } = WorkflowState

/**
 * The states in which each move is possible, and the state after it. What has failed may be resumed; what is completed or cancelled
 * stays so.
 */
export const transitions: Readonly<Record<WorkflowMove, Transition>> = {
  start: { from: [Pending], to: Running },
  advance: { from: [Running], to: Running },
  pause: { from: [Running], to: Paused },
  resume: { from: [Paused, Failed], to: Running },
  complete: { from: [Running], to: Completed },
  fail: { from: [Running, Paused], to: Failed },
  cancel: { from: [Pending, Running, Paused, Failed], to: Cancelled },
}
