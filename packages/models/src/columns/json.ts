import type { ColumnOptions } from 'typeorm'
import { PortableColumn } from './portable'

/**
 * Any JSON value. Arrays and objects are `object`, to be narrowed to your own type: a recursive type would be exact, but
 * TypeORM's `QueryDeepPartialEntity` does not support it ("excessively deep"), and `insert` and `update` would not compile.
 */
export type JsonValue = string | number | boolean | object | null

/**
 * Declares a column of any JSON value: `jsonb` on PostgreSQL, JSON as `text` on SQLite.
 *
 * - `null` is stored as SQL's NULL; `null` within an array or an object is not changed.
 * - PostgreSQL's `jsonb` keeps neither the order of an object's keys nor a repeated key, and rejects the character U+0000
 *   and unpaired surrogates. SQLite keeps the text unchanged.
 *
 * @example
 * \@JsonColumn({ name: 'input_params', nullable: true })
 * inputParams!: JsonValue
 */
export function JsonColumn(options: Omit<ColumnOptions, 'type'>): PropertyDecorator {
  return PortableColumn('json', options)
}
