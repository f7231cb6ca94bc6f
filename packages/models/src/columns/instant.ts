import type { ColumnOptions } from 'typeorm'
import { PortableColumn } from './portable'

/**
 * A column that holds a moment in time, as a `Date` with milliseconds: `timestamptz` on PostgreSQL; `datetime` on SQLite,
 * written there as UTC text such as `2025-04-20 10:15:00.000`, which sorts in order of time. The time zones of the server, of
 * the session and of the process change nothing. An invalid date, or a year outside 1 to 9999, is refused.
 *
 * @example
 * \@InstantColumn({ name: 'created_at' })
 * createdAt!: Date
 */
export function InstantColumn(options: Omit<ColumnOptions, 'type'>): PropertyDecorator {
  return PortableColumn('instant', options)
}
