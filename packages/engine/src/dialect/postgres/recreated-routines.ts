import { StatementReader, type WrittenName } from '../../sql/reader'
import type { Queryable } from '../queryable'
import type { RebuildWatch, StatementWatch } from '../roles/running'
import { literal } from './literal'

/**
 * Watches a run that drops functions and procedures and creates them again because a type or column changes. Rights, owner
 * and comment are lost with the old one, and no revision knows them, so the watch restores them on the new one.
 *
 * @param warn called for everything that could not be restored
 */
export function watchRoutines(warn: (message: string) => void): RebuildWatch {
  return { step: (database) => new RoutineWatch(database, warn) }
}

interface Dropped {
  readonly name: WrittenName
  /** As `oidvectortypes` prints them, and the revisions that this tool writes. */
  readonly arguments: string
}

/** A right, the comment or the owner of a routine, and the statement that restores it. */
interface RoutineProperty {
  readonly what: 'right' | 'comment' | 'owner'
  readonly sql: string
  /** The routine in messages: `rank(mood)`. */
  readonly routine: string
}

class RoutineWatch implements StatementWatch {
  readonly #dropped = new Map<string, { readonly routine: Dropped; readonly properties: readonly RoutineProperty[] }>()

  constructor(
    readonly database: Queryable,
    readonly warn: (message: string) => void,
  ) {}

  before(sql: string): Promise<void> | undefined {
    const routine = droppedRoutine(sql)
    // A routine that is dropped twice keeps the properties from the first time.
    return routine === undefined || this.#dropped.has(JSON.stringify(routine)) ? undefined : this.#remember(routine)
  }

  async finish(): Promise<void> {
    for (const { routine, properties } of this.#dropped.values()) {
      if (await this.#exists(routine)) await this.#restore(routine, properties)
    }
    this.#dropped.clear()
  }

  async #remember(routine: Dropped): Promise<void> {
    const properties = await this.#propertiesOf(routine)
    if (properties.length > 0) this.#dropped.set(JSON.stringify(routine), { routine, properties })
  }

  async #restore(routine: Dropped, properties: readonly RoutineProperty[]): Promise<void> {
    const now = await this.#propertiesOf(routine)
    const missing = properties.filter(
      // A comment set by the revision itself is newer.
      ({ what, sql }) => now.every((other) => other.sql !== sql && (what !== 'comment' || other.what !== what)),
    )
    // A right that this role may not grant must not stop the run, and an uncaught error would abort the transaction.
    for (const { sql } of missing) {
      const ignored = 'insufficient_privilege OR undefined_object OR undefined_function'
      await this.database.query(`DO ${literal(`BEGIN ${sql}; EXCEPTION WHEN ${ignored} THEN NULL; END`)}`)
    }
    if (missing.length === 0) return
    const after = await this.#propertiesOf(routine)
    for (const { sql, routine: name } of missing) {
      if (after.some((other) => other.sql === sql)) continue
      this.warn(`function ${name} was recreated, and this role may not restore: ${sql}`)
    }
  }

  async #exists(routine: Dropped): Promise<boolean> {
    const rows = (await this.database.query(`SELECT ${routineSql(routine)}`)) as unknown[]
    return rows.length > 0
  }

  async #propertiesOf(routine: Dropped): Promise<readonly RoutineProperty[]> {
    return (await this.database.query(propertiesOf(routine))) as RoutineProperty[]
  }
}

/** The routine of a DROP of one routine with its argument types. */
function droppedRoutine(sql: string): Dropped | undefined {
  const reader = new StatementReader(sql, 'postgres')
  if (!reader.accept('DROP') || reader.oneOf('FUNCTION', 'PROCEDURE') === undefined) return undefined
  reader.accept('IF', 'EXISTS')
  const name = reader.name()
  const types = /^[^(]*\(([^()]*)\)\s*(?:CASCADE|RESTRICT)?\s*;?\s*$/i.exec(sql)?.[1]
  return name === undefined || types === undefined ? undefined : { name, arguments: types.trim() }
}

/** The columns and conditions of a query for the routine. Compares texts, so that nothing in them can be an error. */
function routineSql({ name: { schema, name }, arguments: types }: Dropped): string {
  const place = schema === undefined ? 'pg_catalog.pg_function_is_visible(p.oid)' : `n.nspname = ${literal(schema)}`
  return `p.oid, p.prokind, p.proowner, p.proacl, p.oid::pg_catalog.regprocedure::text AS signature
  FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
  WHERE p.proname = ${literal(name)} AND ${place} AND pg_catalog.oidvectortypes(p.proargtypes) = ${literal(types)}`
}

/** One row for each property. The owner is last: after that, this role may no longer grant. */
function propertiesOf(routine: Dropped): string {
  const grantee = `CASE WHEN g.grantee = 0 THEN 'PUBLIC' ELSE pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(g.grantee)) END`
  const option = `CASE WHEN g.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END`
  return `WITH p AS (SELECT ${routineSql(routine)}),
r AS (SELECT *, CASE prokind WHEN 'p' THEN 'PROCEDURE ' ELSE 'FUNCTION ' END || signature AS name FROM p)
SELECT what, sql, signature AS routine FROM (
  -- Everybody may execute a new routine.
  SELECT 1 AS place, 'right' AS what, pg_catalog.format('REVOKE ALL ON %s FROM PUBLIC', name) AS sql, signature
  FROM r WHERE proacl IS NOT NULL AND NOT EXISTS (SELECT FROM pg_catalog.aclexplode(proacl) g WHERE g.grantee = 0)
  UNION ALL
  SELECT 2, 'right', pg_catalog.format('GRANT %s ON %s TO %s%s', g.privilege_type, name, ${grantee}, ${option}), signature
  FROM r, pg_catalog.aclexplode(r.proacl) g WHERE g.grantee NOT IN (0, r.proowner)
  UNION ALL
  SELECT 3, 'comment', pg_catalog.format('COMMENT ON %s IS %L', name, d.description), signature
  FROM r JOIN pg_catalog.pg_description d ON d.objoid = r.oid AND d.classoid = 'pg_catalog.pg_proc'::pg_catalog.regclass
  UNION ALL
  SELECT 4, 'owner', pg_catalog.format('ALTER %s OWNER TO %I', name, pg_catalog.pg_get_userbyid(r.proowner)), signature
  FROM r WHERE pg_catalog.pg_get_userbyid(r.proowner) <> current_user
) AS properties ORDER BY place`
}
