import { createHash } from 'node:crypto'
import { Recommendation, ValidationResult, ValidationStatus } from '@aludel/models'
import type { JsonValue } from '@aludel/models'
import type { EntityManager, SelectQueryBuilder } from 'typeorm'
import { sum, withAll } from '../counts'
import { dialectOf } from '../dialect'
import { InvalidValueError, NotFoundError } from '../errors'
import { newestFirst } from '../page'
import type { Page, PageOptions } from '../page'
import { atomically, managerOf } from '../source'
import type { Source } from '../source'
import { compareIssues, issuesIn } from './compare'
import type { Comparison } from './compare'

/** A result to record. */
export interface NewValidation {
  /** 1 to 1,024 characters. */
  readonly filePath: string
  /** The text of the file that was validated: its hash is stored. */
  readonly content?: string | Uint8Array
  /** Default is `pass`. */
  readonly status?: ValidationStatus
  readonly severity?: string | null
  /** The issues, or an object with a list `issues`. */
  readonly results?: JsonValue
  readonly rulesApplied?: JsonValue
  readonly validationTypes?: JsonValue
  readonly notes?: string | null
  readonly workflowId?: string | null
  readonly runId?: string | null
  readonly astHash?: string | null
  readonly fileHash?: string | null
  /** True: the parent is the latest result of the path, which this one repeats. An id: that one. Default is none. */
  readonly repeats?: boolean | string
}

/** Which results. */
export interface ValidationFilter {
  readonly filePath?: string
  readonly status?: ValidationStatus
  readonly severity?: string
  readonly workflowId?: string
  readonly runId?: string
}

/** Numbers of results. */
export interface ValidationCounts {
  readonly total: number
  /** For each status, including 0. */
  readonly byStatus: Readonly<Record<ValidationStatus, number>>
  /** By severity, as stored; `null` is none. */
  readonly bySeverity: readonly { readonly severity: string | null; readonly count: number }[]
}

/** The results of a part of time. */
export interface ValidationTrend {
  /** The beginning of the part. */
  readonly from: Date
  readonly total: number
  readonly byStatus: Readonly<Record<ValidationStatus, number>>
}

/** Parts of time, in UTC. */
export type Interval = 'hour' | 'day' | 'week'

const seconds: Readonly<Record<Interval, number>> = { hour: 3600, day: 86_400, week: 604_800 }

/**
 * Results of validating files: each path has versions, and a result may repeat an earlier one.
 *
 * @example
 * const validations = new ValidationService(dataSource)
 * const first = await validations.record({ filePath: 'a.md', content, status: ValidationStatus.Fail, results: [{ rule: 'MD001' }] })
 * const second = await validations.record({ filePath: 'a.md', content: mended, repeats: true })
 * const { resolved } = await validations.compare(first.id, second.id) // [{ rule: 'MD001' }]
 */
export class ValidationService {
  readonly #source: Source

  /** @param source a `DataSource`, initialized, or the manager of a transaction; with the entities of `@aludel/models` */
  constructor(source: Source) {
    this.#source = source
  }

