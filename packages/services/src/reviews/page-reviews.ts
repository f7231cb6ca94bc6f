import { ReviewDecision, ReviewStatus, RiskDecision } from '@aludel/models'
import type { EntityManager, SelectQueryBuilder } from 'typeorm'
import { InvalidValueError } from '../errors'
import { checkLimit, readCursor, writeCursor } from '../page'
import type { Page, PageOptions } from '../page'
import { describe } from './review'

/** Which review decisions. */
export interface ReviewFilter {
  readonly analysisId?: string
  readonly componentId?: string
  readonly threatId?: string
  readonly status?: `${ReviewStatus}`
  readonly finalDecision?: `${RiskDecision}`
  readonly reviewer?: string
}

const identity = ['analysisId', 'componentId', 'threatId'] as const

/**
 * Reads a part of the review decisions, by analysis, component and threat: each part starts where the one before ended, which the
 * index of these columns finds at once.
 *
 * @throws {InvalidValueError} for a wrong limit or `after`, and a status or decision that does not exist
 */
export async function pageOfReviews(
  manager: EntityManager,
  filter: ReviewFilter,
  { limit, after }: PageOptions,
): Promise<Page<ReviewDecision>> {
  const rows = checkLimit(limit)
  const query = filtered(manager, filter)
  if (after !== undefined) continueAfter(query, filter, readCursor(after, identity.length))
  for (const column of identity) query.addOrderBy(`review.${column}`)
  const found = await query.limit(rows + 1).getMany()
  const items = found.slice(0, rows)
  const last = items.at(-1)
  const isMore = found.length > rows && last !== undefined
  return { items, next: isMore ? writeCursor(identity.map((column) => last[column])) : null }
}

/** Reads all of them, some hundred at a time. */
export async function* eachReview(
  manager: EntityManager,
  filter: ReviewFilter,
  limit = 1000,
): AsyncGenerator<readonly ReviewDecision[], void, undefined> {
  let after: string | undefined
  do {
    const { items, next } = await pageOfReviews(manager, filter, { limit, after })
    yield items
    after = next ?? undefined
  } while (after !== undefined)
}

/** Counts the review decisions of a filter. */
export async function countReviews(manager: EntityManager, filter: ReviewFilter): Promise<number> {
  return filtered(manager, filter).getCount()
}

function filtered(manager: EntityManager, filter: ReviewFilter): SelectQueryBuilder<ReviewDecision> {
  isOneOf('status', filter.status, Object.values(ReviewStatus))
  isOneOf('finalDecision', filter.finalDecision, Object.values(RiskDecision))
  const query = manager.createQueryBuilder(ReviewDecision, 'review')
  for (const name of [...identity, 'status', 'finalDecision', 'reviewer'] as const)
    if (filter[name] !== undefined) query.andWhere(`review.${name} = :${name}`, { [name]: filter[name] })
  return query
}

/** Compares only the columns that differ: with one analysis, SQLite would not use the index for the other ones. */
function continueAfter(query: SelectQueryBuilder<ReviewDecision>, filter: ReviewFilter, last: readonly string[]): void {
  const given = identity.findIndex((column) => filter[column] === undefined)
  const columns = given < 0 ? [] : identity.slice(given)
  if (columns.length === 0) {
    // Nothing follows a decision of which all three are given.
    query.andWhere('1 = 0')
    return
  }
  const parameters = Object.fromEntries(columns.map((column, index) => [`after${column}`, last[given + index]]))
  const [left, right] = [columns.map((column) => `review.${column}`), columns.map((column) => `:after${column}`)]
  query.andWhere(
    columns.length === 1
      ? `${left.join()} > ${right.join()}`
      : // a comparison of rows: https://www.sqlite.org/rowvalue.html#scrolling_window_queries
        `(${left.join(', ')}) > (${right.join(', ')})`,
    parameters,
  )
}

/** @throws {InvalidValueError} */
function isOneOf(path: string, value: string | undefined, values: readonly string[]): void {
  if (value !== undefined && !values.includes(value))
    throw new InvalidValueError(path, `must be one of ${values.join(', ')}, not ${describe(value)}`)
}
