import type { EntityManager, EntityMetadata } from 'typeorm'
import { tableOf } from './identifiers'

/**
 * The types of the columns on PostgreSQL, which does not convert text to an enum by assignment. Without their lengths: a cast to a
 * length would cut a text.
 */
export async function columnTypes(
  manager: EntityManager,
  metadata: EntityMetadata,
): Promise<ReadonlyMap<string, string>> {
  const rows = await manager.query<{ name: string; type: string }[]>(
    `SELECT attname AS name, pg_catalog.format_type(atttypid, NULL) AS type FROM pg_catalog.pg_attribute
     WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped`,
    [tableOf(manager, metadata.target)],
  )
  const types = new Map(rows.map(({ name, type }) => [name, type]))
  return new Map(
    metadata.columns.flatMap(({ propertyName, databaseName }) => {
      const type = types.get(databaseName)
      return type === undefined ? [] : [[propertyName, type] as const]
    }),
  )
}
