/**
 * `@aludel/services`: what an application does with the entities of `@aludel/models`.
 *
 * @module @aludel/services
 * @packageDocumentation
 */
export {
  CodedError,
  type CodedErrorOptions,
  CorruptDataError,
  ExportInterrupted,
  FilesExistError,
  FileError,
  InvalidValueError,
  NotEmptyError,
  NotFoundError,
  ReviewError,
  ReviewValidationError,
  WrongStateError,
} from './errors'
export type { ReviewIssue } from './errors'
export { browseReviews } from './reviews/browse-reviews'
export type { BrowseReviewsOptions, ReviewPage } from './reviews/browse-reviews'
export { applyReviews } from './reviews/apply-reviews'
export type { AnalysisDocument, AppliedAnalysis, AppliedReview } from './reviews/apply-reviews'
export { exportReviews } from './reviews/export/export-reviews'
export type { ExportFailure, ExportOptions, ExportProgress, ExportSummary } from './reviews/export/export-reviews'
export { importReviews } from './reviews/import/import-reviews'
export type { ImportFailure, ImportOptions, ImportProgress, ImportSummary } from './reviews/import/import-reviews'
export { listReviews } from './reviews/list-reviews'
export type { ListReviewsOptions } from './reviews/list-reviews'
export type { ReviewFilter } from './reviews/page-reviews'
export type { CompleteReview, Identity as ReviewIdentity, Review } from './reviews/review'
export { ReviewService } from './reviews/review-service'
export type { RefusedReview, SubmittedBatch } from './reviews/review-service'
export type { AnalysisStatus } from './reviews/analysis-status'
export type { AnalysisReview, Risk, RiskReview, RiskState } from './reviews/risks'
export { CheckpointService } from './checkpoints/checkpoint-service'
export type {
  LoadedCheckpoint,
  NewCheckpoint,
  PruneOptions as PruneCheckpointsOptions,
  ResumedWorkflow,
} from './checkpoints/checkpoint-service'
export type { Page, PageOptions } from './page'
export type { Source } from './source'
export { transitions } from './workflows/transitions'
export type { Transition, WorkflowMove } from './workflows/transitions'
export { WorkflowService } from './workflows/workflow-service'
export type {
  DeletedWorkflow,
  NewWorkflow,
  Progress as WorkflowProgress,
  WorkflowFilter,
  WorkflowStatistics,
} from './workflows/workflow-service'
export { AuditLogService } from './audit/audit-log-service'
export { writeLines } from './audit/export-file'
export type { WrittenFile } from './audit/export-file'
export { readStatistics } from './statistics'
export type { Statistics } from './statistics'
export type { BatchOptions } from './batches'
export type { Actor, AuditFilter, NewAuditEntry } from './audit/audit-log-service'
export { RecommendationService } from './recommendations/recommendation-service'
export type {
  RecommendationContent,
  RecommendationFilter,
  Review as RecommendationReview,
} from './recommendations/recommendation-service'
export { MetricService } from './metrics/metric-service'
export type { Aggregate, AggregateOptions, MetricSummary, NewMetric } from './metrics/metric-service'
export { compareIssues } from './validations/compare'
export type { Comparison } from './validations/compare'
export { ValidationService } from './validations/validation-service'
export type {
  Interval,
  NewValidation,
  ValidationCounts,
  ValidationFilter,
  ValidationTrend,
} from './validations/validation-service'
export { CacheService } from './cache/cache-service'
export { seedDatabase } from './seed/seed-database'
export type { SeedOptions, SeedProgress, SeedResult } from './seed/seed-database'
export type {
  CacheAmount,
  CacheCall,
  CachedValue,
  CacheLimits,
  CacheOptions,
  CacheStatistics,
  ComputeOptions,
} from './cache/cache-service'
