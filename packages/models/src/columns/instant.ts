import type { ColumnOptions } from 'typeorm'
import { PortableColumn } from './portable'

/**
 * Declares a column of instants, as a `Date` with milliseconds: `timestamptz` on PostgreSQL; `datetime` on SQLite, stored as
 * UTC text such as `2025-04-20 10:15:00.000`, which sorts in order of time. Values do not depend on the time zones of the
 * server, the session and the process. Invalid dates, and years outside 1 to 9999, are refused.
 *
 * @example
 * \@InstantColumn({ name: 'created_at' })
 * createdAt!: Date
 */
export function InstantColumn(options: Omit<ColumnOptions, 'type'>): PropertyDecorator {
  return PortableColumn('instant', options)
}
