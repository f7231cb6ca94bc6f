import {
  AuditLog,
  Checkpoint,
  Recommendation,
  RecommendationStatus,
  ReviewDecision,
  ReviewStatus,
} from '@aludel/models'
import type { ValidationStatus, WorkflowState } from '@aludel/models'
import type { EntityManager, EntityTarget, ObjectLiteral } from 'typeorm'
import { CacheService } from './cache/cache-service'
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
  const byAction = await countBy(manager, AuditLog, 'action')
  const byStatus = await countBy(manager, Recommendation, 'status')
  const reviews = await countBy(manager, ReviewDecision, 'status')
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

type Counts = Readonly<Record<string, number>>

/** Numbers of rows by the value of a column, the greatest first. */
async function countBy(manager: EntityManager, entity: EntityTarget<ObjectLiteral>, property: string): Promise<Counts> {
  const rows: { value: string; count: string | number }[] = await manager
    .createQueryBuilder(entity, 'one')
    .select(`one.${property}`, 'value')
    .addSelect('COUNT(*)', 'count')
    .groupBy(`one.${property}`)
    .getRawMany()
  const counts = rows.map(({ value, count }) => [value, Number(count)] as const)
  return Object.fromEntries(counts.toSorted(([a, x], [b, y]) => y - x || (a < b ? -1 : 1)))
}

/** In the order of the keys, with 0 for those without a row. */
function withAll<K extends string>(keys: readonly K[], counts: Counts): Readonly<Record<K, number>> {
  return Object.fromEntries(keys.map((key) => [key, counts[key] ?? 0])) as Record<K, number>
}

function sum(counts: Counts): number {
  return Object.values(counts).reduce((total, count) => total + count, 0)
}
