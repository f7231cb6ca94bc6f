import { ReviewStatus } from '@aludel/models'
import type { ReviewDecision, RiskDecision } from '@aludel/models'
import { ReviewValidationError } from '../errors'
import type { ReviewIssue } from '../errors'
import { checkField, describe } from './review'

/** A risk of an analysis, as it is now. */
export interface Risk {
  /** 1 to 100 characters. */
  readonly componentId: string
  /** 1 to 200 characters. */
  readonly threatId: string
  /** What the analysis decides about it now. */
  readonly decision: RiskDecision
  /** When the risk was last changed, if the application knows. */
  readonly changedAt?: Date | null
}

/**
 * Where the review of a risk stands:
 *
 * - `unreviewed`: there is no decision about it
 * - `open`: there is one, which is pending or in progress
 * - `changed`: it was reviewed, and has changed since
 * - `reviewed`: it was reviewed as it is
 */
export type RiskState = 'unreviewed' | 'open' | 'changed' | 'reviewed'

/** A risk, and the latest decision about it. */
export interface RiskReview<R extends Risk = Risk> {
  readonly risk: R
  readonly state: RiskState
  /** Null if there is none. */
  readonly review: ReviewDecision | null
}

/** The risks of an analysis, and which of them need a review. */
export interface AnalysisReview<R extends Risk = Risk> {
  readonly analysisId: string
  /** All risks, in the order given. */
  readonly risks: readonly RiskReview<R>[]
  /** Those that need a review: all but the `reviewed` ones. */
  readonly needed: readonly RiskReview<R>[]
  /** Decisions about risks that the analysis does not have (any more). */
  readonly withoutRisk: readonly ReviewDecision[]
}

/**
 * Pairs risks with the decisions about them.
 *
 * The table knows which decision of the analysis was reviewed: a risk has changed if the analysis now decides neither that nor what
 * the reviewer decided. What else changed, only the application knows: it says so by `changedAt`, which is compared with the time
 * at which the decision was stored.
 *
 * @param reviews of this analysis; of two about one risk, the one stored last counts
 * @throws {ReviewValidationError} for an invalid or repeated risk
 */
export function reviewRisks<R extends Risk>(
  analysisId: string,
  risks: readonly R[],
  reviews: readonly ReviewDecision[],
): AnalysisReview<R> {
  checkRisks(risks)
  const latest = new Map<string, ReviewDecision>()
  for (const review of reviews) {
    const key = keyOf(review)
    const known = latest.get(key)
    if (known === undefined || known.updatedAt < review.updatedAt) latest.set(key, review)
  }
  const all = risks.map((risk): RiskReview<R> => {
    const review = latest.get(keyOf(risk)) ?? null
    latest.delete(keyOf(risk))
    return { risk, state: stateOf(risk, review), review }
  })
  return {
    analysisId,
    risks: all,
    needed: all.filter(({ state }) => state !== 'reviewed'),
    withoutRisk: [...latest.values()],
  }
}

function stateOf(risk: Risk, review: ReviewDecision | null): RiskState {
  if (review === null) return 'unreviewed'
  if (review.status !== ReviewStatus.Completed) return 'open'
  // After the decision was applied, the analysis decides what the reviewer did.
  const isKnown = risk.decision === review.originalDecision || risk.decision === review.finalDecision
  const isLater = risk.changedAt !== undefined && risk.changedAt !== null && risk.changedAt > review.updatedAt
  return isKnown && !isLater ? 'reviewed' : 'changed'
}

/** @throws {ReviewValidationError} */
function checkRisks(risks: readonly Risk[]): void {
  if (!Array.isArray(risks))
    throw new ReviewValidationError([{ path: 'risks', reason: `must be a list, not ${describe(risks)}` }], 'risk')
  const firstOf = new Map<string, number>()
  const issues = risks.flatMap((risk: unknown, index): ReviewIssue[] => {
    const place = `[${index}]`
    if (typeof risk !== 'object' || risk === null)
      return [{ path: place, reason: `must be an object, not ${describe(risk)}` }]
    const { componentId, threatId, decision, changedAt } = risk as Partial<Record<keyof Risk, unknown>>
    const found = [
      ...checkField('componentId', componentId).map(({ reason }) => ({ path: `${place}.componentId`, reason })),
      ...checkField('threatId', threatId).map(({ reason }) => ({ path: `${place}.threatId`, reason })),
      ...checkField('finalDecision', decision).map(({ reason }) => ({ path: `${place}.decision`, reason })),
      ...(isTime(changedAt) ? [] : [{ path: `${place}.changedAt`, reason: 'must be a valid Date' }]),
    ]
    if (found.length > 0) return found
    const key = keyOf(risk as Risk)
    const first = firstOf.get(key)
    firstOf.set(key, first ?? index)
    return first === undefined ? [] : [{ path: place, reason: `has the component and threat of [${first}]` }]
  })
  if (issues.length > 0) throw new ReviewValidationError(issues, 'risk')
}

function isTime(value: unknown): boolean {
  if (value === undefined || value === null) return true
  // not `instanceof Date`, which is false for a date of another realm
  return Object.prototype.toString.call(value) === '[object Date]' && !Number.isNaN((value as Date).getTime())
}

function keyOf({ componentId, threatId }: Pick<Risk, 'componentId' | 'threatId'>): string {
  return JSON.stringify([componentId, threatId])
}
