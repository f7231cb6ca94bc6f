import { ReviewDecision, ReviewStatus } from '@aludel/models'
import { Brackets, type DataSource, type SelectQueryBuilder } from 'typeorm'
import { countBy, withAll } from '../counts'
import { UsageError } from '../errors'

/** Filters of {@link browseReviews}, and the place to continue. */
export interface BrowseReviewsOptions {
  /** Only those with this status: `pending`, `in_progress` or `completed`. */
  readonly status?: string
  /** Only those with this text in one of theirs, in any case. */
  readonly search?: string
  /** `next` of the page before. */
  readonly before?: string
  /** Reviews of a page. Default is 50. */
  readonly limit?: number
}

/** One page of review decisions. */
export interface ReviewPage {
  /** The last changed one first. */
  readonly reviews: readonly ReviewDecision[]
  /** Where the next page begins; null at the end. */
  readonly next: string | null
  /** All review decisions by status, including 0, whatever the filters are. */
  readonly counts: Readonly<Record<ReviewStatus, number>>
}

/** The texts that are searched. */
const searched = ['analysisId', 'componentId', 'threatId', 'reviewer', 'justification', 'additionalNotes'] as const

/**
 * One page of the stored review decisions, the last changed one first. Pages stay right while reviews are added.
 *
 * @throws {CodedError} `ALUDEL_USAGE` for a status that does not exist, or a place that is not one of `next`
 *
 * @example
 * const { reviews, next } = await browseReviews(dataSource, { status: 'pending', search: 'ECU' })
 * const more = next === null ? [] : (await browseReviews(dataSource, { status: 'pending', before: next })).reviews
 */
export async function browseReviews(
  dataSource: DataSource,
  { status, search, before, limit = 50 }: BrowseReviewsOptions = {},
): Promise<ReviewPage> {
  const statuses: readonly string[] = Object.values(ReviewStatus)
  if (status !== undefined && !statuses.includes(status))
    throw new UsageError(`there is no review status "${status}"`, `One of: ${statuses.join(', ')}.`)
  const query = dataSource
    .createQueryBuilder(ReviewDecision, 'review')
    .orderBy('review.updatedAt', 'DESC')
    .addOrderBy('review.id', 'DESC')
    .limit(limit + 1)
  if (status !== undefined) query.andWhere('review.status = :status', { status })
  if (search !== undefined && search.trim() !== '') searchFor(query, search.trim())
  if (before !== undefined) await continueAfter(dataSource, query, before)
  const found = await query.getMany()
  const reviews = found.slice(0, limit)
  return {
    reviews,
    next: found.length > limit ? (reviews.at(-1)?.id ?? null) : null,
    counts: await countAll(dataSource),
  }
}

function searchFor(query: SelectQueryBuilder<ReviewDecision>, search: string): void {
  const pattern = `%${search.toLowerCase().replace(/[\\%_]/g, '\\$&')}%`
  query.andWhere(
    new Brackets((either) => {
      for (const text of searched) either.orWhere(`LOWER(review.${text}) LIKE :pattern ESCAPE '\\'`, { pattern })
    }),
  )
}

/** The place is the id of the last review that was shown. The database compares times: a driver may round them. */
async function continueAfter(
  dataSource: DataSource,
  query: SelectQueryBuilder<ReviewDecision>,
  before: string,
): Promise<void> {
  if (!(await dataSource.getRepository(ReviewDecision).existsBy({ id: before })))
    throw new UsageError('the review before this page no longer exists', 'Start again with the first page.')
  const last = query
    .subQuery()
    .select('last.updatedAt')
    .from(ReviewDecision, 'last')
    .where('last.id = :before')
    .getQuery()
  query.andWhere(
    new Brackets((either) =>
      either.where(`review.updatedAt < ${last}`).orWhere(`(review.updatedAt = ${last} AND review.id < :before)`),
    ),
    { before },
  )
}

async function countAll(dataSource: DataSource): Promise<ReviewPage['counts']> {
  const query = dataSource.createQueryBuilder(ReviewDecision, 'review')
  return withAll(Object.values(ReviewStatus), await countBy(query, 'status'))
}
