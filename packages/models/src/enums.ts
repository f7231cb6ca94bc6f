/**
 * The enums of the data layer. The strings are what both databases store: an enum type on PostgreSQL, a `varchar` with a
 * `CHECK` on SQLite.
 */

/** Where a workflow stands. */
export enum WorkflowState {
  Pending = 'pending',
  Running = 'running',
  Paused = 'paused',
  Completed = 'completed',
  Failed = 'failed',
  Cancelled = 'cancelled',
}

/** The outcome of a validation, and what was decided about it afterwards. */
export enum ValidationStatus {
  Pass = 'pass',
  Fail = 'fail',
  Warning = 'warning',
  Skipped = 'skipped',
  Approved = 'approved',
  Rejected = 'rejected',
  Enhanced = 'enhanced',
}

/** The life of a recommendation, from proposal to application. */
export enum RecommendationStatus {
  Proposed = 'proposed',
  Pending = 'pending',
  Approved = 'approved',
  Rejected = 'rejected',
  Applied = 'applied',
}

/** What is done about a risk. */
export enum RiskDecision {
  Accept = 'Accept',
  AcceptWithControls = 'Accept with Controls',
  Transfer = 'Transfer',
  Avoid = 'Avoid',
  Mitigate = 'Mitigate',
}

/** How far the review of a risk decision has come. */
export enum ReviewStatus {
  Pending = 'pending',
  InProgress = 'in_progress',
  Completed = 'completed',
}
