import { ReviewStatus, RiskDecision } from '@aludel/models'
import type { ReviewIssue } from '../errors'

/**
 * A review decision to submit or import. It is identified by analysis, component and threat.
 */
export interface Review {
  /** 1 to 100 characters. */
  readonly analysisId: string
  /** 1 to 100 characters. */
  readonly componentId: string
  /** 1 to 200 characters. */
  readonly threatId: string
  /** The decision before the review. */
  readonly originalDecision: RiskDecision
  /** The decision of the review. */
  readonly finalDecision: RiskDecision
  /** 1 to 100 characters. */
  readonly reviewer: string
  readonly justification: string
  /** Default is `null`. */
  readonly additionalNotes?: string | null
  /** The day of the review, `YYYY-MM-DD`. */
  readonly reviewDate: string
  /** Default is `null`. */
  readonly evidenceReferences?: readonly string[] | null
  /** Default is `completed`. */
  readonly status?: ReviewStatus
}

/** A review decision with all fields. */
export type CompleteReview = Required<Review>

/** The fields of a review that are not part of its identity. */
export const contentFields = [
  'originalDecision',
  'finalDecision',
  'reviewer',
  'justification',
  'additionalNotes',
  'reviewDate',
  'evidenceReferences',
  'status',
] as const satisfies readonly (keyof Review)[]

export type ContentField = (typeof contentFields)[number]

/** Returns the issues of a value. */
type Check = (value: unknown) => readonly ReviewIssue[]

/**
 * Validates one field of a review.
 *
 * @returns the issues, with paths relative to the value (`''` for the value itself); empty if it is valid
 */
export function checkField(field: keyof Review, value: unknown): readonly ReviewIssue[] {
  return checks[field](value)
}

const checks: Readonly<Record<keyof Review, Check>> = {
  analysisId: text({ from: 1, to: 100 }),
  componentId: text({ from: 1, to: 100 }),
  threatId: text({ from: 1, to: 200 }),
  originalDecision: oneOf(Object.values(RiskDecision)),
  finalDecision: oneOf(Object.values(RiskDecision)),
  reviewer: text({ from: 1, to: 100 }),
  justification: text({}),
  additionalNotes: optional(text({})),
  reviewDate: day,
  evidenceReferences: optional(listOfTexts),
  status: optional(oneOf(Object.values(ReviewStatus))),
}

/** Adds the defaults to a validated review. */
export function complete(review: Review): CompleteReview {
  return {
    ...review,
    additionalNotes: review.additionalNotes ?? null,
    evidenceReferences: review.evidenceReferences ?? null,
    status: review.status ?? ReviewStatus.Completed,
  }
}

/** The fields that identify a review. */
export type Identity = Pick<Review, 'analysisId' | 'componentId' | 'threatId'>

/** The fields that identify a review, as one text. */
export function identityOf(review: Identity): string {
  return JSON.stringify([review.analysisId, review.componentId, review.threatId])
}

/** The other fields of a review, as one text, to compare two reviews. */
export function contentOf(review: Pick<CompleteReview, ContentField>): string {
  return JSON.stringify(contentFields.map((field) => review[field]))
}

function issue(reason: string): readonly ReviewIssue[] {
  return [{ path: '', reason }]
}

function optional(check: Check): Check {
  return (value) => (value === undefined || value === null ? [] : check(value))
}

function text(length: { readonly from?: number; readonly to?: number }): Check {
  return (value) => {
    if (value === undefined) return issue('is missing')
    if (typeof value !== 'string') return issue(`must be a string, not ${describe(value)}`)
    if (length.from !== undefined && value.length < length.from) return issue('must not be empty')
    // PostgreSQL counts characters, not UTF-16 units
    const characters = length.to !== undefined && value.length > length.to ? [...value].length : 0
    if (length.to !== undefined && characters > length.to) {
      return issue(`is longer than ${length.to} characters (${characters})`)
    }
    if (value.includes('\u0000')) return issue('contains the character U+0000, which a database cannot hold')
    if (/[\ud800-\udfff]/.test(value) && /\p{Surrogate}/u.test(value))
      return issue('contains half of a surrogate pair, which a database cannot hold')
    return []
  }
}

function oneOf(allowed: readonly string[]): Check {
  return (value) => {
    if (value === undefined) return issue('is missing')
    if (typeof value === 'string' && allowed.includes(value)) return []
    return issue(`must be one of ${allowed.join(', ')}, not ${describe(value)}`)
  }
}

function listOfTexts(value: unknown): readonly ReviewIssue[] {
  if (!Array.isArray(value)) return issue(`must be a list of strings, not ${describe(value)}`)
  const check = text({})
  return value.flatMap((each: unknown, index) =>
    check(each).map((found) => ({ path: `[${index}]`, reason: found.reason })),
  )
}

/** Accepts an existing day in a year that both databases can store. Without `Date`, which would depend on a time zone. */
function day(value: unknown): readonly ReviewIssue[] {
  if (value === undefined) return issue('is missing')
  const match = typeof value === 'string' ? /^(\d{4})-(\d{2})-(\d{2})$/.exec(value) : null
  if (match === null) return issue(`must be a date YYYY-MM-DD, not ${describe(value)}`)
  const [year, month, date] = [Number(match[1]), Number(match[2]), Number(match[3])]
  const isLeap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0
  const lengths = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
  const exists = year >= 1 && date >= 1 && date <= (lengths[month - 1] ?? 0)
  return exists ? [] : issue(`is no date of the calendar: ${describe(value)}`)
}

/** A short form of a value, for error messages. */
export function describe(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object') return 'an object'
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  if (typeof value !== 'string') return `a value of type ${typeof value}`
  const characters = [...value.slice(0, 100)]
  return JSON.stringify(characters.length > 50 ? `${characters.slice(0, 50).join('')}…` : value)
}
