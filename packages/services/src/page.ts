import type { ObjectLiteral, SelectQueryBuilder } from 'typeorm'
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
  { limit = defaultLimit, after }: PageOptions,
): Promise<Page<T>> {
  if (!Number.isSafeInteger(limit) || limit < 1 || limit > mostRows)
    throw new InvalidValueError('limit', `must be a whole number from 1 to ${mostRows}, not ${limit}`)
  const { alias } = query
  if (after !== undefined) {
    const [createdAt, id] = decode(after)
    query.andWhere(`(${alias}.createdAt, ${alias}.id) < (:afterTime, :afterId)`, { afterTime: createdAt, afterId: id })
  }
  const rows = await query
    .orderBy(`${alias}.createdAt`, 'DESC')
    .addOrderBy(`${alias}.id`, 'DESC')
    .limit(limit + 1)
    .getMany()
  const items = rows.slice(0, limit)
  const last = items.at(-1)
  return { items, next: rows.length > limit && last !== undefined ? encode(last) : null }
}

function encode({ createdAt, id }: Row): string {
  return Buffer.from(JSON.stringify([createdAt.toISOString(), id])).toString('base64url')
}

function decode(text: string): readonly [Date, string] {
  try {
    const [time, id] = JSON.parse(Buffer.from(text, 'base64url').toString()) as [unknown, unknown]
    const createdAt = new Date(String(time))
    if (typeof id === 'string' && !Number.isNaN(createdAt.getTime())) return [createdAt, id]
  } catch {
    // It is refused below.
  }
  throw new InvalidValueError('after', 'is not the `next` of a list')
}
