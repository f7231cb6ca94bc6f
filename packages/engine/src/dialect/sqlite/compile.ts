import { Cursor } from '../../sql/sqlite/cursor'
import { fold, nameOf, tokenize, wordOf } from '../../sql/sqlite/tokens'
import type { Queryable } from '../queryable'
import type { BrokenObject } from '../roles/introspection'
import type { ObjectWatch } from '../roles/running'
import { errorText, isBusy } from './errors'
import { explain } from './explain'
import { parseView } from './parse-view'
import { quote } from './quote'

/**
 * SQLite stores views and triggers as text and compiles them when they are used: `CREATE VIEW` and a rebuild of a table
 * never notice a column that is not there. EXPLAIN compiles a statement without running it, and a statement that writes
 * compiles the triggers that it would fire; see https://www.sqlite.org/lang_explain.html.
 */

/** Errors that depend on the connection and its functions, or on other settings, not on the text of a view or trigger. */
const ofTheConnection =
  /^(?:no such (?:function|module|collation sequence|tokenizer)|unknown tokenizer|foreign key mismatch)/

interface MasterRow {
  readonly type: 'view' | 'trigger'
  readonly name: string
  readonly tbl_name: string
  readonly sql: string
}

/** A trigger, and the statement that fires it. */
interface Fired {
  readonly name: string
  readonly event: 'INSERT' | 'UPDATE' | 'DELETE'
  /** The columns after `UPDATE OF`; empty for any. */
  readonly columns: readonly string[]
}

/**
 * The views and triggers of the main database that do not compile. Changes nothing.
 *
 * A trigger whose statements fire a broken trigger is broken, too.
 */
export async function brokenObjects(database: Queryable): Promise<readonly BrokenObject[]> {
  return (await compileAll(database, false)).broken
}

/** Notes which views and triggers compile, so that a run can find those that it breaks. */
export async function watchObjects(database: Queryable): Promise<ObjectWatch> {
  return new ObjectWatcher(database).watch()
}

/** Compiles views and triggers only when the schema has changed since it last did so. */
export class ObjectWatcher {
  #last: { readonly version: number | undefined; readonly compiled: Compiled } | undefined

  constructor(private readonly database: Queryable) {}

  async watch(): Promise<ObjectWatch> {
    const before = await this.#now(() => false)
    const broken = new Set(before.broken.map(keyOf))
    return async (statements) => {
      // Without a view or trigger before, only a statement that creates one can break one.
      const after = await this.#now(
        () => before.keys.size === 0 && statements?.some((sql) => /\b(?:view|trigger)\b/i.test(sql)) === false,
      )
      return after.broken
        .filter((object) => !broken.has(keyOf(object)))
        .map((object) => ({ ...object, isNew: !before.keys.has(keyOf(object)) }))
    }
  }

  /** @param isUnchanged true if what was compiled last is known to be all, whatever the version */
  async #now(isUnchanged: () => boolean): Promise<Compiled> {
    const version = await schemaVersion(this.database)
    const last = this.#last
    const isKnown = last !== undefined && (last.version === version || isUnchanged())
    const compiled = isKnown ? last.compiled : await compileAll(this.database, true)
    this.#last = { version, compiled }
    return compiled
  }
}

/** The views and triggers of a schema. */
interface Compiled {
  readonly keys: ReadonlySet<string>
  readonly broken: readonly BrokenObject[]
}

function keyOf({ kind, name }: Pick<BrokenObject, 'kind' | 'name'>): string {
  return `${kind} ${fold(name)}`
}

/** It changes with every change of the schema: https://www.sqlite.org/pragma.html#pragma_schema_version. */
async function schemaVersion(database: Queryable): Promise<number | undefined> {
  const [row] = (await database.query('PRAGMA main.schema_version')) as { schema_version: number }[]
  return row?.schema_version
}

