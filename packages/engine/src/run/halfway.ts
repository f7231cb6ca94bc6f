import { type Finding, resumes } from '../history/findings'
import type { RunPlan } from './plan'

/** Revisions that an earlier run left half-way, and that no step of the plan resumes. */
export function leftHalfway({ findings, steps }: RunPlan): readonly Finding[] {
  return findings.filter((one) => one.kind === 'halfway' && !steps.some((step) => resumes(step, one)))
}
