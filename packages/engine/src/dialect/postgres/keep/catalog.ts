import type { Queryable } from '../../queryable'
import { isHidden } from './names'

/** The catalogs whose objects a statement may drop, and which this tool can describe. */
export type CatalogName =
  | 'pg_class'
  | 'pg_attribute'
  | 'pg_attrdef'
  | 'pg_constraint'
  | 'pg_policy'
  | 'pg_proc'
  | 'pg_publication_rel'
  | 'pg_rewrite'
  | 'pg_statistic_ext'
  | 'pg_trigger'
  | 'pg_type'

/** An object as the catalog identifies it: `[catalog, oid, number of the column]`; the number is 0 for anything else. */
export interface ObjectId {
  readonly catalog: CatalogName
  readonly id: string
  readonly sub: number
}

/** Conditions that leave out what belongs to the system, to temporary tables and to parts of other objects. */
const own = `pg_catalog.pg_namespace n WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'`
const relations = `SELECT c.oid, c.relkind FROM pg_catalog.pg_class c WHERE c.relnamespace IN (SELECT n.oid FROM ${own})`

const idLists: Readonly<Record<CatalogName, string>> = {
  pg_class: `SELECT r.oid::text FROM relations r WHERE r.relkind IN ('r', 'p', 'v', 'm', 'S', 'i', 'I', 'f')`,
  pg_attribute: `SELECT a.attrelid || '.' || a.attnum FROM pg_catalog.pg_attribute a JOIN relations r ON r.oid = a.attrelid AND r.relkind IN ('r', 'p')
    WHERE a.attnum > 0 AND NOT a.attisdropped`,
  pg_attrdef: `SELECT d.oid::text FROM pg_catalog.pg_attrdef d JOIN relations r ON r.oid = d.adrelid`,
  pg_constraint: `SELECT k.oid::text FROM pg_catalog.pg_constraint k JOIN relations r ON r.oid = k.conrelid WHERE k.contype IN ('c', 'f', 'p', 'u', 'x') AND NOT ${isHidden('k.conname')}`,
  pg_policy: `SELECT p.oid::text FROM pg_catalog.pg_policy p JOIN relations r ON r.oid = p.polrelid`,
  pg_proc: `SELECT p.oid::text FROM pg_catalog.pg_proc p WHERE p.pronamespace IN (SELECT n.oid FROM ${own})`,
  pg_publication_rel: `SELECT p.oid::text FROM pg_catalog.pg_publication_rel p JOIN relations r ON r.oid = p.prrelid`,
  pg_rewrite: `SELECT w.oid::text FROM pg_catalog.pg_rewrite w JOIN relations r ON r.oid = w.ev_class WHERE w.rulename <> '_RETURN'`,
  pg_statistic_ext: `SELECT s.oid::text FROM pg_catalog.pg_statistic_ext s JOIN relations r ON r.oid = s.stxrelid`,
  pg_trigger: `SELECT t.oid::text FROM pg_catalog.pg_trigger t JOIN relations r ON r.oid = t.tgrelid WHERE NOT t.tgisinternal`,
  pg_type: `SELECT t.oid::text FROM pg_catalog.pg_type t LEFT JOIN pg_catalog.pg_class c ON c.oid = t.typrelid
    WHERE t.typnamespace IN (SELECT n.oid FROM ${own}) AND (t.typtype IN ('e', 'd', 'r') OR (t.typtype = 'b' AND t.typelem = 0) OR c.relkind = 'c')`,
}

const catalogs = Object.keys(idLists) as CatalogName[]

const idsSql = `WITH relations AS MATERIALIZED (${relations})
SELECT ${catalogs.map((name) => `(SELECT coalesce(string_agg(l.id, ' '), '') FROM (${idLists[name]}) AS l (id)) AS ${name}`).join(',\n  ')}`

/** All objects that exist. */
export type ObjectIds = Readonly<Record<CatalogName, ReadonlySet<string>>>

export async function readIds(database: Queryable): Promise<ObjectIds> {
  const [row = {}] = (await database.query(idsSql)) as Readonly<Partial<Record<CatalogName, string>>>[]
  const setOf = (name: CatalogName): ReadonlySet<string> =>
    new Set((row[name] ?? '').split(' ').filter((id) => id !== ''))
  return Object.fromEntries(catalogs.map((name) => [name, setOf(name)])) as Record<CatalogName, ReadonlySet<string>>
}

/** The objects that exist in one reading and not in the other. */
export function missingFrom(before: ObjectIds, after: ObjectIds): readonly ObjectId[] {
  return catalogs.flatMap((catalog) =>
    [...before[catalog]]
      .filter((id) => !after[catalog].has(id))
      .map((text) => {
        const [id = '', sub = '0'] = text.split('.')
        return { catalog, id, sub: Number(sub) }
      }),
  )
}

/** What statements would do. */
export type Trial =
  { readonly isDone: true; readonly gone: readonly ObjectId[] } | { readonly isDone: false; readonly error: unknown }

/**
 * What would be gone after statements, which are then undone. Locks that they take stay until the end of the transaction of the
 * savepoint before: those of a rolled back savepoint are released, so the caller executes the same statements soon.
 *
 * @returns the error of the database if a statement fails
 */
export async function tryOut(database: Queryable, statements: readonly string[]): Promise<Trial> {
  const before = await readIds(database)
  await database.query('SAVEPOINT aludel_keep')
  try {
    for (const sql of statements) await database.query(sql)
    const after = await readIds(database)
    return { isDone: true, gone: missingFrom(before, after) }
  } catch (error) {
    return { isDone: false, error }
  } finally {
    await database.query('ROLLBACK TO SAVEPOINT aludel_keep')
    await database.query('RELEASE SAVEPOINT aludel_keep')
  }
}
