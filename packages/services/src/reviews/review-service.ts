import { ReviewDecision } from '@aludel/models'
import { NotFoundError, ReviewValidationError } from '../errors'
import type { ReviewIssue } from '../errors'
import type { Page, PageOptions } from '../page'
import { atomically, managerOf } from '../source'
import type { Source } from '../source'
import { countByAnalysis, pageOfStatuses } from './analysis-status'
import type { AnalysisStatus } from './analysis-status'
import { applyReviews } from './apply-reviews'
import type { AnalysisDocument, AppliedAnalysis } from './apply-reviews'
import { exportReviews } from './export/export-reviews'
import type { ExportOptions, ExportSummary } from './export/export-reviews'
import { pageOfReviews } from './page-reviews'
import type { ReviewFilter } from './page-reviews'
import { checkField, complete, contentFields, describe, identityOf } from './review'
import type { CompleteReview, Identity, Review } from './review'
import { reviewRisks } from './risks'
import type { AnalysisReview, Risk } from './risks'
import { batchSize, findReviews, storeReviews } from './store'

/** A decision of a batch that was not stored. */
export interface RefusedReview {
  /** Its index in the batch. */
  readonly index: number
  /** Every reason, with the field. */
  readonly issues: readonly ReviewIssue[]
}

/** What became of a batch. */
export interface SubmittedBatch {
  /** The stored rows of the valid decisions, in the order given. */
  readonly stored: readonly ReviewDecision[]
  /** The other ones, with the reasons. */
  readonly refused: readonly RefusedReview[]
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
 * const { needed } = await reviews.needsReview('gateway-v2', analysis.risks)
 * const { document } = await reviews.applyTo('gateway-v2', analysis)
 */
export class ReviewService {
  readonly #source: Source

  /** @param source a `DataSource`, initialized, or the manager of a transaction; with the entity `ReviewDecision` */
  constructor(source: Source) {
    this.#source = source
  }

