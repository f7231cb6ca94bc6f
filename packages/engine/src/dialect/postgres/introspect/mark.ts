import type { Queryable } from '../../queryable'

/** The first OID of objects that are not the server's own. */
const firstOwn = 16384

/**
 * The catalogs that decide what introspection reads, and the column with the object of a row. The last transaction that wrote a row is
 * in its `xmin`. What VACUUM and ANALYZE store in `pg_class`, they overwrite in place, and `xmin` stays.
 */
const catalogs = {
  pg_attrdef: 'oid',
  pg_attribute: 'attrelid',
  pg_class: 'oid',
  pg_collation: 'oid',
  pg_constraint: 'oid',
  pg_depend: 'objid',
  pg_description: 'objoid',
  pg_enum: 'oid',
  pg_index: 'indexrelid',
  pg_inherits: 'inhrelid',
  pg_policy: 'oid',
  pg_proc: 'oid',
  pg_rewrite: 'oid',
  pg_sequence: 'seqrelid',
  pg_trigger: 'oid',
  pg_type: 'oid',
} as const

/** How many rows of a catalog, and a sum of what each is: any other row, and any change of one, makes another. */
function part(catalog: string, object: string, first: number): string {
  return (
    `SELECT '${catalog}' AS catalog, count(*)::text || ':' || ` +
    `coalesce(sum(hashtextextended(c.${object}::text || ' ' || c.xmin::text, 0)), 0)::text AS sum ` +
    `FROM pg_catalog.${catalog} c WHERE c.${object} >= ${String(first)}`
  )
}

const parts = [
  ...Object.entries(catalogs).map(([catalog, object]) => part(catalog, object, firstOwn)),
  // Those of the server can be dropped.
  part('pg_namespace', 'oid', 0),
  part('pg_extension', 'oid', 0),
]

const sql =
  `SELECT md5(string_agg(catalog || ' ' || sum, ',' ORDER BY catalog)) AS mark, current_database()::text AS database, ` +
  `current_setting('search_path') AS path FROM (${parts.join(' UNION ALL ')}) parts`

/** A sum of what the catalogs have about the objects of this database. */
export async function mark(database: Queryable): Promise<string> {
  return JSON.stringify(await database.query(sql))
}
