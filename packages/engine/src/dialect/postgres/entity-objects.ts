import type { Schema } from '../../schema/schema'
import { quoteName } from './names'

/** https://www.postgresql.org/docs/current/datatype-datetime.html#DATATYPE-DATETIME-SPECIAL-VALUES */
const momentary = /^\s*(?:now|today|tomorrow|yesterday)\b/i

/** See `ShadowRole.evaluatesOnce`. */
export function evaluatesOnce(type: string, text: string): boolean {
  return /^(?:date|time)/i.test(type) && momentary.test(text)
}

/** Statements that drop tables, views and enums, but not functions, extensions and standalone sequences. */
export function dropEntityObjects(schema: Schema): readonly string[] {
  return [
    ...schema.views.map(
      (view) => `DROP ${view.materialized ? 'MATERIALIZED VIEW' : 'VIEW'} IF EXISTS ${quoteName(view)} CASCADE`,
    ),
    ...schema.tables.map((table) => `DROP TABLE IF EXISTS ${quoteName(table)} CASCADE`),
    ...schema.enums.map((type) => `DROP TYPE IF EXISTS ${quoteName(type)} CASCADE`),
  ]
}
