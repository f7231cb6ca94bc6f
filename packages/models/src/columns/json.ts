import type { ColumnOptions } from 'typeorm'
import { PortableColumn } from './portable'

/**
 * Any JSON value. Arrays and objects are `object`, to be narrowed to the shape that you put there: a type that named itself
 * would be exact, but TypeORM's `QueryDeepPartialEntity` cannot follow it ("excessively deep"), and `insert` and `update`
 * would not compile.
 */
export type JsonValue = string | number | boolean | object | null

/**
 * A column that holds any JSON value: `jsonb` on PostgreSQL, JSON as `text` on SQLite.
 *
 * - JavaScript's `null` is SQL's NULL; `null` inside an array or an object stays what it is.
 * - PostgreSQL's `jsonb` keeps neither the order of an object's keys nor a repeated key, and refuses the character U+0000
 *   and unpaired surrogates. SQLite keeps the text as it was written.
 *
 * @example
 * \@JsonColumn({ name: 'input_params', nullable: true })
 * inputParams!: JsonValue
 */
export function JsonColumn(options: Omit<ColumnOptions, 'type'>): PropertyDecorator {
  return PortableColumn('json', options)
}
