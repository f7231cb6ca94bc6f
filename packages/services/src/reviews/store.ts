import { randomUUID } from 'node:crypto'
import { ReviewDecision } from '@aludel/models'
import type { EntityManager } from 'typeorm'
import { contentOf, identityOf } from './review'
import type { CompleteReview, Identity } from './review'

/**
 * Rows handled by one statement. An insert has 14 parameters a row: 7,000, well below SQLite's 32,766 and PostgreSQL's
 * 65,535.
 */
export const batchSize = 500

/** Numbers of inserted, updated and unchanged reviews. */
export interface StoreCounts {
  readonly imported: number
  readonly updated: number
  readonly unchanged: number
}

/**
 * Inserts new reviews and updates changed ones (keeping id and `createdAt`).
 *
 * @param manager of a transaction
 * @param reviews validated, at most {@link batchSize}, each identity once
 * @param write false: only count. Default is true.
 */
export async function storeReviews(
  manager: EntityManager,
  reviews: readonly CompleteReview[],
  write = true,
): Promise<StoreCounts> {
  const existing = await findReviews(manager, reviews)
  const changes: CompleteReview[] = []
  const counts = { imported: 0, updated: 0, unchanged: 0 }
  for (const review of reviews) {
    const row = existing.get(identityOf(review))
    const outcome = row === undefined ? 'imported' : contentOf(row) === contentOf(review) ? 'unchanged' : 'updated'
    counts[outcome] += 1
    if (outcome !== 'unchanged') changes.push(review)
  }
  if (!write || changes.length === 0) return counts

  const now = Date.now()
  const rows = changes.map((review) => {
    const last = existing.get(identityOf(review))?.updatedAt.getTime() ?? Number.NEGATIVE_INFINITY
    const updatedAt = new Date(Math.max(now, last + 1))
    const { evidenceReferences } = review
    return Object.assign(new ReviewDecision(), review, {
      id: randomUUID(),
      evidenceReferences: evidenceReferences === null ? null : [...evidenceReferences],
      createdAt: new Date(now),
      updatedAt,
    })
  })
  // one statement for new and changed rows; in a race with another writer, the last one wins
  await manager
    .createQueryBuilder()
    .insert()
    .into(ReviewDecision)
    .values(rows)
    .orUpdate(updatedColumns, identityColumns)
    .updateEntity(false)
    .execute()
  return counts
}

/** Finds the stored rows of these reviews, by {@link identityOf}. */
export async function findReviews(
  manager: EntityManager,
  reviews: readonly Identity[],
): Promise<ReadonlyMap<string, ReviewDecision>> {
  if (reviews.length === 0) return new Map()
  const parameters: Record<string, string> = {}
  const rows = reviews.map((review, index) => {
    parameters[`a${index}`] = review.analysisId
    parameters[`c${index}`] = review.componentId
    parameters[`t${index}`] = review.threatId
    return `(:a${index}, :c${index}, :t${index})`
  })
  const found = await manager
    .createQueryBuilder(ReviewDecision, 'review')
    .where(`(review.analysisId, review.componentId, review.threatId) IN (VALUES ${rows.join(', ')})`, parameters)
    .getMany()
  return new Map(found.map((row) => [identityOf(row), row]))
}

const identityColumns = ['analysis_id', 'component_id', 'threat_id']

const updatedColumns = [
  'original_decision',
  'final_decision',
  'reviewer',
  'justification',
  'additional_notes',
  'review_date',
  'evidence_references',
  'status',
  'updated_at',
]
