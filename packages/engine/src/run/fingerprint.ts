import { createHash } from 'node:crypto'

import { AludelError } from '../errors'
import type { RunPlan } from './plan'

/** Raised whenever a fingerprint is made of something else. */
const version = 1

/**
 * Identifies what a plan runs: its direction, and its revisions with the texts of their files, in order. 32 hex digits.
 *
 * @example
 * fingerprintOf(plan) // '9f3c…'
 */
export function fingerprintOf({ direction, steps }: Pick<RunPlan, 'direction' | 'steps'>): string {
  const texts = steps.map(({ revision, checksum = revision.checksum }) => [revision.id, checksum])
  return createHash('sha256')
    .update(JSON.stringify([version, direction, texts]))
    .digest('hex')
    .slice(0, 32)
}

/**
 * Refuses a plan that is not the one that was shown.
 *
 * @param expected its fingerprint; undefined: any plan is accepted
 * @throws AludelError `ALUDEL_PLAN_CHANGED`
 */
export function refuseOtherPlan(plan: Pick<RunPlan, 'direction' | 'steps'>, expected: string | undefined): void {
  if (expected === undefined) return
  const now = fingerprintOf(plan)
  if (now === expected) return
  const steps = plan.steps.map(({ revision }) => revision.id)
  throw new AludelError('ALUDEL_PLAN_CHANGED', 'the plan has changed since it was shown', {
    help: `Now it would run ${steps.join(', ') || 'nothing'}. Another run may have changed the history, or a file was edited. Nothing was changed; look at the plan again.`,
    details: { expected, now, steps },
  })
}
