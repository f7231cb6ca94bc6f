/**
 * What the catalog knows about objects besides their definition: rights, owner, comments, storage parameters, statistics
 * targets, the state of triggers, rules. Each is a row with the statement that sets it, so that what an object loses when it
 * is dropped and created again can be restored.
 *
 * Tables are left out: nothing here drops a table and creates it again. Objects of extensions are left out as well.
 */

import { isHidden, keptSchema } from './keep/names'

/** The text of GRANT and REVOKE for one row of `aclexplode`, as two columns. */
const rights = (grants: string, on: string, column = ''): string => {
  const grantee = `CASE WHEN g.grantee = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(g.grantee)) END`
  const privilege = column === '' ? 'g.privilege_type' : `g.privilege_type || ' (' || quote_ident(${column}) || ')'`
  return (
    `'right' AS what, NULL AS slot, ` +
    `'GRANT ' || ${privilege} || ' ON ${on} ' || ${grants} || ' TO ' || ${grantee} || CASE WHEN g.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END AS sql, ` +
    `'REVOKE ' || ${privilege} || ' ON ${on} ' || ${grants} || ' FROM ' || ${grantee} AS undo`
  )
}

const comment = (catalog: string, id: string, column = '0'): string =>
  `JOIN pg_catalog.pg_description d ON d.classoid = 'pg_catalog.${catalog}'::regclass AND d.objoid = ${id} AND d.objsubid = ${column}`

const owner = (role: string): string => `pg_get_userbyid(${role}) <> current_user`

/**
 * One row for each property of each object: `object` identifies it by name, `oid` changes when it is created again, `sql`
 * sets the property, `undo` removes a right. A later value of the same `slot` replaces an earlier one. Rows are restored
 * in the order of `place`: the owner last, because this role may not grant afterwards.
 *
 * What a schema value holds, too, so that revisions may set it, has a `what` of `schema …` or `column comment`; a `schema part`
 * (an index, constraint or trigger that is dropped together with the object) has the part and its bare name in its `slot`,
 * and `extended statistics` have their own name there.
 *
 * A column of a table has its table's oid in its name: in another table of the same name it is another column.
 */
