import { shadowPattern } from '../names'

/** A condition that is true for members of an extension. */
export function isExtensionMember(catalog: string, id: string): string {
  return `EXISTS (
    SELECT FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog.${catalog}'::regclass AND d.objid = ${id} AND d.deptype = 'e'
  )`
}

/** The quoted name of a collation, with its schema where it is not visible without. */
export function collationName(id: string): string {
  return `(
      SELECT CASE WHEN pg_collation_is_visible(co.oid) THEN '' ELSE quote_ident(cn.nspname) || '.' END || quote_ident(co.collname)
      FROM pg_catalog.pg_collation co JOIN pg_catalog.pg_namespace cn ON cn.oid = co.collnamespace WHERE co.oid = ${id}
    )`
}

/**
 * True for the function that replaces one of an extension in a shadow schema, where the extension is not visible (see
 * `shadow.ts`). It is not part of the schema, and objects that use it count as users of the extension.
 */
export function isBorrowed(schema: string, name: string): string {
  return `(${name} = 'uuid_generate_v4' AND ${schema} LIKE '${shadowPattern}')`
}
