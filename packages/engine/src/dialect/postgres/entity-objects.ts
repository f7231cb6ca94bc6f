import type { Schema } from '../../schema/schema'
import { sqlStateOf } from './errors'
import { quoteName } from './names'

/** `undefined_function`, `undefined_object` (types, collations, operator classes), `undefined_table` (sequences too). */
const missing = new Set(['42883', '42704', '42P01'])

/** True when a statement failed because something that it names is not there. */
export function isMissingObject(error: unknown): boolean {
  return missing.has(sqlStateOf(error) ?? '')
}

/** https://www.postgresql.org/docs/current/datatype-datetime.html#DATATYPE-DATETIME-SPECIAL-VALUES */
const momentary = /^\s*(?:now|today|tomorrow|yesterday)\b/i

/** See `ShadowRole.evaluatesOnce`. */
export function evaluatesOnce(type: string, text: string): boolean {
  return /^(?:date|time)/i.test(type) && momentary.test(text)
}

/** Statements that drop tables, views and enums, and leave functions, extensions, sequences … that stand by themselves. */
export function dropEntityObjects(schema: Schema): readonly string[] {
  return [
    ...schema.views.map(
      (view) => `DROP ${view.materialized ? 'MATERIALIZED VIEW' : 'VIEW'} IF EXISTS ${quoteName(view)} CASCADE`,
    ),
    ...schema.tables.map((table) => `DROP TABLE IF EXISTS ${quoteName(table)} CASCADE`),
    ...schema.enums.map((type) => `DROP TYPE IF EXISTS ${quoteName(type)} CASCADE`),
  ]
}
