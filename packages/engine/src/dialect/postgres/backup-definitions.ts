import type { Queryable } from '../queryable'
import type { TablePath } from '../roles/backup'
import { pathOf } from './backup-catalog'
import { text } from './literal'

/** `definitions.json` in the folder of a copy of tables. Names and types in it are complete: they need no search path. */
export interface Definitions {
  readonly format: 1
  /** The encoding of the files with rows, as in `COPY … (ENCODING …)`. */
  readonly encoding: string
  readonly tables: readonly CopiedDefinition[]
}

/** A table, and the file with its rows in the text format of COPY. */
export interface CopiedDefinition extends TableDefinition {
  readonly file: string
  readonly rows: number
}

export interface TableDefinition {
  readonly schema: string
  readonly name: string
  /** The rows of a partitioned table are in its own file, and its partitions in `partitions`. */
  readonly kind: 'table' | 'partitioned'
  /** Columns whose values were copied, in the order of the file: all but generated ones. */
  readonly copied: readonly string[]
  readonly isUnlogged: boolean
  readonly owner: string
  readonly comment: string | null
  /** Entries like `role=arwd/owner`; null: the default rights. */
  readonly acl: readonly string[] | null
  /** Storage parameters: `fillfactor=70`. */
  readonly options: readonly string[] | null
  readonly rowSecurity: 'off' | 'on' | 'forced'
  /** `LIST (region)`; null unless partitioned. */
  readonly partitionKey: string | null
  /** Parents, as quoted paths, parents of a partition included. */
  readonly inherits: readonly string[]
  /** Of a table that is a partition: `FOR VALUES IN ('eu')`. */
  readonly partitionBound: string | null
  readonly partitions: readonly {
    readonly path: string
    readonly parent: string
    readonly bound: string
    /** Of one that is partitioned itself. */
    readonly partitionKey: string | null
  }[]
  readonly columns: readonly {
    readonly name: string
    readonly type: string
    /** A quoted path; null: that of the type. */
    readonly collation: string | null
    readonly notNull: boolean
    readonly default: string | null
    readonly generated: 'stored' | 'virtual' | null
    readonly identity: 'always' | 'by default' | null
    readonly comment: string | null
  }[]
  readonly constraints: readonly { readonly name: string; readonly definition: string }[]
  /** Without those of constraints. */
  readonly indexes: readonly { readonly name: string; readonly definition: string }[]
  readonly triggers: readonly { readonly name: string; readonly definition: string }[]
  readonly policies: readonly { readonly name: string; readonly definition: string }[]
  /** Foreign keys of other tables that lead here, which go with this table. */
  readonly referencedBy: readonly { readonly table: string; readonly name: string; readonly definition: string }[]
  /** The enums of its columns. */
  readonly enums: readonly { readonly path: string; readonly values: readonly string[] }[]
  /** Sequences of its columns, with what they have given last. */
  readonly sequences: readonly {
    readonly path: string
    readonly column: string
    readonly lastValue: string | null
  }[]
}

/** The quoted path of a class, as SQL: always quoted, as `pathOf` writes it. */
const path = (oid: string): string =>
  `(SELECT '"' || replace(pn.nspname, '"', '""') || '"."' || replace(pc.relname, '"', '""') || '"'
    FROM pg_catalog.pg_class pc JOIN pg_catalog.pg_namespace pn ON pn.oid = pc.relnamespace WHERE pc.oid = ${oid})`

/**
 * The definitions of tables, in the order of `tables`. Call it with an empty search path, so that the server writes complete names.
 */
export async function readDefinitions(
  database: Queryable,
  tables: readonly TablePath[],
): Promise<readonly TableDefinition[]> {
  const definitions: TableDefinition[] = []
  for (const table of tables) definitions.push(await readDefinition(database, table))
  return definitions
}

