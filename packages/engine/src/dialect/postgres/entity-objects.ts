import type { Schema } from '../../schema/schema'
import { sqlStateOf } from './errors'
import { quoteName } from './names'

/** `undefined_function`, `undefined_object` (types, collations, operator classes), `undefined_table` (sequences too). */
const missing = new Set(['42883', '42704', '42P01'])

/** True when a statement failed because an object that it names does not exist. */
export function isMissingObject(error: unknown): boolean {
  return missing.has(sqlStateOf(error) ?? '')
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