export const propertiesSql = `
WITH namespaces AS (
  SELECT oid, nspname FROM pg_catalog.pg_namespace WHERE nspname !~ '^pg_' AND nspname NOT IN ('information_schema', '${keptSchema}')
), relations AS (
  SELECT c.oid, c.relname AS bare, c.relkind AS kind, c.relowner AS owner, c.relacl AS acl, c.reloptions AS options,
    quote_ident(n.nspname) || '.' || quote_ident(c.relname) AS name,
    CASE c.relkind WHEN 'm' THEN 'MATERIALIZED VIEW' WHEN 'v' THEN 'VIEW' WHEN 'i' THEN 'INDEX' WHEN 'I' THEN 'INDEX' ELSE 'TABLE' END AS word
  FROM pg_catalog.pg_class c JOIN namespaces n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'p', 'v', 'm', 'i', 'I') AND NOT EXISTS (
    SELECT FROM pg_catalog.pg_depend x WHERE x.classid = 'pg_catalog.pg_class'::regclass AND x.objid = c.oid AND x.deptype = 'e'
  )
), types AS (
  SELECT t.oid, t.typowner AS owner, t.typacl AS acl, quote_ident(n.nspname) || '.' || quote_ident(t.typname) AS name,
    CASE t.typtype WHEN 'd' THEN 'DOMAIN' ELSE 'TYPE' END AS word
  FROM pg_catalog.pg_type t JOIN namespaces n ON n.oid = t.typnamespace
  WHERE t.typtype IN ('e', 'd') AND NOT EXISTS (
    SELECT FROM pg_catalog.pg_depend x WHERE x.classid = 'pg_catalog.pg_type'::regclass AND x.objid = t.oid AND x.deptype = 'e'
  )
), routines AS (
  SELECT p.oid, p.proowner AS owner, p.proacl AS acl,
    quote_ident(n.nspname) || '.' || quote_ident(p.proname) || '(' || pg_get_function_identity_arguments(p.oid) || ')' AS name
  FROM pg_catalog.pg_proc p JOIN namespaces n ON n.oid = p.pronamespace
  WHERE NOT EXISTS (
    SELECT FROM pg_catalog.pg_depend x WHERE x.classid = 'pg_catalog.pg_proc'::regclass AND x.objid = p.oid AND x.deptype = 'e'
  )
), columns AS (
  SELECT r.oid, r.kind, r.name AS relation, a.attname::text AS name, a.attnum AS number, a.attacl AS acl, a.attoptions AS options,
    a.attstorage AS storage, a.atttypid AS type, coalesce(a.attstattarget, -1) AS target,
    coalesce(to_jsonb(a) ->> 'attcompression', '') AS compression,
    'column ' || CASE WHEN r.kind IN ('r', 'p') THEN r.oid || ' ' ELSE '' END || r.name || '.' || quote_ident(a.attname) AS object,
    r.oid || '.' || a.attnum AS id
  FROM relations r JOIN pg_catalog.pg_attribute a ON a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped AND NOT ${isHidden('a.attname')}
), triggers AS (
  SELECT t.oid, r.name AS relation, quote_ident(t.tgname) AS name, t.tgenabled AS state
  FROM relations r JOIN pg_catalog.pg_trigger t ON t.tgrelid = r.oid AND NOT t.tgisinternal
), constraints AS (
  SELECT c.oid, r.name AS relation, quote_ident(c.conname) AS name
  FROM relations r JOIN pg_catalog.pg_constraint c ON c.conrelid = r.oid
), statistics AS (
  SELECT s.oid, s.stxowner AS owner, s.stxrelid AS relation, quote_ident(n.nspname) || '.' || quote_ident(s.stxname) AS name,
    coalesce((to_jsonb(s) ->> 'stxstattarget')::integer, -1) AS target
  FROM pg_catalog.pg_statistic_ext s JOIN namespaces n ON n.oid = s.stxnamespace
), policies AS (
  SELECT p.oid, r.name AS relation, quote_ident(p.polname) AS name
  FROM relations r JOIN pg_catalog.pg_policy p ON p.polrelid = r.oid
)
SELECT object, id, what, slot, sql, undo, place FROM (
  SELECT 'relation ' || name AS object, oid::text AS id, 'exists' AS what, NULL AS slot, '' AS sql, NULL AS undo, 0 AS place
  FROM relations WHERE kind IN ('v', 'm', 'i', 'I')
  UNION ALL SELECT 'type ' || name, oid::text, 'exists', NULL, '', NULL, 0 FROM types
  UNION ALL SELECT 'routine ' || name, oid::text, 'exists', NULL, '', NULL, 0 FROM routines
  UNION ALL SELECT object, id, 'exists', NULL, '', NULL, 0 FROM columns
  UNION ALL SELECT 'trigger ' || name || ' on ' || relation, oid::text, 'exists', NULL, '', NULL, 0 FROM triggers
  UNION ALL SELECT 'constraint ' || name || ' on ' || relation, oid::text, 'exists', NULL, '', NULL, 0 FROM constraints
  UNION ALL SELECT 'policy ' || name || ' on ' || relation, oid::text, 'exists', NULL, '', NULL, 0 FROM policies
  UNION ALL SELECT 'statistics ' || name, oid::text, 'exists', NULL, '', NULL, 0 FROM statistics

  UNION ALL
  SELECT 'relation ' || name, oid::text, 'schema option', split_part(option, '=', 1),
    'ALTER ' || word || ' ' || name || ' SET (' || quote_ident(split_part(option, '=', 1)) || ' = ' || quote_literal(substr(option, strpos(option, '=') + 1)) || ')', NULL, 1
  FROM relations, unnest(options) AS option WHERE kind IN ('v', 'm', 'i')
  UNION ALL
  SELECT object, id, 'statistics', 'statistics', 'ALTER TABLE ' || relation || ' ALTER COLUMN ' || quote_ident(name) || ' SET STATISTICS ' || target, NULL, 1
  FROM columns WHERE target >= 0 AND kind IN ('r', 'p', 'm')
  UNION ALL
  SELECT object, id, 'statistics', 'statistics', 'ALTER INDEX ' || relation || ' ALTER COLUMN ' || number || ' SET STATISTICS ' || target, NULL, 1
  FROM columns WHERE target >= 0 AND kind IN ('i', 'I')
  UNION ALL
  SELECT object, id, 'option', split_part(option, '=', 1),
    'ALTER TABLE ' || relation || ' ALTER COLUMN ' || quote_ident(name) || ' SET (' || quote_ident(split_part(option, '=', 1)) || ' = ' || quote_literal(substr(option, strpos(option, '=') + 1)) || ')', NULL, 1
  FROM columns, unnest(options) AS option WHERE kind IN ('r', 'p', 'm')
  UNION ALL
  SELECT object, id, 'storage', 'storage',
    'ALTER TABLE ' || relation || ' ALTER COLUMN ' || quote_ident(name) || ' SET STORAGE ' ||
      CASE c.storage WHEN 'p' THEN 'PLAIN' WHEN 'e' THEN 'EXTERNAL' WHEN 'm' THEN 'MAIN' ELSE 'EXTENDED' END, NULL, 1
  FROM columns c JOIN pg_catalog.pg_type t ON t.oid = c.type AND t.typstorage <> c.storage WHERE kind IN ('r', 'p', 'm')
  UNION ALL
  SELECT object, id, 'compression', 'compression',
    'ALTER TABLE ' || relation || ' ALTER COLUMN ' || quote_ident(name) || ' SET COMPRESSION ' || CASE compression WHEN 'l' THEN 'lz4' ELSE 'pglz' END, NULL, 1
  FROM columns WHERE compression <> '' AND kind IN ('r', 'p', 'm')
  UNION ALL
  SELECT c.object, c.id, 'default', 'default',
    'ALTER VIEW ' || c.relation || ' ALTER COLUMN ' || quote_ident(c.name) || ' SET DEFAULT ' || pg_get_expr(d.adbin, d.adrelid), NULL, 1
  FROM columns c JOIN pg_catalog.pg_attrdef d ON d.adrelid = c.oid AND d.adnum = c.number WHERE c.kind = 'v'
  UNION ALL
  SELECT c.object, c.id, 'schema part', 'relation ' || i.name || E'\\n' || i.bare, pg_get_indexdef(i.oid), NULL, 2
  FROM columns c JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_class'::regclass AND d.deptype = 'a'
    AND d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjid = c.oid AND d.refobjsubid = c.number
  JOIN relations i ON i.oid = d.objid AND i.kind IN ('i', 'I')
  WHERE c.kind IN ('r', 'p') AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint k WHERE k.conindid = i.oid AND k.contype IN ('p', 'u', 'x'))
  UNION ALL
  SELECT c.object, c.id, 'schema part', 'constraint ' || quote_ident(k.conname) || ' on ' || c.relation || E'\\n' || k.conname,
    'ALTER TABLE ' || c.relation || ' ADD CONSTRAINT ' || quote_ident(k.conname) || ' ' || pg_get_constraintdef(k.oid), NULL, 2
  FROM columns c JOIN pg_catalog.pg_constraint k ON k.conrelid = c.oid AND c.number = ANY (k.conkey) AND k.contype IN ('c', 'f', 'p', 'u', 'x')
  WHERE c.kind IN ('r', 'p') AND k.conislocal
  UNION ALL
  SELECT 'relation ' || r.name, r.oid::text, 'schema part', 'relation ' || i.name || E'\\n' || i.bare, pg_get_indexdef(i.oid), NULL, 2
  FROM relations r JOIN pg_catalog.pg_index x ON x.indrelid = r.oid JOIN relations i ON i.oid = x.indexrelid WHERE r.kind = 'm'
  UNION ALL
  SELECT 'relation ' || r.name, r.oid::text, 'schema part', 'trigger ' || quote_ident(t.tgname) || ' on ' || r.name || E'\\n' || t.tgname, pg_get_triggerdef(t.oid), NULL, 2
  FROM relations r JOIN pg_catalog.pg_trigger t ON t.tgrelid = r.oid AND NOT t.tgisinternal WHERE r.kind = 'v'
  UNION ALL
  SELECT DISTINCT c.object, c.id, 'extended statistics', 'statistics ' || s.name, pg_get_statisticsobjdef(s.oid), NULL, 2
  FROM columns c JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_statistic_ext'::regclass
    AND d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjid = c.oid AND d.refobjsubid = c.number
  JOIN statistics s ON s.oid = d.objid
  UNION ALL
  SELECT 'statistics ' || name, oid::text, 'statistics', 'statistics', 'ALTER STATISTICS ' || name || ' SET STATISTICS ' || target, NULL, 2
  FROM statistics WHERE target >= 0
  UNION ALL
  SELECT 'relation ' || r.name, r.oid::text, 'rule', w.rulename, rtrim(pg_get_ruledef(w.oid), ';'), NULL, 2
  FROM relations r JOIN pg_catalog.pg_rewrite w ON w.ev_class = r.oid AND w.rulename <> '_RETURN' WHERE r.kind = 'v'
  UNION ALL
  SELECT 'relation ' || r.name, r.oid::text, 'cluster', 'cluster', 'ALTER TABLE ' || t.name || ' CLUSTER ON ' || quote_ident(c.relname), NULL, 2
  FROM relations r JOIN pg_catalog.pg_index i ON i.indexrelid = r.oid AND i.indisclustered
  JOIN relations t ON t.oid = i.indrelid JOIN pg_catalog.pg_class c ON c.oid = r.oid
  UNION ALL
  SELECT 'relation ' || r.name, r.oid::text, 'replica identity', 'replica identity',
    'ALTER TABLE ' || t.name || ' REPLICA IDENTITY USING INDEX ' || quote_ident(c.relname), NULL, 2
  FROM relations r JOIN pg_catalog.pg_index i ON i.indexrelid = r.oid AND i.indisreplident
  JOIN relations t ON t.oid = i.indrelid JOIN pg_catalog.pg_class c ON c.oid = r.oid
  UNION ALL
  SELECT 'trigger ' || name || ' on ' || relation, oid::text, 'state', 'state',
    'ALTER TABLE ' || relation || CASE state WHEN 'D' THEN ' DISABLE TRIGGER ' WHEN 'R' THEN ' ENABLE REPLICA TRIGGER ' ELSE ' ENABLE ALWAYS TRIGGER ' END || name, NULL, 2
  FROM triggers WHERE state <> 'O'

  UNION ALL
  SELECT 'relation ' || r.name, r.oid::text, ${rights('r.name', 'TABLE')}, 3
  FROM relations r, aclexplode(r.acl) g WHERE r.kind IN ('v', 'm') AND g.grantee <> r.owner
  UNION ALL
  SELECT c.object, c.id, ${rights('c.relation', 'TABLE', 'c.name')}, 3
  FROM columns c JOIN relations r ON r.oid = c.oid, aclexplode(c.acl) g WHERE g.grantee <> r.owner
  UNION ALL
  SELECT 'type ' || t.name, t.oid::text, ${rights('t.name', 'TYPE')}, 3
  FROM types t, aclexplode(coalesce(t.acl, acldefault('T', t.owner))) g WHERE g.grantee <> t.owner
  UNION ALL
  SELECT 'routine ' || p.name, p.oid::text, ${rights('p.name', 'ROUTINE')}, 3
  FROM routines p, aclexplode(coalesce(p.acl, acldefault('f', p.owner))) g WHERE g.grantee <> p.owner

  UNION ALL
  SELECT 'relation ' || r.name, r.oid::text, CASE r.word WHEN 'INDEX' THEN 'schema comment' ELSE 'comment' END, 'comment', 'COMMENT ON ' || r.word || ' ' || r.name || ' IS ' || quote_literal(d.description), NULL, 4
  FROM relations r ${comment('pg_class', 'r.oid')} WHERE r.kind IN ('v', 'm', 'i', 'I')
  UNION ALL
  SELECT c.object, c.id, CASE WHEN c.kind IN ('r', 'p') THEN 'column comment' ELSE 'comment' END, 'comment', 'COMMENT ON COLUMN ' || c.relation || '.' || quote_ident(c.name) || ' IS ' || quote_literal(d.description), NULL, 4
  FROM columns c ${comment('pg_class', 'c.oid', 'c.number')}
  UNION ALL
  SELECT 'type ' || t.name, t.oid::text, 'comment', 'comment', 'COMMENT ON ' || t.word || ' ' || t.name || ' IS ' || quote_literal(d.description), NULL, 4
  FROM types t ${comment('pg_type', 't.oid')}
  UNION ALL
  SELECT 'routine ' || p.name, p.oid::text, 'comment', 'comment', 'COMMENT ON ROUTINE ' || p.name || ' IS ' || quote_literal(d.description), NULL, 4
  FROM routines p ${comment('pg_proc', 'p.oid')}
  UNION ALL
  SELECT 'trigger ' || t.name || ' on ' || t.relation, t.oid::text, 'comment', 'comment', 'COMMENT ON TRIGGER ' || t.name || ' ON ' || t.relation || ' IS ' || quote_literal(d.description), NULL, 4
  FROM triggers t ${comment('pg_trigger', 't.oid')}
  UNION ALL
  SELECT 'constraint ' || c.name || ' on ' || c.relation, c.oid::text, 'comment', 'comment', 'COMMENT ON CONSTRAINT ' || c.name || ' ON ' || c.relation || ' IS ' || quote_literal(d.description), NULL, 4
  FROM constraints c ${comment('pg_constraint', 'c.oid')}
  UNION ALL
  SELECT 'policy ' || p.name || ' on ' || p.relation, p.oid::text, 'comment', 'comment', 'COMMENT ON POLICY ' || p.name || ' ON ' || p.relation || ' IS ' || quote_literal(d.description), NULL, 4
  FROM policies p ${comment('pg_policy', 'p.oid')}
  UNION ALL
  SELECT 'statistics ' || s.name, s.oid::text, 'comment', 'comment', 'COMMENT ON STATISTICS ' || s.name || ' IS ' || quote_literal(d.description), NULL, 4
  FROM statistics s ${comment('pg_statistic_ext', 's.oid')}

  UNION ALL
  SELECT 'relation ' || name, oid::text, 'owner', 'owner', 'ALTER ' || word || ' ' || name || ' OWNER TO ' || quote_ident(pg_get_userbyid(owner)), NULL, 5
  FROM relations WHERE kind IN ('v', 'm') AND ${owner('owner')}
  UNION ALL
  SELECT 'type ' || name, oid::text, 'owner', 'owner', 'ALTER ' || word || ' ' || name || ' OWNER TO ' || quote_ident(pg_get_userbyid(owner)), NULL, 5
  FROM types WHERE ${owner('owner')}
  UNION ALL
  SELECT 'routine ' || name, oid::text, 'owner', 'owner', 'ALTER ROUTINE ' || name || ' OWNER TO ' || quote_ident(pg_get_userbyid(owner)), NULL, 5
  FROM routines WHERE ${owner('owner')}
  UNION ALL
  SELECT 'statistics ' || name, oid::text, 'owner', 'owner', 'ALTER STATISTICS ' || name || ' OWNER TO ' || quote_ident(pg_get_userbyid(owner)), NULL, 5
  FROM statistics WHERE ${owner('owner')}
) AS properties`

