import {
  AuditLog,
  Checkpoint,
  Recommendation,
  RecommendationStatus,
  ReviewDecision,
  ReviewStatus,
} from '@aludel/models'
import type { ValidationStatus, WorkflowState } from '@aludel/models'
import { CacheService } from './cache/cache-service'
import { countBy, sum, withAll } from './counts'
import { MetricService } from './metrics/metric-service'
import type { MetricSummary } from './metrics/metric-service'
import { managerOf } from './source'
import type { Source } from './source'
import { ValidationService } from './validations/validation-service'
import { WorkflowService } from './workflows/workflow-service'

/** What is in the eight tables. */
export interface Statistics {
  readonly workflows: { readonly total: number; readonly byState: Readonly<Record<WorkflowState, number>> }
  readonly checkpoints: { readonly total: number }
  readonly validations: {
    readonly total: number
    readonly byStatus: Readonly<Record<ValidationStatus, number>>
    /** As stored; `null` is none. */
    readonly bySeverity: readonly { readonly severity: string | null; readonly count: number }[]
  }
  readonly recommendations: {
    readonly total: number
    readonly byStatus: Readonly<Record<RecommendationStatus, number>>
  }
  /** The most frequent action first. */
  readonly auditLogs: { readonly total: number; readonly byAction: Readonly<Record<string, number>> }
  readonly cache: {
    readonly entries: number
    readonly bytes: number
    readonly expired: number
    readonly accesses: number
  }
  /** The most frequent name first. */
  readonly metrics: { readonly total: number; readonly names: readonly MetricSummary[] }
  readonly reviews: { readonly total: number; readonly byStatus: Readonly<Record<ReviewStatus, number>> }
}

/**
 * Counts what is in the eight tables, by state.
 *
 * @param source a `DataSource`, initialized, or the manager of a transaction; with the entities of `@aludel/models`
 * @example
 * const { workflows, cache } = await readStatistics(dataSource)
 * console.log(workflows.byState.running, cache.bytes)
 */
export async function readStatistics(source: Source): Promise<Statistics> {
  const manager = managerOf(source)
  const { methods: _methods, ...cache } = await new CacheService(source).statistics()
  const names = await new MetricService(source).summary()
  const byAction = await countBy(manager.createQueryBuilder(AuditLog, 'one'), 'action')
  const byStatus = await countBy(manager.createQueryBuilder(Recommendation, 'one'), 'status')
  const reviews = await countBy(manager.createQueryBuilder(ReviewDecision, 'one'), 'status')
  return {
    workflows: await new WorkflowService(source).statistics(),
    checkpoints: { total: await manager.count(Checkpoint) },
    validations: await new ValidationService(source).counts(),
    recommendations: { total: sum(byStatus), byStatus: withAll(Object.values(RecommendationStatus), byStatus) },
    auditLogs: { total: sum(byAction), byAction },
    cache,
    metrics: { total: names.reduce((total, { count }) => total + count, 0), names },
    reviews: { total: sum(reviews), byStatus: withAll(Object.values(ReviewStatus), reviews) },
  }
}
