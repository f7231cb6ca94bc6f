import { ReviewDecision, ReviewStatus } from '@aludel/models'
import type { DataSource } from 'typeorm'
import { ReviewError } from '../errors'

/** Filters of {@link listReviews}. */
export interface ListReviewsOptions {
  /** Only those of this analysis. */
  readonly analysis?: string
  /** Only those with this status: `pending`, `in_progress` or `completed`. */
  readonly status?: string
  /** Maximum number. Default: all. */
  readonly limit?: number
}

/**
 * Lists the stored review decisions, sorted by analysis, component and threat.
 *
 * @throws {ReviewError} for a status that does not exist, or a limit that is not a whole number
 *
 * @example
 * const open = await listReviews(dataSource, { status: 'in_progress', limit: 20 })
 */
export async function listReviews(dataSource: DataSource, options: ListReviewsOptions = {}): Promise<ReviewDecision[]> {
  const { analysis, limit } = options
  const statuses: readonly string[] = Object.values(ReviewStatus)
  if (options.status !== undefined && !statuses.includes(options.status)) {
    throw new ReviewError(`there is no review status "${options.status}"`, { help: `One of: ${statuses.join(', ')}.` })
  }
  if (limit !== undefined && !(Number.isSafeInteger(limit) && limit >= 0)) {
    throw new ReviewError(`the limit must be a whole number, not ${limit}`)
  }
  if (limit === 0) return []
  const query = dataSource
    .createQueryBuilder(ReviewDecision, 'review')
    .orderBy('review.analysisId')
    .addOrderBy('review.componentId')
    .addOrderBy('review.threatId')
  if (analysis !== undefined) query.andWhere('review.analysisId = :analysis', { analysis })
  if (options.status !== undefined) query.andWhere('review.status = :status', { status: options.status })
  if (limit !== undefined) query.limit(limit)
  return query.getMany()
}