/** @param strict true counts a quoted name without a column as missing, also where SQLite takes it for a text */
async function compileAll(database: Queryable, strict: boolean): Promise<Compiled> {
  const rows = (await database.query(
    `SELECT type, name, tbl_name, sql FROM main.sqlite_master WHERE type IN ('view', 'trigger')`,
  )) as MasterRow[]
  const broken: BrokenObject[] = []
  for (const { type, name, sql } of rows) {
    if (type !== 'view') continue
    const error =
      (await failureOf(database, `SELECT * FROM main.${quote(name)}`)) ??
      (strict ? await failureOf(database, withStrictNames(parseView(sql).definition)) : undefined)
    if (error !== undefined) broken.push({ kind: 'view', name, error })
  }
  const brokenViews = new Set(broken.map(({ name }) => fold(name)))
  const owners = new Map<string, MasterRow[]>()
  for (const row of rows)
    if (row.type === 'trigger') owners.set(row.tbl_name, [...(owners.get(row.tbl_name) ?? []), row])
  for (const [table, triggers] of owners) {
    // Of a broken view, the triggers cannot be known to be sound.
    if (!brokenViews.has(fold(table))) broken.push(...(await brokenTriggers(database, table, triggers)))
  }
  return { keys: new Set(rows.map(({ type, name }) => keyOf({ kind: type, name }))), broken }
}

async function brokenTriggers(
  database: Queryable,
  table: string,
  triggers: readonly MasterRow[],
): Promise<readonly BrokenObject[]> {
  const fired = triggers.map(firedBy)
  const columns = (
    (await database.query(`PRAGMA main.table_xinfo(${quote(table)})`)) as { name: string; hidden: number }[]
  ).filter(({ hidden }) => hidden === 0)
  const target = `main.${quote(table)}`
  const set = columns.map(({ name }) => `${quote(name)} = ${quote(name)}`).join(', ')
  const statements = {
    INSERT: `INSERT INTO ${target} DEFAULT VALUES`,
    UPDATE: `UPDATE ${target} SET ${set}`,
    DELETE: `DELETE FROM ${target}`,
  }
  const broken: BrokenObject[] = []
  for (const event of ['INSERT', 'UPDATE', 'DELETE'] as const) {
    const those = fired.filter((trigger) => trigger.event === event)
    if (those.length === 0) continue
    const error = await failureOf(database, statements[event])
    for (const { name, columns: named } of those) {
      // SQLite never fires a trigger for a column that is not there, and reports nothing.
      const missing = named.find((column) => !columns.some((other) => fold(other.name) === fold(column)))
      const words = missing === undefined ? error : `no such column: ${missing}`
      if (words !== undefined) broken.push({ kind: 'trigger', name, table, error: words })
    }
  }
  return broken
}

/** `CREATE TRIGGER name [BEFORE|AFTER|INSTEAD OF] event [OF columns] ON …`. */
function firedBy({ name, sql }: MasterRow): Fired {
  const cursor = new Cursor(sql, tokenize(sql))
  cursor.expect('CREATE')
  if (!cursor.take('TEMP')) cursor.take('TEMPORARY')
  cursor.expect('TRIGGER')
  cursor.objectName()
  const head = cursor.until((token) => wordOf(token) === 'ON')
  const event = head.map(wordOf).find((word) => word === 'INSERT' || word === 'UPDATE' || word === 'DELETE')
  const of = head.findIndex((token, at) => wordOf(token) === 'OF' && wordOf(head[at - 1]) === 'UPDATE')
  const columns = of < 0 ? [] : head.slice(of + 1).filter(({ kind }) => kind !== 'symbol')
  return { name, event: event ?? 'INSERT', columns: columns.map(nameOf) }
}

/**
 * The query with `"name"` written as `[name]`: if no column has that name, some builds of SQLite take `"name"` for a text, so
 * that the view would compile and return nonsense. See https://www.sqlite.org/quirks.html#dblquote.
 */
function withStrictNames(sql: string): string {
  const quoted = tokenize(sql).filter(({ kind, text }) => kind === 'name' && /^"[^"\]]*"$/.test(text))
  return quoted.reduceRight(
    (query, { start, end, text }) => `${query.slice(0, start)}[${text.slice(1, -1)}]${query.slice(end)}`,
    sql,
  )
}

/** SQLite's words if the statement does not compile; undefined if it does, or if only this connection lacks something. */
async function failureOf(database: Queryable, sql: string): Promise<string | undefined> {
  try {
    await database.query(explain(sql))
    return undefined
  } catch (error) {
    if (isBusy(error)) throw error
    const words = errorText(error).replace(/"([^"]*)" - should this be a string literal in single-quotes\?/, '$1')
    return ofTheConnection.test(words) ? undefined : words
  }
}