  /** @throws {NotFoundError} */
  async get(identity: Identity): Promise<ReviewDecision> {
    const { analysisId, componentId, threatId } = identity
    const found = await managerOf(this.#source).findOneBy(ReviewDecision, { analysisId, componentId, threatId })
    if (found === null) throw new NotFoundError('review decision', `${analysisId} ${componentId} ${threatId}`)
    return found
  }

  /**
   * Finds the decisions of one analysis, sorted by component and threat in the order of UTF-16 code units.
   *
   * @example
   * for (const { componentId, threatId, finalDecision } of await reviews.findByAnalysis('gateway-v2')) …
   */
  async findByAnalysis(analysisId: string): Promise<ReviewDecision[]> {
    const found = await managerOf(this.#source).findBy(ReviewDecision, { analysisId })
    // not sorted by the database: PostgreSQL sorts by the collation of its locale, SQLite by bytes
    return found.sort((a, b) => order(a.componentId, b.componentId) || order(a.threatId, b.threatId))
  }

  /**
   * Lists decisions by analysis, component and threat, a part at a time.
   *
   * @throws {InvalidValueError} for a wrong limit or `after`, and a status or decision that does not exist
   * @example
   * const { items, next } = await reviews.list({ status: ReviewStatus.Pending, limit: 20 })
   */
  async list({ limit, after, ...filter }: ReviewFilter & PageOptions = {}): Promise<Page<ReviewDecision>> {
    return pageOfReviews(managerOf(this.#source), filter, { limit, after })
  }

  /**
   * Counts the decisions of one analysis.
   *
   * @example
   * const { total, byStatus } = await reviews.status('gateway-v2')
   * console.log(`${byStatus.completed} of ${total} completed`)
   */
  async status(analysisId: string): Promise<AnalysisStatus> {
    const [status] = await countByAnalysis(managerOf(this.#source), [analysisId])
    if (status === undefined) throw new Error('an analysis was not counted')
    return status
  }

  /** Counts the decisions of every analysis, by its id, a part of the analyses at a time. @throws {InvalidValueError} */
  async statuses(page: PageOptions = {}): Promise<Page<AnalysisStatus>> {
    return pageOfStatuses(managerOf(this.#source), page)
  }

  /**
   * Finds which risks of an analysis need a review: those without a decision, those whose decision is not completed, and those that
   * have changed since.
   *
   * @param risks as the analysis has them now
   * @throws {ReviewValidationError} for an invalid or repeated risk
   * @example
   * const { needed } = await reviews.needsReview('gateway-v2', [
   *   { componentId: 'ECU001', threatId: 'Replay attack', decision: RiskDecision.Mitigate },
   * ])
   * for (const { risk, state, review } of needed) console.log(risk.threatId, state, review?.finalDecision)
   */
  async needsReview<R extends Risk>(analysisId: string, risks: readonly R[]): Promise<AnalysisReview<R>> {
    return reviewRisks(analysisId, risks, await this.findByAnalysis(analysisId))
  }

  /**
   * Applies the stored decisions to an analysis; see {@link applyReviews}.
   *
   * @param document is not changed
   * @throws {ReviewValidationError} for an invalid or repeated risk
   */
  async applyTo<D extends AnalysisDocument>(analysisId: string, document: D): Promise<AppliedAnalysis<D>> {
    return applyReviews(analysisId, document, await this.findByAnalysis(analysisId))
  }

  /** Exports decisions to the JSON files that were there before the table; see {@link exportReviews}. */
  async exportTo(directory: string, options: ExportOptions = {}): Promise<ExportSummary> {
    return exportReviews(this.#source, directory, options)
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
    const refused = checkBatch(decisions)
    const issues = refused.flatMap(({ index, issues: found }) =>
      found.map(({ path, reason }) => ({ path: `[${index}]${path === '' ? '' : `.${path}`}`, reason })),
    )
    if (issues.length > 0) throw new ReviewValidationError(issues)
    return this.#store(decisions.map(complete))
  }

  /**
   * Stores the valid ones of several decisions, in one transaction: of two about the same threat, the first valid one.
   *
   * @returns the stored rows, and the reasons for each decision that was not stored
   * @example
   * const { stored, refused } = await reviews.submitValid(decisions)
   * for (const { index, issues } of refused) for (const { path, reason } of issues) show(decisions[index], path, reason)
   */
  async submitValid(decisions: readonly Review[]): Promise<SubmittedBatch> {
    const refused = checkBatch(decisions)
    const wrong = new Set(refused.map(({ index }) => index))
    const stored = await this.#store(decisions.filter((_, index) => !wrong.has(index)).map(complete))
    return { stored, refused }
  }

  async #store(reviews: readonly CompleteReview[]): Promise<ReviewDecision[]> {
    if (reviews.length === 0) return []
    return atomically(this.#source, async (manager) => {
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

/** The decisions that cannot be stored: invalid ones, and those about the threat of an earlier valid one. */
function checkBatch(decisions: readonly Review[]): readonly RefusedReview[] {
  const firstOf = new Map<string, number>()
  return decisions.flatMap((decision, index): RefusedReview[] => {
    const issues = issuesOf(decision)
    if (issues.length > 0) return [{ index, issues }]
    const first = firstOf.get(identityOf(decision))
    firstOf.set(identityOf(decision), first ?? index)
    const reason = `has the analysis, component and threat of [${first}]`
    return first === undefined ? [] : [{ index, issues: [{ path: '', reason }] }]
  })
}

function issuesOf(decision: Review): readonly ReviewIssue[] {
  const given: unknown = decision
  if (typeof given !== 'object' || given === null)
    return [{ path: '', reason: `must be an object, not ${describe(given)}` }]
  return fields.flatMap((field) =>
    checkField(field, decision[field]).map(({ path, reason }) => ({ path: `${field}${path}`, reason })),
  )
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
