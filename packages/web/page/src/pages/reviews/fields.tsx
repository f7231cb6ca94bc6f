import type { Review } from '../../../../src/api/types'
import { sentence } from '../../model/format'
import { Tag } from '../../ui/parts'
import type { Tone } from '../../ui/parts'

/** A field of a review as text; undefined if it has none. */
export function textOf(review: Review, field: string): string | undefined {
  const value = review[field]
  if (typeof value === 'string' && value !== '') return value
  return typeof value === 'number' ? String(value) : undefined
}

/** A field of a review as a list of texts. */
export function listOf(review: Review, field: string): readonly string[] {
  const value = review[field]
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : []
}

/** `In progress` of `in_progress`. */
export function statusText(status: string): string {
  return sentence(status.replaceAll('_', ' '))
}

const tones: Readonly<Record<string, Tone>> = { pending: 'blue', in_progress: 'amber', completed: 'green' }

export function StatusTag({ review }: { review: Review }) {
  const status = textOf(review, 'status')
  if (status === undefined) return null
  return <Tag tone={tones[status]}>{status.replaceAll('_', ' ')}</Tag>
}
