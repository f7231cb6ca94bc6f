import { setImmediate as turn } from 'node:timers/promises'
import { Metric } from '@aludel/models'
import type { JsonValue } from '@aludel/models'
import type { EntityManager } from 'typeorm'
import { hasLength } from '../audit/audit-log-service'
import type { BatchOptions } from '../batches'
import { dialectOf } from '../dialect'
import { InvalidValueError } from '../errors'
import { columnOf, tableOf } from '../identifiers'
import { atomically, managerOf } from '../source'
import type { Source } from '../source'

/** A value to record. */
export interface NewMetric {
  /** 1 to 100 characters. */
  readonly name: string
  readonly value: number
  readonly metadata?: JsonValue
  /** Default is now. */
  readonly at?: Date
}

/** Which values, in which parts of time. */
export interface AggregateOptions {
  /** The beginning. */
  readonly from: Date
  /** The end, which is not included. Default is now. */
  readonly to?: Date
  /** The length of a part in seconds; parts begin at multiples of it since 1970. Default: one part from `from` to `to`. */
  readonly everySeconds?: number
  /** Shares of the values, 0 to 1: 0.95 is the value below which 95 % are. Default is none. */
  readonly percentiles?: readonly number[]
}

/** The values of a part of time. */
export interface Aggregate {
  /** The beginning of the part. */
  readonly from: Date
  readonly count: number
  readonly sum: number
  readonly average: number
  readonly minimum: number
  readonly maximum: number
  /** By share, interpolated between two values as PostgreSQL's `percentile_cont` does. */
  readonly percentiles: Readonly<Record<string, number>>
}

/** The values of one name. */
export interface MetricSummary {
  readonly name: string
  readonly count: number
}

/** Rows of one statement: five parameters each, far below SQLite's 32,766. */
const batchSize = 1000

/**
 * Measured values: recorded one by one or many at once, and aggregated by the database.
 *
 * @example
 * const metrics = new MetricService(dataSource)
 * await metrics.record({ name: 'validation.ms', value: 12.5 })
 * const from = new Date(Date.now() - 86_400_000)
 * for (const { from: hour, average, percentiles } of await metrics.aggregate('validation.ms', {
 *   from,
 *   everySeconds: 3600,
 *   percentiles: [0.5, 0.95],
 * }))
 *   console.log(hour, average, percentiles['0.95'])
 */
export class MetricService {
  readonly #source: Source

  /** @param source a `DataSource`, initialized, or the manager of a transaction; with the entities of `@aludel/models` */
  constructor(source: Source) {
    this.#source = source
  }

