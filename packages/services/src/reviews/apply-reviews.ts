import type { ReviewDecision } from '@aludel/models'
import { InvalidValueError } from '../errors'
import { contentFields, describe } from './review'
import type { CompleteReview } from './review'
import { reviewRisks } from './risks'
import type { AnalysisReview, Risk } from './risks'

/** An analysis with its risks, and whatever else it contains. */
export interface AnalysisDocument {
  readonly risks: readonly Risk[]
}

/** What a risk has after the decision about it was applied. */
export interface AppliedReview {
  /** That of the reviewer. */
  readonly decision: CompleteReview['finalDecision']
  readonly review: Omit<CompleteReview, 'analysisId' | 'componentId' | 'threatId'>
}

/** An analysis to which decisions were applied. */
export interface AppliedAnalysis<D extends AnalysisDocument> extends AnalysisReview<D['risks'][number]> {
  /** A copy, in which each `reviewed` risk has the decision of the reviewer. */
  readonly document: Omit<D, 'risks'> & { readonly risks: readonly (D['risks'][number] & Partial<AppliedReview>)[] }
}

/**
 * Applies decisions to an analysis: a risk that was reviewed as it is gets the decision of the reviewer, and the review in a key
 * `review`. All other risks stay as they are, and are in `needed`. Applying twice gives the same as applying once.
 *
 * @param document is not changed; the copy shares what is the same in both
 * @param reviews of this analysis, for example those of `ReviewService.findByAnalysis`
 * @throws {ReviewValidationError} for an invalid or repeated risk
 * @throws {InvalidValueError} for a decision of another analysis
 *
 * @example
 * const analysis = { title: 'Gateway', risks: [{ componentId: 'ECU001', threatId: 'Replay attack', decision: 'Mitigate' }] }
 * const { document, needed } = applyReviews('gateway-v2', analysis, await reviews.findByAnalysis('gateway-v2'))
 * document.risks[0].decision // Accept
 */
export function applyReviews<D extends AnalysisDocument>(
  analysisId: string,
  document: D,
  reviews: readonly ReviewDecision[],
): AppliedAnalysis<D> {
  for (const [index, review] of reviews.entries())
    if (review.analysisId !== analysisId)
      throw new InvalidValueError(`reviews[${index}]`, `is of the analysis ${describe(review.analysisId)}`)
  const found = reviewRisks(analysisId, document.risks as readonly D['risks'][number][], reviews)
  const risks = found.risks.map(({ risk, state, review }) =>
    state === 'reviewed' && review !== null
      ? { ...risk, decision: review.finalDecision, review: contentOnly(review) }
      : risk,
  )
  return { ...found, document: { ...document, risks } }
}

function contentOnly(review: ReviewDecision): AppliedReview['review'] {
  const content = Object.fromEntries(contentFields.map((field) => [field, review[field]]))
  // a list of its own: the decision may be changed later
  const evidenceReferences = review.evidenceReferences === null ? null : [...review.evidenceReferences]
  return { ...(content as AppliedReview['review']), evidenceReferences }
}
