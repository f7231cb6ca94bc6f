import type { Dialect } from '../dialect/dialect'
import type { JournalEntry } from './types'

/** Which entries of the journal are read. All conditions must be true. */
export interface JournalFilter {
  /** Only entries older than the one with this id. */
  readonly before?: number
  /** Number of entries; default is all. */
  readonly limit?: number
  /** Entries with this revision id, or this name. */
  readonly of?: { readonly revision: string; readonly name?: string }
  readonly outcomes?: readonly JournalEntry['outcome'][]
  /** Entries that contain this text, in any case, or that are about one of these revision ids. */
  readonly search?: { readonly text: string; readonly revisions: readonly string[] }
}

/** A condition on the rows of the journal `j`. */
interface Condition {
  /** `AND …`, or nothing. */
  readonly sql: string
  readonly parameters: unknown[]
}

/** Columns that are searched, and shown. */
const searched = ['revision', 'name', 'direction', 'actor', 'tool_version', 'error']

/** The filter as SQL, without its limit. */
export function conditionOf({ sql }: Dialect, filter: JournalFilter): Condition {
  const parameters: unknown[] = []
  const value = (one: unknown): string => sql.placeholder(parameters.push(one))
  const conditions: string[] = []
  const { before, of, outcomes, search } = filter
  if (before !== undefined) conditions.push(`j."id" < ${value(before)}`)
  if (of !== undefined) {
    const same = [`j."revision" = ${value(of.revision)}`]
    if (of.name !== undefined) same.push(`j."name" = ${value(of.name)}`)
    conditions.push(`(${same.join(' OR ')})`)
  }
  if (outcomes !== undefined) conditions.push(`j."outcome" IN (${outcomes.map(value).join(', ')})`)
  if (search !== undefined) {
    // Both sides in lower case as the database makes it. No text of PostgreSQL has a null character.
    const pattern = `%${search.text.replaceAll('\0', '').replace(/[!%_]/g, '!$&')}%`
    const matches = searched.map((column) => `LOWER(j."${column}") LIKE LOWER(${value(pattern)}) ESCAPE '!'`)
    // As literals: databases limit the parameters of a statement.
    if (search.revisions.length > 0)
      matches.push(`j."revision" IN (${search.revisions.map((one) => sql.literal(one)).join(', ')})`)
    conditions.push(`(${matches.join(' OR ')})`)
  }
  return { sql: conditions.map((condition) => ` AND ${condition}`).join(''), parameters }
}