  /** Records a value, or several in one transaction. @throws {InvalidValueError} for one that is not finite, or a wrong name */
  async record(metrics: NewMetric | readonly NewMetric[]): Promise<void> {
    const all = 'name' in metrics ? [metrics] : metrics
    all.forEach(({ name, value }, index) => {
      const place = 'name' in metrics ? '' : `[${index}].`
      hasLength(`${place}name`, name, 1, 100)
      if (!Number.isFinite(value)) throw new InvalidValueError(`${place}value`, `must be a finite number, not ${value}`)
    })
    if (all.length === 0) return
    await atomically(this.#source, async (manager) => {
      for (let start = 0; start < all.length; start += batchSize) {
        const rows = all
          .slice(start, start + batchSize)
          .map(({ name, value, metadata = null, at = new Date() }) =>
            manager.create(Metric, { name, value, metadata, createdAt: at }),
          )
        await manager.createQueryBuilder().insert().into(Metric).values(rows).updateEntity(false).execute()
      }
    })
  }

  /** The names of which there are values, in the order of the database. */
  async names(): Promise<readonly string[]> {
    const manager = managerOf(this.#source)
    const [table, column] = [tableOf(manager, Metric), columnOf(manager, Metric, 'name')]
    // From one name to the next one in the index: DISTINCT would read every row.
    const rows: { name: string }[] = await manager.query(
      `WITH RECURSIVE names(name) AS (
         SELECT MIN(${column}) FROM ${table}
         UNION ALL
         SELECT (SELECT MIN(${column}) FROM ${table} WHERE ${column} > names.name) FROM names WHERE names.name IS NOT NULL
       )
       SELECT name FROM names WHERE name IS NOT NULL`,
    )
    return rows.map(({ name }) => name)
  }

  /**
   * Aggregates the values of a name in parts of time, oldest first; parts without values are left out.
   *
   * @throws {InvalidValueError} for a part that is not a whole number of seconds from 1, or a share outside 0 to 1
   */
  async aggregate(name: string, options: AggregateOptions): Promise<readonly Aggregate[]> {
    const { from, to = new Date(), everySeconds, percentiles = [] } = options
    if (everySeconds !== undefined && !(Number.isSafeInteger(everySeconds) && everySeconds >= 1))
      throw new InvalidValueError('everySeconds', `must be a whole number from 1, not ${everySeconds}`)
    percentiles.forEach((share, index) => {
      if (!(share >= 0 && share <= 1))
        throw new InvalidValueError(`percentiles[${index}]`, `must be from 0 to 1, not ${share}`)
    })
    const manager = managerOf(this.#source)
    const dialect = dialectOf(manager)
    const bucket = everySeconds === undefined ? '0' : dialect.bucket('metric.createdAt', everySeconds)
    const ranked = manager
      .createQueryBuilder()
      .subQuery()
      .select('metric.value', 'value')
      .addSelect(bucket, 'bucket')
      .from(Metric, 'metric')
      .where('metric.name = :name AND metric.createdAt >= :from AND metric.createdAt < :to', { name, from, to })
    if (percentiles.length > 0)
      ranked
        .addSelect(`ROW_NUMBER() OVER (PARTITION BY ${bucket} ORDER BY metric.value)`, 'place')
        .addSelect(`COUNT(*) OVER (PARTITION BY ${bucket})`, 'size')
    const query = manager
      .createQueryBuilder()
      .select('ranked.bucket', 'bucket')
      .addSelect('COUNT(*)', 'count')
      .addSelect('SUM(ranked.value)', 'sum')
      .addSelect('MIN(ranked.value)', 'minimum')
      .addSelect('MAX(ranked.value)', 'maximum')
      .from(ranked.getQuery(), 'ranked')
      .setParameters(ranked.getParameters())
      .groupBy('ranked.bucket')
      .orderBy('ranked.bucket', 'ASC')
    percentiles.forEach((share, index) => {
      // https://www.postgresql.org/docs/current/functions-aggregate.html: between the values at both sides of the place
      const at = `(CAST(:share${index} AS double precision) * (ranked.size - 1))`
      const below = dialect.whole(at)
      const part = `(${at} - ${below})`
      query
        .addSelect(
          `SUM(CASE ranked.place - 1 - ${below} WHEN 0 THEN ranked.value * (1 - ${part}) WHEN 1 THEN ranked.value * ${part} ELSE 0 END)`,
          `p${index}`,
        )
        .setParameter(`share${index}`, share)
    })
    const rows: Record<string, string | number>[] = await query.getRawMany()
    return rows.map((row) => {
      const [count, sum] = [Number(row['count']), Number(row['sum'])]
      return {
        from: everySeconds === undefined ? from : new Date(Number(row['bucket']) * 1000),
        count,
        sum,
        average: sum / count,
        minimum: Number(row['minimum']),
        maximum: Number(row['maximum']),
        percentiles: Object.fromEntries(percentiles.map((share, index) => [String(share), Number(row[`p${index}`])])),
      }
    })
  }

  /** Counts the values before a time: those that {@link prune} would delete. */
  async count(filter: { readonly before?: Date; readonly name?: string } = {}): Promise<number> {
    return filtered(managerOf(this.#source), filter).getCount()
  }

  /** The names of which there are values, with how many, the most frequent one first. */
  async summary(): Promise<readonly MetricSummary[]> {
    const rows: Record<'name' | 'count', string>[] = await managerOf(this.#source)
      .createQueryBuilder(Metric, 'metric')
      .select('metric.name', 'name')
      .addSelect('COUNT(*)', 'count')
      .groupBy('metric.name')
      .getRawMany()
    const summaries = rows.map(({ name, count }) => ({ name, count: Number(count) }))
    return summaries.toSorted((a, b) => b.count - a.count || (a.name < b.name ? -1 : 1))
  }

  /**
   * Deletes the values before a time, a thousand at a time.
   *
   * @param options name: only values of this name
   * @returns the number of deleted ones
   * @example
   * await metrics.prune(new Date(Date.now() - 30 * 86_400_000))
   */
  async prune(before: Date, options: BatchOptions & { readonly name?: string } = {}): Promise<number> {
    const { name, onProgress, signal } = options
    let deleted = 0
    for (;;) {
      const found = await atomically(this.#source, async (manager) => {
        const rows = await filtered(manager, { before, ...(name === undefined ? {} : { name }) })
          .select('metric.id')
          // In the order of the index: otherwise PostgreSQL would read the table from its beginning for each batch.
          .orderBy('metric.createdAt')
          .limit(batchSize)
          .getMany()
        if (rows.length > 0)
          await manager.delete(
            Metric,
            rows.map(({ id }) => id),
          )
        return rows.length
      })
      deleted += found
      if (found > 0) onProgress?.(deleted)
      // SQLite works without a pause; a signal is noticed in one.
      await turn()
      if (found < batchSize || signal?.aborted === true) return deleted
    }
  }
}

function filtered(manager: EntityManager, { before, name }: { readonly before?: Date; readonly name?: string }) {
  const query = manager.createQueryBuilder(Metric, 'metric')
  if (before !== undefined) query.andWhere('metric.createdAt < :before', { before })
  if (name !== undefined) query.andWhere('metric.name = :name', { name })
  return query
}
