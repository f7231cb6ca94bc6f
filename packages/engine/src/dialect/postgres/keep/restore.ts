import type { KeepingSession } from '../../roles/keeping'
import type { Queryable } from '../../queryable'
import { errorText } from '../errors'
import { quote } from '../names'
import { lackingProperties, type Property } from './definitions'
import type { Definition, DropDefinitions } from './dropped'
import { findTable } from './places'
import { advance } from './sequences'
import { printing } from './settings'

/**
 * Creates again what was dropped with something that was given back, and that the downgrade has not created: indexes, constraints,
 * triggers, policies, rules, statistics, views, functions, then rights, comments and parameters. What cannot be created is reported
 * with its SQL.
 */
export async function restore(session: KeepingSession, all: readonly DropDefinitions[]): Promise<void> {
  const { database, warn } = session
  const positions = all.flatMap((one) => one.positions ?? [])
  const owned = new Set<string>()
  for (const { owner, schema, name } of positions) {
    if (owner !== null && (await hasOwnSequence(database, owner)))
      owned.add(`${quote(schema)}.${quote(name)}`).add(`${schema}.${name}`)
  }
  let missing = await missingObjects(
    database,
    all.flatMap((one) => one.objects ?? []).filter(({ type, identity }) => type !== 'sequence' || !owned.has(identity)),
  )
  for (;;) {
    // One may need another one: a view of a view, a trigger and its function.
    const left: { readonly definition: Definition; readonly error: unknown }[] = []
    for (const definition of missing) {
      const error = await attempt(database, definition.sql)
      if (error !== undefined) left.push({ definition, error })
    }
    if (left.length === missing.length || left.length === 0) {
      for (const { definition, error } of left)
        warn(
          `${definition.type} ${definition.identity} was not created again: ${errorText(error)}. It was: ${definition.sql}`,
        )
      break
    }
    missing = left.map(({ definition }) => definition)
  }
  await restoreProperties(
    session,
    all.flatMap((one) => one.properties ?? []),
  )
  for (const position of positions) await advance(database, position)
}

async function restoreProperties({ database, warn }: KeepingSession, properties: readonly Property[]): Promise<void> {
  for (const { object, sql } of await lackingProperties(database, properties)) {
    const error = await attempt(database, sql)
    if (error !== undefined) warn(`${object} was given back without what it had: ${errorText(error)}. It was: ${sql}`)
  }
}

async function hasOwnSequence(
  database: Queryable,
  owner: { readonly schema: string; readonly table: string; readonly column: string },
): Promise<boolean> {
  const table = await findTable(database, { schema: owner.schema, name: owner.table })
  if (table === undefined) return false
  const rows = (await database.query(
    `SELECT 1 FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_class s ON s.oid = d.objid AND s.relkind = 'S'
     JOIN pg_catalog.pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
     WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.refclassid = 'pg_catalog.pg_class'::regclass AND d.deptype IN ('a', 'i')
       AND d.refobjid = $1::text::oid AND a.attname = $2`,
    [table.id, owner.column],
  )) as unknown[]
  return rows.length > 0
}

/** The error of a statement; the transaction can go on after it. */
async function attempt(database: Queryable, sql: string): Promise<unknown> {
  await database.query('SAVEPOINT aludel_keep')
  try {
    await database.query(sql)
    await database.query('RELEASE SAVEPOINT aludel_keep')
    return undefined
  } catch (error) {
    await database.query('ROLLBACK TO SAVEPOINT aludel_keep')
    await database.query('RELEASE SAVEPOINT aludel_keep')
    return error
  }
}

/** Objects of which there is neither one of the same name nor one that does the same under another name. */
async function missingObjects(database: Queryable, definitions: readonly Definition[]): Promise<readonly Definition[]> {
  if (definitions.length === 0) return []
  const rows = (await printing(database, () => database.query(existingSql))) as Pick<Definition, 'type' | 'identity'>[]
  const alike = (await printing(database, () => database.query(alikeSql))) as { readonly sql: string }[]
  const names = new Set(rows.map(({ type, identity }) => `${type} ${identity}`))
  const texts = new Set(alike.map(({ sql }) => withoutName(sql)))
  return definitions.filter(
    ({ type, identity, sql }) => !names.has(`${type} ${identity}`) && !texts.has(withoutName(sql)),
  )
}

