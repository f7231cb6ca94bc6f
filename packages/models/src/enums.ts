/**
 * The enums of the data layer. Both databases store the strings: as an enum type on PostgreSQL, as a `varchar` with a
 * `CHECK` on SQLite.
 */

/** The state of a workflow. */
export enum WorkflowState {
  Pending = 'pending',
  Running = 'running',
  Paused = 'paused',
  Completed = 'completed',
  Failed = 'failed',
  Cancelled = 'cancelled',
}

/** The outcome of a validation, or the decision about it afterwards. */
export enum ValidationStatus {
  Pass = 'pass',
  Fail = 'fail',
  Warning = 'warning',
  Skipped = 'skipped',
  Approved = 'approved',
  Rejected = 'rejected',
  Enhanced = 'enhanced',
}

/** The state of a recommendation, from proposal to application. */
export enum RecommendationStatus {
  Proposed = 'proposed',
  Pending = 'pending',
  Approved = 'approved',
  Rejected = 'rejected',
  Applied = 'applied',
}

/** The treatment of a risk. */
export enum RiskDecision {
  Accept = 'Accept',
  AcceptWithControls = 'Accept with Controls',
  Transfer = 'Transfer',
  Avoid = 'Avoid',
  Mitigate = 'Mitigate',
}

/** The state of the review of a risk decision. */
export enum ReviewStatus {
  Pending = 'pending',
  InProgress = 'in_progress',
  Completed = 'completed',
}
