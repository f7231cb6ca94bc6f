import type { Schema } from '../../schema/schema'
import { quoteName } from './names'

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