  /**
   * Records a result, with the next version number of its path. Two at once get two numbers.
   *
   * @throws {InvalidValueError} @throws {NotFoundError} if the result that it repeats is not there
   */
  async record({ content, results = null, repeats = false, ...values }: NewValidation): Promise<ValidationResult> {
    const { filePath } = values
    if (filePath.length < 1 || filePath.length > 1024)
      throw new InvalidValueError('filePath', `must have 1 to 1024 characters, not ${filePath.length}`)
    return atomically(this.#source, async (manager) => {
      await dialectOf(manager).lock(manager, `validations of ${filePath}`)
      const latest = await latestOf(manager, filePath)
      const parentValidationId =
        repeats === true ? (latest?.id ?? null) : repeats === false ? null : (await find(manager, repeats)).id
      const created = await manager.save(
        manager.create(ValidationResult, {
          ...values,
          validationResults: results,
          contentHash: content === undefined ? null : createHash('sha256').update(content).digest('hex'),
          parentValidationId,
          versionNumber: (latest?.versionNumber ?? 0) + 1,
        }),
      )
      return find(manager, created.id)
    })
  }

  /** @throws {NotFoundError} */
  async get(id: string): Promise<ValidationResult> {
    return find(managerOf(this.#source), id)
  }

  /** The latest result of a path; null if there is none. */
  async latest(filePath: string): Promise<ValidationResult | null> {
    return latestOf(managerOf(this.#source), filePath)
  }

  /** Lists results, newest first, a part at a time; with `filePath` the history of a file. @throws {InvalidValueError} */
  async list({ limit, after, ...filter }: ValidationFilter & PageOptions = {}): Promise<Page<ValidationResult>> {
    const page = { ...(limit === undefined ? {} : { limit }), after }
    return newestFirst(filtered(managerOf(this.#source), filter), page)
  }

  /**
   * Lists results that have no recommendation, newest first, a part at a time.
   *
   * @throws {InvalidValueError}
   */
  async withoutRecommendations({ limit, after, ...filter }: ValidationFilter & PageOptions = {}): Promise<
    Page<ValidationResult>
  > {
    const manager = managerOf(this.#source)
    const query = filtered(manager, filter)
    const one = query
      .subQuery()
      .select('1')
      .from(Recommendation, 'recommendation')
      .where('recommendation.validationId = result.id')
    query.andWhere(`NOT EXISTS ${one.getQuery()}`)
    return newestFirst(query, { ...(limit === undefined ? {} : { limit }), after })
  }

  /**
   * The issues that were added, resolved and kept from one result to another.
   *
   * @throws {NotFoundError}
   */
  async compare(earlierId: string, laterId: string): Promise<Comparison> {
    const manager = managerOf(this.#source)
    const [earlier, later] = [await find(manager, earlierId), await find(manager, laterId)]
    return compareIssues(issuesIn(earlier.validationResults), issuesIn(later.validationResults))
  }

  /** Counts results by status and severity. */
  async counts(filter: ValidationFilter = {}): Promise<ValidationCounts> {
    const rows: { status: ValidationStatus; severity: string | null; count: string | number }[] = await filtered(
      managerOf(this.#source),
      filter,
    )
      .select('result.status', 'status')
      .addSelect('result.severity', 'severity')
      .addSelect('COUNT(*)', 'count')
      .groupBy('result.status')
      .addGroupBy('result.severity')
      .getRawMany()
    const byStatus = withAll(Object.values(ValidationStatus))
    const bySeverity = new Map<string | null, number>()
    for (const { status, severity, count } of rows) {
      byStatus[status] += Number(count)
      bySeverity.set(severity, (bySeverity.get(severity) ?? 0) + Number(count))
    }
    return {
      total: sum(byStatus),
      byStatus,
      bySeverity: [...bySeverity]
        .map(([severity, count]) => ({ severity, count }))
        .toSorted((a, b) => b.count - a.count || String(a.severity).localeCompare(String(b.severity), 'en')),
    }
  }

  /**
   * Counts results by status in parts of time, oldest first; parts without results are left out.
   *
   * @param options from: the beginning; to: the end, which is not included, default is now
   */
  async trend(
    options: ValidationFilter & { readonly interval: Interval; readonly from: Date; readonly to?: Date },
  ): Promise<readonly ValidationTrend[]> {
    const { interval, from, to = new Date(), ...filter } = options
    const manager = managerOf(this.#source)
    const bucket = dialectOf(manager).bucket('result.createdAt', seconds[interval])
    const rows: { bucket: string | number; status: ValidationStatus; count: string | number }[] = await filtered(
      manager,
      filter,
    )
      .select(bucket, 'bucket')
      .addSelect('result.status', 'status')
      .addSelect('COUNT(*)', 'count')
      .andWhere('result.createdAt >= :from AND result.createdAt < :to', { from, to })
      .groupBy(bucket)
      .addGroupBy('result.status')
      .getRawMany()
    const trends = new Map<number, Record<ValidationStatus, number>>()
    for (const { bucket: at, status, count } of rows) {
      const byStatus = trends.get(Number(at)) ?? withAll(Object.values(ValidationStatus))
      byStatus[status] += Number(count)
      trends.set(Number(at), byStatus)
    }
    return [...trends]
      .toSorted(([a], [b]) => a - b)
      .map(([at, byStatus]) => ({ from: new Date(at * 1000), total: sum(byStatus), byStatus }))
  }
}

function filtered(manager: EntityManager, filter: ValidationFilter): SelectQueryBuilder<ValidationResult> {
  const query = manager.createQueryBuilder(ValidationResult, 'result')
  for (const name of ['filePath', 'status', 'severity', 'workflowId', 'runId'] as const)
    if (filter[name] !== undefined) query.andWhere(`result.${name} = :${name}`, { [name]: filter[name] })
  return query
}

async function latestOf(manager: EntityManager, filePath: string): Promise<ValidationResult | null> {
  return manager.findOne(ValidationResult, {
    where: { filePath },
    order: { versionNumber: 'DESC', createdAt: 'DESC', id: 'DESC' },
  })
}

async function find(manager: EntityManager, id: string): Promise<ValidationResult> {
  const found = await manager.findOneBy(ValidationResult, { id })
  if (found === null) throw new NotFoundError('validation', id)
  return found
}
