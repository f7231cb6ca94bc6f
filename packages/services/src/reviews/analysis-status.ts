import { ReviewDecision, ReviewStatus, RiskDecision } from '@aludel/models'
import type { EntityManager } from 'typeorm'
import { withAll } from '../counts'
import { checkLimit, readCursor, writeCursor } from '../page'
import type { Page, PageOptions } from '../page'

/** The review decisions of an analysis, counted. */
export interface AnalysisStatus {
  readonly analysisId: string
  /** The number of review decisions. */
  readonly total: number
  /** Number for each status, including 0. */
  readonly byStatus: Readonly<Record<ReviewStatus, number>>
  /** Number for each final decision, including 0. */
  readonly byFinalDecision: Readonly<Record<RiskDecision, number>>
}

/** Counts the decisions of analyses, in the order given; all numbers of one without decisions are 0. */
export async function countByAnalysis(
  manager: EntityManager,
  analysisIds: readonly string[],
): Promise<readonly AnalysisStatus[]> {
  if (analysisIds.length === 0) return []
  const groups: { analysis: string; status: ReviewStatus; decision: RiskDecision; count: string | number }[] =
    await manager
      .createQueryBuilder(ReviewDecision, 'review')
      .select('review.analysisId', 'analysis')
      .addSelect('review.status', 'status')
      .addSelect('review.finalDecision', 'decision')
      .addSelect('COUNT(*)', 'count')
      .where('review.analysisId IN (:...analysisIds)', { analysisIds })
      .groupBy('review.analysisId')
      .addGroupBy('review.status')
      .addGroupBy('review.finalDecision')
      .getRawMany()
  const found = new Map(
    analysisIds.map((analysisId) => [
      analysisId,
      {
        total: 0,
        byStatus: withAll(Object.values(ReviewStatus)),
        byFinalDecision: withAll(Object.values(RiskDecision)),
      },
    ]),
  )
  for (const { analysis, status, decision, count } of groups) {
    const counts = found.get(analysis)
    if (counts === undefined) continue
    counts.total += Number(count)
    counts.byStatus[status] += Number(count)
    counts.byFinalDecision[decision] += Number(count)
  }
  return [...found].map(([analysisId, counts]) => ({ analysisId, ...counts }))
}

/**
 * Counts the decisions of all analyses, a part of these at a time.
 *
 * @throws {InvalidValueError} for a wrong limit or `after`
 */
export async function pageOfStatuses(
  manager: EntityManager,
  { limit, after }: PageOptions,
): Promise<Page<AnalysisStatus>> {
  const rows = checkLimit(limit)
  // From the first id: each has a character.
  const [last] = after === undefined ? [''] : readCursor(after, 1)
  const found: { analysis: string }[] = await manager
    .createQueryBuilder(ReviewDecision, 'review')
    .select('review.analysisId', 'analysis')
    .where('review.analysisId > :last', { last })
    .groupBy('review.analysisId')
    .orderBy('review.analysisId')
    .limit(rows + 1)
    .getRawMany()
  const ids = found.slice(0, rows).map(({ analysis }) => analysis)
  const end = ids.at(-1)
  return {
    items: await countByAnalysis(manager, ids),
    next: found.length > rows && end !== undefined ? writeCursor([end]) : null,
  }
}
