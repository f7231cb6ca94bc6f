import { ReviewDecision, ReviewStatus, RiskDecision } from '@aludel/models'
import type { DataSource } from 'typeorm'
import { ReviewValidationError } from '../errors'
import type { ReviewIssue } from '../errors'
import { inTransaction } from '../transaction'
import { checkField, complete, contentFields, identityOf } from './review'
import type { CompleteReview, Review } from './review'
import { batchSize, findReviews, storeReviews } from './store'

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

/**
 * Reads, validates and stores review decisions.
 *
 * @example
 * const reviews = new ReviewService(dataSource)
 * await reviews.submit({
 *   analysisId: 'gateway-v2',
 *   componentId: 'ECU001',
 *   threatId: 'Replay attack',
 *   originalDecision: RiskDecision.Mitigate,
 *   finalDecision: RiskDecision.Accept,
 *   reviewer: 'Ana Duarte',
 *   justification: 'Freshness counter in place.',
 *   reviewDate: '2025-04-20',
 * })
 * const { total, byStatus } = await reviews.status('gateway-v2')
 */
export class ReviewService {
  readonly #dataSource: DataSource

  /** @param dataSource initialized, with the entity `ReviewDecision` */
  constructor(dataSource: DataSource) {
    this.#dataSource = dataSource
  }

  /**
   * Finds the decisions of one analysis, sorted by component and threat in the order of UTF-16 code units.
   *
   * @example
   * for (const { componentId, threatId, finalDecision } of await reviews.findByAnalysis('gateway-v2')) …
   */
  async findByAnalysis(analysisId: string): Promise<ReviewDecision[]> {
    const found = await this.#dataSource.getRepository(ReviewDecision).findBy({ analysisId })
    // not sorted by the database: PostgreSQL sorts by the collation of its locale, SQLite by bytes
    return found.sort((a, b) => order(a.componentId, b.componentId) || order(a.threatId, b.threatId))
  }

  /**
   * Counts the decisions of one analysis.
   *
   * @example
   * const { total, byStatus } = await reviews.status('gateway-v2')
   * console.log(`${byStatus.completed} of ${total} completed`)
   */
  async status(analysisId: string): Promise<AnalysisStatus> {
    const groups: { status: ReviewStatus; decision: RiskDecision; count: string | number }[] = await this.#dataSource
      .createQueryBuilder(ReviewDecision, 'review')
      .select('review.status', 'status')
      .addSelect('review.finalDecision', 'decision')
      .addSelect('COUNT(*)', 'count')
      .where('review.analysisId = :analysisId', { analysisId })
      .groupBy('review.status')
      .addGroupBy('review.finalDecision')
      .getRawMany()
    const byStatus = zeros(Object.values(ReviewStatus))
    const byFinalDecision = zeros(Object.values(RiskDecision))
    let total = 0
    for (const group of groups) {
      const count = Number(group.count)
      total += count
      byStatus[group.status] += count
      byFinalDecision[group.decision] += count
    }
    return { analysisId, total, byStatus, byFinalDecision }
  }

  /**
   * Inserts a decision, or updates the one with the same analysis, component and threat. Omitted fields get their
   * defaults, also in an update.
   *
   * @returns the stored row
   * @throws {ReviewValidationError} when the decision is not valid; nothing is stored
   */
  async submit(decision: Review): Promise<ReviewDecision> {
    const issues = issuesOf(decision)
    if (issues.length > 0) throw new ReviewValidationError(issues)
    const [stored] = await this.#store([complete(decision)])
    if (stored === undefined) throw new Error('the decision was not there after it had been stored')
    return stored
  }

  /**
   * Stores several decisions in one transaction: all of them, or none.
   *
   * @returns the stored rows, in the order given
   * @throws {ReviewValidationError} when one of them is invalid or repeated; each issue names the index and the field
   *
   * @example
   * await reviews.submitBatch([first, second])
   * // ReviewValidationError: invalid review decision: [1].reviewDate is no date of the calendar: "2025-02-30"
   */
  async submitBatch(decisions: readonly Review[]): Promise<ReviewDecision[]> {
    const firstOf = new Map<string, number>()
    const issues = decisions.flatMap((decision, index) => {
      const found = issuesOf(decision).map(({ path, reason }) => ({ path: `[${index}].${path}`, reason }))
      if (found.length > 0) return found
      const first = firstOf.get(identityOf(decision))
      firstOf.set(identityOf(decision), first ?? index)
      const reason = `has the analysis, component and threat of [${first}]`
      return first === undefined ? [] : [{ path: `[${index}]`, reason }]
    })
    if (issues.length > 0) throw new ReviewValidationError(issues)
    return this.#store(decisions.map(complete))
  }

  async #store(reviews: readonly CompleteReview[]): Promise<ReviewDecision[]> {
    return inTransaction(this.#dataSource, async (manager) => {
      const stored: ReviewDecision[] = []
      for (let start = 0; start < reviews.length; start += batchSize) {
        const batch = reviews.slice(start, start + batchSize)
        await storeReviews(manager, batch)
        const rows = await findReviews(manager, batch)
        stored.push(...batch.flatMap((review) => rows.get(identityOf(review)) ?? []))
      }
      return stored
    })
  }
}

const fields = ['analysisId', 'componentId', 'threatId', ...contentFields] as const

function issuesOf(decision: Review): ReviewIssue[] {
  return fields.flatMap((field) =>
    checkField(field, decision[field]).map(({ path, reason }) => ({ path: `${field}${path}`, reason })),
  )
}

function zeros<K extends string>(keys: readonly K[]): Record<K, number> {
  return Object.fromEntries(keys.map((key) => [key, 0])) as Record<K, number>
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