/**
 * The statements that restore what recreated objects have lost, in order. An object is recreated if it is gone, and its
 * name belongs to an object that is new: what is only renamed keeps what it has. A property that the revision itself has
 * set is not changed, except rights: those that only the new object has (by default privileges, or as every new function
 * can be executed by everyone) are revoked.
 *
 * @param before a relation with the rows of {@link propertiesSql} before the change
 */
export function lostPropertiesSql(before: string): string {
  // Sets, because the planner knows nothing about the number of these rows, and would compare each with each.
  return `WITH before AS (SELECT * FROM ${before}), now AS (${propertiesSql}), existed AS (
  SELECT object, split_part(object, ' ', 1) AS kind, id FROM before WHERE what = 'exists'
), existing AS (
  SELECT object, split_part(object, ' ', 1) AS kind, id FROM now WHERE what = 'exists'
), gone AS (
  SELECT kind, id FROM existed EXCEPT SELECT kind, id FROM existing
), made AS (
  SELECT kind, id FROM existing EXCEPT SELECT kind, id FROM existed
), recreated AS (
  SELECT object FROM existed JOIN gone USING (kind, id) INTERSECT SELECT object FROM existing JOIN made USING (kind, id)
)
SELECT min(object) AS object, min(what) AS what, min(slot) AS slot, sql FROM (
  SELECT b.object, b.what, b.slot, b.sql, b.place FROM before b JOIN recreated r ON r.object = b.object
  WHERE b.what <> 'exists' AND NOT EXISTS (SELECT FROM now n WHERE n.object = b.object AND (n.sql = b.sql OR n.slot = b.slot))
    AND NOT (b.what IN ('schema part', 'extended statistics') AND split_part(b.slot, E'\\n', 1) IN (SELECT n.object FROM now n WHERE n.what = 'exists'))
  UNION ALL
  SELECT n.object, n.what, n.slot, n.undo, 0 FROM now n JOIN recreated r ON r.object = n.object
  WHERE n.what = 'right' AND NOT EXISTS (SELECT FROM before b WHERE b.object = n.object AND b.sql = n.sql)
) AS lost GROUP BY sql ORDER BY min(place), sql`
}
