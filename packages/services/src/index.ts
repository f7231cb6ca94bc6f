/**
 * `@aludel/services`: what an application does with the entities of `@aludel/models`.
 *
 * @module @aludel/services
 * @packageDocumentation
 */
export { CodedError, type CodedErrorOptions, ReviewError, ReviewValidationError } from './errors'
export type { ReviewIssue } from './errors'
export { browseReviews } from './reviews/browse-reviews'
export type { BrowseReviewsOptions, ReviewPage } from './reviews/browse-reviews'
export { importReviews } from './reviews/import/import-reviews'
export type { ImportFailure, ImportOptions, ImportProgress, ImportSummary } from './reviews/import/import-reviews'
export { listReviews } from './reviews/list-reviews'
export type { ListReviewsOptions } from './reviews/list-reviews'
export type { Review } from './reviews/review'
export { ReviewService } from './reviews/review-service'
export type { AnalysisStatus } from './reviews/review-service'