const own = `(SELECT n.oid FROM pg_catalog.pg_namespace n WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema')`

const existingSql = `
SELECT i.type, i.identity FROM (
  SELECT 'pg_catalog.pg_class'::regclass AS class, c.oid AS id, 0 AS sub FROM pg_catalog.pg_class c WHERE c.relnamespace IN ${own} AND c.relkind IN ('r', 'p', 'v', 'm', 'S', 'i', 'I')
  UNION ALL
  SELECT 'pg_catalog.pg_class'::regclass, a.attrelid, a.attnum FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
  WHERE c.relnamespace IN ${own} AND c.relkind IN ('r', 'p') AND a.attgenerated <> '' AND NOT a.attisdropped
  UNION ALL
  SELECT 'pg_catalog.pg_attrdef'::regclass, d.oid, 0 FROM pg_catalog.pg_attrdef d JOIN pg_catalog.pg_class c ON c.oid = d.adrelid WHERE c.relnamespace IN ${own}
  UNION ALL
  SELECT 'pg_catalog.pg_constraint'::regclass, k.oid, 0 FROM pg_catalog.pg_constraint k WHERE k.connamespace IN ${own} AND k.conrelid <> 0
  UNION ALL
  SELECT 'pg_catalog.pg_policy'::regclass, p.oid, 0 FROM pg_catalog.pg_policy p
  UNION ALL
  SELECT 'pg_catalog.pg_proc'::regclass, p.oid, 0 FROM pg_catalog.pg_proc p WHERE p.pronamespace IN ${own}
  UNION ALL
  SELECT 'pg_catalog.pg_publication_rel'::regclass, p.oid, 0 FROM pg_catalog.pg_publication_rel p
  UNION ALL
  SELECT 'pg_catalog.pg_rewrite'::regclass, w.oid, 0 FROM pg_catalog.pg_rewrite w JOIN pg_catalog.pg_class c ON c.oid = w.ev_class WHERE c.relnamespace IN ${own} AND w.rulename <> '_RETURN'
  UNION ALL
  SELECT 'pg_catalog.pg_statistic_ext'::regclass, s.oid, 0 FROM pg_catalog.pg_statistic_ext s WHERE s.stxnamespace IN ${own}
  UNION ALL
  SELECT 'pg_catalog.pg_trigger'::regclass, t.oid, 0 FROM pg_catalog.pg_trigger t JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid WHERE c.relnamespace IN ${own} AND NOT t.tgisinternal
) AS o, pg_identify_object(o.class, o.id, o.sub) AS i`

/** Definitions of indexes and constraints that exist. */
const alikeSql = `
SELECT replace(pg_get_indexdef(x.indexrelid), ' ON ONLY ', ' ON ') AS sql FROM pg_catalog.pg_index x JOIN pg_catalog.pg_class c ON c.oid = x.indexrelid WHERE c.relnamespace IN ${own}
UNION ALL
SELECT format('ALTER TABLE %s ADD CONSTRAINT %I %s', k.conrelid::regclass, k.conname, pg_get_constraintdef(k.oid))
FROM pg_catalog.pg_constraint k WHERE k.connamespace IN ${own} AND k.conrelid <> 0`

const name = String.raw`(?:"(?:[^"]|"")+"|[\w$]+)`
const namedIndex = new RegExp(String.raw`^(CREATE (?:UNIQUE )?INDEX )${name}( ON )`, 'u')
const namedConstraint = new RegExp(
  String.raw`^(ALTER TABLE .*? ADD CONSTRAINT )${name}( (?:PRIMARY|UNIQUE|FOREIGN|CHECK|EXCLUDE))`,
  'su',
)

/** A definition of an index or a constraint without its name. */
function withoutName(sql: string): string {
  return sql.replace(namedIndex, '$1$2').replace(namedConstraint, '$1$2')
}
