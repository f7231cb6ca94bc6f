import type { ColumnOptions } from 'typeorm'
import { PortableColumn } from './portable'

/**
 * Declares a column of bytes, as a `Buffer`: `bytea` on PostgreSQL, `blob` on SQLite.
 *
 * @example
 * \@BlobColumn({ name: 'state_data', nullable: true })
 * stateData!: Buffer | null
 */
export function BlobColumn(options: Omit<ColumnOptions, 'type'>): PropertyDecorator {
  return PortableColumn('blob', options)
}