async function readDefinition(database: Queryable, table: TablePath): Promise<TableDefinition> {
  const [row] = (await database.query(definitionOf(`${text(pathOf(table))}::regclass`))) as {
    definition: TableDefinition
  }[]
  if (row === undefined) throw new Error(`the server does not describe ${pathOf(table)}`)
  return row.definition
}

/** A query with one JSON document; `oid` is an expression for the table. */
function definitionOf(oid: string): string {
  const properties: Readonly<Record<keyof TableDefinition, string>> = {
    schema: 'n.nspname',
    name: 'c.relname',
    kind: `CASE c.relkind WHEN 'p' THEN 'partitioned' ELSE 'table' END`,
    copied: `(SELECT coalesce(json_agg(a.attname ORDER BY a.attnum), '[]') FROM pg_catalog.pg_attribute a
       WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '')`,
    isUnlogged: `c.relpersistence = 'u'`,
    owner: 'pg_get_userbyid(c.relowner)',
    comment: `obj_description(c.oid, 'pg_class')`,
    acl: 'c.relacl::text[]',
    options: 'c.reloptions',
    rowSecurity: `CASE WHEN c.relforcerowsecurity THEN 'forced' WHEN c.relrowsecurity THEN 'on' ELSE 'off' END`,
    partitionKey: `CASE c.relkind WHEN 'p' THEN pg_get_partkeydef(c.oid) END`,
    inherits: `(SELECT coalesce(json_agg(${path('i.inhparent')} ORDER BY i.inhseqno), '[]') FROM pg_catalog.pg_inherits i WHERE i.inhrelid = c.oid)`,
    partitionBound: 'pg_get_expr(c.relpartbound, c.oid)',
    partitions: `(SELECT coalesce(json_agg(json_build_object('path', ${path('p.relid')}, 'parent', ${path('p.parentrelid')},
         'bound', pg_get_expr(pp.relpartbound, pp.oid), 'partitionKey', CASE pp.relkind WHEN 'p' THEN pg_get_partkeydef(pp.oid) END)
         ORDER BY p.level, p.relid), '[]')
       FROM pg_partition_tree(CASE c.relkind WHEN 'p' THEN c.oid END) p JOIN pg_catalog.pg_class pp ON pp.oid = p.relid WHERE p.level > 0)`,
    columns: `(SELECT coalesce(json_agg(json_build_object('name', a.attname, 'type', format_type(a.atttypid, a.atttypmod),
         'collation', (SELECT format('%I.%I', cn.nspname, co.collname) FROM pg_catalog.pg_collation co
           JOIN pg_catalog.pg_namespace cn ON cn.oid = co.collnamespace JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
           WHERE co.oid = a.attcollation AND a.attcollation <> t.typcollation),
         'notNull', a.attnotnull, 'default', pg_get_expr(d.adbin, d.adrelid),
         'generated', CASE a.attgenerated WHEN 's' THEN 'stored' WHEN 'v' THEN 'virtual' END,
         'identity', CASE a.attidentity WHEN 'a' THEN 'always' WHEN 'd' THEN 'by default' END,
         'comment', col_description(a.attrelid, a.attnum)) ORDER BY a.attnum), '[]')
       FROM pg_catalog.pg_attribute a LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
       WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped)`,
    // Not-null constraints, which have rows of their own since PostgreSQL 18, are properties of the columns here.
    constraints: `(SELECT coalesce(json_agg(json_build_object('name', k.conname, 'definition', pg_get_constraintdef(k.oid))
         ORDER BY k.contype = 'f', k.contype <> 'p', k.conname), '[]')
       FROM pg_catalog.pg_constraint k
       WHERE k.conrelid = c.oid AND k.contype IN ('p', 'u', 'c', 'f', 'x') AND k.conparentid = 0)`,
    indexes: `(SELECT coalesce(json_agg(json_build_object('name', ic.relname, 'definition', pg_get_indexdef(i.indexrelid)) ORDER BY ic.relname), '[]')
       FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class ic ON ic.oid = i.indexrelid
       WHERE i.indrelid = c.oid AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint k WHERE k.conindid = i.indexrelid AND k.contype IN ('p', 'u', 'x')))`,
    triggers: `(SELECT coalesce(json_agg(json_build_object('name', t.tgname, 'definition', pg_get_triggerdef(t.oid)) ORDER BY t.tgname), '[]')
       FROM pg_catalog.pg_trigger t WHERE t.tgrelid = c.oid AND NOT t.tgisinternal)`,
    policies: `(SELECT coalesce(json_agg(json_build_object('name', p.polname, 'definition',
         format('CREATE POLICY %I ON %s AS %s FOR %s TO %s', p.polname, ${path('c.oid')},
           CASE WHEN p.polpermissive THEN 'PERMISSIVE' ELSE 'RESTRICTIVE' END,
           CASE p.polcmd WHEN 'r' THEN 'SELECT' WHEN 'a' THEN 'INSERT' WHEN 'w' THEN 'UPDATE' WHEN 'd' THEN 'DELETE' ELSE 'ALL' END,
           coalesce((SELECT string_agg(quote_ident(r.rolname), ', ' ORDER BY r.rolname) FROM pg_catalog.pg_roles r WHERE r.oid = ANY (p.polroles)), 'PUBLIC'))
         || coalesce(format(' USING (%s)', pg_get_expr(p.polqual, p.polrelid)), '')
         || coalesce(format(' WITH CHECK (%s)', pg_get_expr(p.polwithcheck, p.polrelid)), '')) ORDER BY p.polname), '[]')
       FROM pg_catalog.pg_policy p WHERE p.polrelid = c.oid)`,
    referencedBy: `(SELECT coalesce(json_agg(json_build_object('table', ${path('k.conrelid')}, 'name', k.conname, 'definition', pg_get_constraintdef(k.oid)) ORDER BY k.conname), '[]')
       FROM pg_catalog.pg_constraint k WHERE k.confrelid = c.oid AND k.conrelid <> c.oid AND k.contype = 'f' AND k.conparentid = 0)`,
    enums: `(SELECT coalesce(json_agg(json_build_object('path', format('%I.%I', tn.nspname, t.typname), 'values',
         (SELECT json_agg(e.enumlabel ORDER BY e.enumsortorder) FROM pg_catalog.pg_enum e WHERE e.enumtypid = t.oid)) ORDER BY t.oid), '[]')
       FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace tn ON tn.oid = t.typnamespace
       WHERE t.typtype = 'e' AND t.oid IN (SELECT coalesce(nullif(b.typelem, 0), b.oid) FROM pg_catalog.pg_attribute a
         JOIN pg_catalog.pg_type b ON b.oid = a.atttypid WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped))`,
    sequences: `(SELECT coalesce(json_agg(json_build_object('path', ${path('s.objid')}, 'column', a.attname,
         'lastValue', (SELECT q.last_value::text FROM pg_catalog.pg_sequences q JOIN pg_catalog.pg_class sc ON sc.relname = q.sequencename
           JOIN pg_catalog.pg_namespace sn ON sn.oid = sc.relnamespace AND sn.nspname = q.schemaname WHERE sc.oid = s.objid)) ORDER BY a.attnum), '[]')
       FROM pg_catalog.pg_depend s JOIN pg_catalog.pg_class sq ON sq.oid = s.objid AND sq.relkind = 'S'
         JOIN pg_catalog.pg_attribute a ON a.attrelid = s.refobjid AND a.attnum = s.refobjsubid
       WHERE s.classid = 'pg_catalog.pg_class'::regclass AND s.refclassid = 'pg_catalog.pg_class'::regclass
         AND s.refobjid = c.oid AND s.deptype IN ('a', 'i'))`,
  }
  const pairs = Object.entries(properties).map(([name, sql]) => `'${name}', ${sql}`)
  return `SELECT json_build_object(${pairs.join(',\n ')}) AS definition
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = ${oid}`
}
