import type { Queryable } from '../queryable'
import type { RebuildWatch, StatementWatch } from '../roles/running'
import { literal } from './literal'

const dropView = /^\s*DROP\s+(?:MATERIALIZED\s+)?VIEW\s+(?:IF\s+EXISTS\s+)?(.*?)\s*(?:CASCADE|RESTRICT)?\s*;?\s*$/is

/**
 * Stands by while a run drops views and makes them again, because something that they read changes: who may read them, who
 * owns them and the comments on them go with the old view, no revision knows them, and they are put back on the new one.
 *
 * @param warn called with what could not be put back
 */
export function watchViews(warn: (message: string) => void): RebuildWatch {
  return { step: (database) => new ViewWatch(database, warn) }
}

/** What belongs to a view, and the statement that gives it to another one of the name. */
interface Belonging {
  readonly what: 'right' | 'comment' | 'owner'
  readonly sql: string
  /** A column that the new view must have, for what is about one. */
  readonly column: string | null
}

class ViewWatch implements StatementWatch {
  readonly #dropped = new Map<string, readonly Belonging[]>()

  constructor(
    readonly database: Queryable,
    readonly warn: (message: string) => void,
  ) {}

  before(sql: string): Promise<void> | undefined {
    const view = dropView.exec(sql)?.[1]
    // A view that is dropped twice has its own from the first time.
    return view === undefined || view.includes(',') || this.#dropped.has(view) ? undefined : this.#remember(view)
  }

  async finish(): Promise<void> {
    for (const [view, belongings] of this.#dropped) {
      const columns = await this.#columnsOf(view)
      if (columns !== null) await this.#putBack(view, columns, belongings)
    }
    this.#dropped.clear()
  }

  async #remember(view: string): Promise<void> {
    const belongings = await this.#belongingsOf(view)
    if (belongings.length > 0) this.#dropped.set(view, belongings)
  }

  async #putBack(view: string, columns: ReadonlySet<string>, belongings: readonly Belonging[]): Promise<void> {
    const now = await this.#belongingsOf(view)
    const missing = belongings.filter(({ what, sql, column }) => {
      if (column !== null && !columns.has(column)) return false
      // What the revision itself says of it is newer.
      if (what === 'comment' && now.some((other) => other.what === what && other.column === column)) return false
      return now.every((other) => other.sql !== sql)
    })
    if (missing.length === 0) return
    // A right that the role of the run may not give is no reason to stop; an error that is not caught would end the transaction.
    for (const { sql } of missing) {
      const ignored = 'insufficient_privilege OR undefined_object OR wrong_object_type'
      await this.database.query(`DO ${literal(`BEGIN ${sql}; EXCEPTION WHEN ${ignored} THEN NULL; END`)}`)
    }
    const after = await this.#belongingsOf(view)
    for (const { sql } of missing) {
      if (after.some((other) => other.sql === sql)) continue
      this.warn(`view ${view} was made anew, and this role may not give it back what it had: ${sql}`)
    }
  }

  async #belongingsOf(view: string): Promise<readonly Belonging[]> {
    return (await this.database.query(belongingsOf(view))) as Belonging[]
  }

  /** Null when there is no view of that name any more. */
  async #columnsOf(view: string): Promise<ReadonlySet<string> | null> {
    const rows = (await this.database.query(
      `SELECT a.attname AS name FROM pg_catalog.pg_class c JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 ` +
        `WHERE c.oid = pg_catalog.to_regclass(${literal(view)}) AND c.relkind IN ('v', 'm')`,
    )) as { name: string }[]
    return rows.length === 0 ? null : new Set(rows.map(({ name }) => name))
  }
}

/** One row for each, the owner last: nobody else may grant. */
function belongingsOf(view: string): string {
  const name = literal(view)
  const grantee = `CASE WHEN g.grantee = 0 THEN 'PUBLIC' ELSE pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(g.grantee)) END`
  const option = `CASE WHEN g.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END`
  const kind = `CASE v.relkind WHEN 'm' THEN 'MATERIALIZED VIEW' ELSE 'VIEW' END`
  return `WITH v AS (
  SELECT oid, relkind, relowner, relacl FROM pg_catalog.pg_class
  WHERE oid = pg_catalog.to_regclass(${name}) AND relkind IN ('v', 'm')
)
SELECT what, sql, "column" FROM (
  SELECT 1 AS place, 'right' AS what, pg_catalog.format('GRANT %s ON %s TO %s%s', g.privilege_type, ${name}, ${grantee}, ${option}) AS sql, NULL AS "column"
  FROM v, pg_catalog.aclexplode(v.relacl) g WHERE g.grantee <> v.relowner
  UNION ALL
  SELECT 1, 'right', pg_catalog.format('GRANT %s (%I) ON %s TO %s%s', g.privilege_type, a.attname, ${name}, ${grantee}, ${option}), a.attname
  FROM v JOIN pg_catalog.pg_attribute a ON a.attrelid = v.oid, pg_catalog.aclexplode(a.attacl) g WHERE g.grantee <> v.relowner
  UNION ALL
  SELECT 2, 'comment', pg_catalog.format('COMMENT ON %s %s IS %L', ${kind}, ${name}, d.description), NULL
  FROM v JOIN pg_catalog.pg_description d ON d.objoid = v.oid AND d.classoid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objsubid = 0
  UNION ALL
  SELECT 2, 'comment', pg_catalog.format('COMMENT ON COLUMN %s.%I IS %L', ${name}, a.attname, d.description), a.attname
  FROM v JOIN pg_catalog.pg_attribute a ON a.attrelid = v.oid
  JOIN pg_catalog.pg_description d ON d.objoid = v.oid AND d.classoid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objsubid = a.attnum
  UNION ALL
  SELECT 3, 'owner', pg_catalog.format('ALTER %s %s OWNER TO %I', ${kind}, ${name}, pg_catalog.pg_get_userbyid(v.relowner)), NULL
  FROM v WHERE pg_catalog.pg_get_userbyid(v.relowner) <> current_user
) AS belongings ORDER BY place`
}
