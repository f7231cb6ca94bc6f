import type { Queryable } from '../queryable'
import type { RebuildWatch, StatementWatch } from '../roles/running'
import { literal } from './literal'

const dropView = /^\s*DROP\s+(?:MATERIALIZED\s+)?VIEW\s+(?:IF\s+EXISTS\s+)?(.*?)\s*(?:CASCADE|RESTRICT)?\s*;?\s*$/is

/**
 * Watches a run that drops views and creates them again because an object that they read changes. The rights, owner and
 * comments of a view are lost with the old one, and no revision knows them, so the watch restores them on the new view.
 *
 * @param warn called for everything that could not be restored
 */
export function watchViews(warn: (message: string) => void): RebuildWatch {
  return { step: (database) => new ViewWatch(database, warn) }
}

/** A right, a comment or the owner of a view, and the statement that restores it. */
interface ViewProperty {
  readonly what: 'right' | 'comment' | 'owner'
  readonly sql: string
  /** The column that it concerns; null when it concerns the view. */
  readonly column: string | null
}

class ViewWatch implements StatementWatch {
  readonly #dropped = new Map<string, readonly ViewProperty[]>()

  constructor(
    readonly database: Queryable,
    readonly warn: (message: string) => void,
  ) {}

  before(sql: string): Promise<void> | undefined {
    const view = dropView.exec(sql)?.[1]
    // A view that is dropped twice keeps the properties from the first time.
    return view === undefined || view.includes(',') || this.#dropped.has(view) ? undefined : this.#remember(view)
  }

  async finish(): Promise<void> {
    for (const [view, properties] of this.#dropped) {
      const columns = await this.#columnsOf(view)
      if (columns !== null) await this.#restore(view, columns, properties)
    }
    this.#dropped.clear()
  }

  async #remember(view: string): Promise<void> {
    const properties = await this.#propertiesOf(view)
    if (properties.length > 0) this.#dropped.set(view, properties)
  }

  async #restore(view: string, columns: ReadonlySet<string>, properties: readonly ViewProperty[]): Promise<void> {
    const now = await this.#propertiesOf(view)
    const missing = properties.filter(({ what, sql, column }) => {
      if (column !== null && !columns.has(column)) return false
      // A comment set by the revision itself is newer.
      if (what === 'comment' && now.some((other) => other.what === what && other.column === column)) return false
      return now.every((other) => other.sql !== sql)
    })
    if (missing.length === 0) return
    // A right that this role may not grant must not stop the run, and an uncaught error would abort the transaction.
    for (const { sql } of missing) {
      const ignored = 'insufficient_privilege OR undefined_object OR wrong_object_type'
      await this.database.query(`DO ${literal(`BEGIN ${sql}; EXCEPTION WHEN ${ignored} THEN NULL; END`)}`)
    }
    const after = await this.#propertiesOf(view)
    for (const { sql } of missing) {
      if (after.some((other) => other.sql === sql)) continue
      this.warn(`view ${view} was recreated, and this role may not restore: ${sql}`)
    }
  }

  async #propertiesOf(view: string): Promise<readonly ViewProperty[]> {
    return (await this.database.query(propertiesOf(view))) as ViewProperty[]
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

/** One row for each property. The owner is last: after that, this role may no longer grant. */
function propertiesOf(view: string): string {
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
) AS properties ORDER BY place`
}
