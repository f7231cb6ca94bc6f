// cspell:ignore cfgname cfgnamespace dictname dictnamespace oprname oprnamespace srvname evtname castsource casttarget

import type { Queryable } from '../../queryable'
import type { UnreadObject } from '../../roles/introspection'
import { keptSchema } from '../keep/names'
import { shadowPattern } from '../names'
import { isExtensionMember } from './fragments'

/** One kind of object: where its rows are, and what they say. */
interface Kind {
  readonly kind: string
  /** `name` and `schema` (a namespace, or NULL for what has none), and after FROM what is left of the query. */
  readonly sql: string
}

/** The parts of a query about a catalog, without the members of extensions. */
function ofCatalog(kind: string, catalog: string, name: string, namespace: string | null, where = 'true'): Kind {
  return {
    kind,
    sql: `SELECT o.${name}::text AS name, ${namespace === null ? 'NULL::oid' : `o.${namespace}`} AS namespace
      FROM pg_catalog.${catalog} o WHERE o.oid >= 16384 AND (${where}) AND NOT ${isExtensionMember(catalog, 'o.oid')}`,
  }
}

/** https://www.postgresql.org/docs/current/catalogs-overview.html */
const kinds: readonly Kind[] = [
  ofCatalog('composite type', 'pg_class', 'relname', 'relnamespace', `o.relkind = 'c'`),
  ofCatalog('range type', 'pg_type', 'typname', 'typnamespace', `o.typtype = 'r'`),
  ofCatalog('collation', 'pg_collation', 'collname', 'collnamespace'),
  ofCatalog('text search configuration', 'pg_ts_config', 'cfgname', 'cfgnamespace'),
  ofCatalog('text search dictionary', 'pg_ts_dict', 'dictname', 'dictnamespace'),
  ofCatalog('aggregate', 'pg_proc', 'proname', 'pronamespace', `o.prokind = 'a'`),
  ofCatalog('operator', 'pg_operator', 'oprname', 'oprnamespace'),
  ofCatalog('statistics object', 'pg_statistic_ext', 'stxname', 'stxnamespace'),
  ofCatalog('foreign table', 'pg_class', 'relname', 'relnamespace', `o.relkind = 'f'`),
  ofCatalog('foreign server', 'pg_foreign_server', 'srvname', null),
  ofCatalog('event trigger', 'pg_event_trigger', 'evtname', null),
  ofCatalog('publication', 'pg_publication', 'pubname', null),
  {
    kind: 'cast',
    sql: `SELECT pg_catalog.format_type(o.castsource, NULL) || ' AS ' || pg_catalog.format_type(o.casttarget, NULL) AS name, NULL::oid AS namespace
      FROM pg_catalog.pg_cast o WHERE o.oid >= 16384 AND NOT ${isExtensionMember('pg_cast', 'o.oid')}
      AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog.pg_cast'::regclass AND d.objid = o.oid AND d.deptype = 'i')`,
  },
  {
    kind: 'rule',
    sql: `SELECT o.rulename::text || ' of ' || c.relname AS name, c.relnamespace AS namespace
      FROM pg_catalog.pg_rewrite o JOIN pg_catalog.pg_class c ON c.oid = o.ev_class
      WHERE o.rulename <> '_RETURN' AND o.oid >= 16384 AND NOT ${isExtensionMember('pg_class', 'c.oid')}`,
  },
  {
    kind: 'inheritance',
    sql: `SELECT c.relname::text || ' from ' || parent.relname AS name, c.relnamespace AS namespace
      FROM pg_catalog.pg_inherits i JOIN pg_catalog.pg_class c ON c.oid = i.inhrelid
      JOIN pg_catalog.pg_class parent ON parent.oid = i.inhparent
      WHERE c.relkind = 'r' AND NOT c.relispartition AND NOT ${isExtensionMember('pg_class', 'c.oid')}`,
  },
  {
    kind: 'unlogged storage',
    sql: `SELECT o.relname::text AS name, o.relnamespace AS namespace FROM pg_catalog.pg_class o
      WHERE o.relkind IN ('r', 'p') AND o.relpersistence = 'u' AND NOT ${isExtensionMember('pg_class', 'o.oid')}`,
  },
]

/**
 * The objects in the database that introspection does not read, and that no revision contains unless somebody writes it: what is made
 * from such a revision lacks them.
 */
export async function unreadObjects(database: Queryable): Promise<readonly UnreadObject[]> {
  const found = kinds.map(
    ({ kind, sql }, index) =>
      `SELECT ${String(index)} AS place, '${kind}' AS kind, found.name, nullif(n.nspname, current_schema())::text AS schema
    FROM (${sql}) AS found LEFT JOIN pg_catalog.pg_namespace n ON n.oid = found.namespace
    WHERE n.nspname IS NULL OR (n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', '${keptSchema}')
      AND n.nspname NOT LIKE '${shadowPattern}')`,
  )
  const rows = (await database.query(`${found.join(' UNION ALL ')} ORDER BY place, schema, name`)) as readonly {
    readonly kind: string
    readonly name: string
    readonly schema: string | null
  }[]
  return rows.map(({ kind, name, schema }) => ({ kind, name: schema === null ? name : `${schema}.${name}` }))
}
