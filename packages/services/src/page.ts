import type { ObjectLiteral, SelectQueryBuilder } from 'typeorm'
import { dialectOf } from './dialect'
import { InvalidValueError } from './errors'

/** A part of a list. */
export interface Page<T> {
  readonly items: readonly T[]
  /** To be passed as `after` for the part that follows; null at the end. */
  readonly next: string | null
}

/** Which part of a list. */
export interface PageOptions {
  /** Rows. Default is 50, at most 1,000. */
  readonly limit?: number
  /** `next` of the part before. */
  readonly after?: string | undefined
}

const defaultLimit = 50
const mostRows = 1000

interface Row {
  readonly id: string
  readonly createdAt: Date
}

/**
 * Reads a part of a list, newest first, after the last row of the part before: as fast for the last part as for the first, and rows
 * that are added meanwhile move nothing.
 *
 * @param query without an order; its alias has `createdAt` and `id`
 * @throws {InvalidValueError} for a limit outside 1 to 1,000, and for an `after` that no list has returned
 */
export async function newestFirst<T extends ObjectLiteral & Row>(
  query: SelectQueryBuilder<T>,
  { limit, after }: PageOptions,
): Promise<Page<T>> {
  const most = checkLimit(limit)
  if (after === undefined) beginAtTheEnd(query, '<')
  else {
    const [time = '', id = ''] = readCursor(after, 2)
    const createdAt = new Date(time)
    if (Number.isNaN(createdAt.getTime())) throw notACursor()
    continueAfter(query, '<', { id, createdAt })
  }
  const rows = await query
    .orderBy(`${query.alias}.createdAt`, 'DESC')
    .addOrderBy(`${query.alias}.id`, 'DESC')
    .limit(most + 1)
    .getMany()
  const items = rows.slice(0, most)
  const last = items.at(-1)
  const isMore = rows.length > most && last !== undefined
  return { items, next: isMore ? writeCursor([last.createdAt.toISOString(), last.id]) : null }
}

/**
 * Begins a list by time where the database would read all rows and sort them if there is another condition: it follows the index of
 * the time for the sake of a condition, and this one is true of all rows.
 *
 * @param operator `<` for newest first, `>` for oldest first
 */
export function beginAtTheEnd<T extends ObjectLiteral>(query: SelectQueryBuilder<T>, operator: '<' | '>'): void {
  if (dialectOf(query.connection.manager).followsOrder) return
  const end = query
    .subQuery()
    .select(operator === '<' ? 'MAX(last.createdAt)' : 'MIN(last.createdAt)')
    .from(query.expressionMap.mainAlias?.target ?? '', 'last')
    .getQuery()
  query.andWhere(`${query.alias}.createdAt ${operator}= ${end}`)
}

/**
 * Continues a list by time and id after a row. Its time is read from the database again: rows that another program wrote may have
 * microseconds, which a `Date` does not hold, and rows of the same millisecond would be left out. If the row is no longer there, the
 * milliseconds must do.
 *
 * @param operator `<` for newest first, `>` for oldest first
 */
export function continueAfter<T extends ObjectLiteral>(
  query: SelectQueryBuilder<T>,
  operator: '<' | '>',
  { id, createdAt }: Row,
): void {
  const { alias } = query
  const last = query
    .subQuery()
    .select('last.createdAt')
    .from(query.expressionMap.mainAlias?.target ?? '', 'last')
    .where('last.id = :afterId')
    .getQuery()
  query.andWhere(`(${alias}.createdAt, ${alias}.id) ${operator} (COALESCE(${last}, :afterTime), :afterId)`, {
    afterTime: createdAt,
    afterId: id,
  })
}

/** @throws {InvalidValueError} for a limit outside 1 to 1,000 */
export function checkLimit(limit = defaultLimit): number {
  if (Number.isSafeInteger(limit) && limit >= 1 && limit <= mostRows) return limit
  throw new InvalidValueError('limit', `must be a whole number from 1 to ${mostRows}, not ${limit}`)
}

/** A place in a list, as a text that can be passed on. */
export function writeCursor(values: readonly string[]): string {
  return Buffer.from(JSON.stringify(values)).toString('base64url')
}

/** @throws {InvalidValueError} unless {@link writeCursor} has written it, of as many values */
export function readCursor(text: string, count: number): readonly string[] {
  try {
    const values = JSON.parse(Buffer.from(text, 'base64url').toString()) as unknown
    if (Array.isArray(values) && values.length === count && values.every((value) => typeof value === 'string'))
      return values
  } catch {
    // It is refused below.
  }
  throw notACursor()
}

function notACursor(): InvalidValueError {
  return new InvalidValueError('after', 'is not the `next` of a list')
}
