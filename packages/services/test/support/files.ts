import { join } from 'node:path'

export const fixtures = join(__dirname, '../fixtures/reviews')

/** A valid entry of a review file. */
export const entry = {
  original_decision: 'Mitigate',
  final_decision: 'Accept',
  reviewer: 'Ana Duarte',
  justification: 'Freshness counter in place.',
  additional_notes: 'n/a',
  review_date: '2025-04-20',
  evidence_references: ['EV-001'],
  status: 'in_progress',
}
