import type { Queryable } from '../queryable'
import type { RebuildWatch, StatementWatch } from '../roles/running'
import { doStatement, literal } from './literal'
import { lostPropertiesSql, propertiesSql } from './object-properties'
import { recreates } from './recreates'

/** Statements that remove nothing that this file restores: a whole table, without what depends on it. */
const dropsTable = /^\s*drop\s+(?:table|sequence|schema|extension)\b(?!.*\bcascade\b)/is

/** Recoverable: the role lacks a right, the grantee is gone, or the property no longer fits the new object. */
const ignored = [
  'insufficient_privilege',
  'undefined_object',
  'undefined_column',
  'undefined_function',
  'wrong_object_type',
  'invalid_object_definition',
  'invalid_parameter_value',
  'feature_not_supported',
  'object_not_in_prerequisite_state',
].join(' OR ')

/** A statement that sets what an object has lost. */
interface Lost {
  readonly object: string
  readonly what: string
  /** For a part: `relation public."Name"` and, in a second line, `Name`. */
  readonly slot: string | null
  readonly sql: string
}

/** How a revision is read for {@link fateOf}. */
interface Revised {
  readonly isGenerated: boolean
  /** Identifiers in the statements that drop something. */
  readonly dropped: ReadonlySet<string>
}

/**
 * What happens to a lost property. A schema value holds parts, options and comments of objects, so a revision written by
 * hand, which a replay runs without this watch, decides about them. Of a revision that the tool wrote, a replay has all of
 * them, too, and only those that the entities cannot express, or that only this database has, may be missing here.
 */
function fateOf({ what, slot }: Lost, { isGenerated, dropped }: Revised): 'restored' | 'reported' | 'dropped' {
  if (what === 'schema part' && dropped.has(slot?.split('\n')[1] ?? '')) return 'dropped'
  if (what !== 'column comment' && !what.startsWith('schema ')) return 'restored'
  if (!isGenerated) return 'reported'
  return what === 'column comment' ? 'dropped' : 'restored'
}

/** Identifiers, and all other words, in the statements that drop something. */
function droppedIn(statements: readonly string[]): ReadonlySet<string> {
  const words = statements.filter(drops).flatMap((sql) => sql.match(/"(?:[^"]|"")+"|[\p{L}_][\p{L}\d_$]*/gu) ?? [])
  return new Set(words.map((word) => (word.startsWith('"') ? word.slice(1, -1).replaceAll('""', '"') : word)))
}

/**
 * Watches a run that drops objects and creates them again, because a column or type that they use changes. Rights, owners,
 * comments and parameters are lost with the old object, and no revision knows them, so the watch restores them on the new one.
 *
 * @param warn called for everything that could not be restored
 */
export function watchRecreated(warn: (message: string) => void): RebuildWatch {
  return {
    step: (database, { statements, recorded }) =>
      statements === null || recreates(statements, recorded !== undefined)
        ? new ObjectWatch(database, recorded !== undefined, warn)
        : nothingToWatch,
  }
}

const nothingToWatch: StatementWatch = { before: () => undefined, finish: () => Promise.resolve() }

const drops = (sql: string): boolean => /\bdrop\b/i.test(sql) && !dropsTable.test(sql)
const renames = (sql: string): boolean => /\brename\b/i.test(sql)
/** What is created under another name may get that of an object which is dropped later. */
const prepares = (sql: string): boolean => /\bcreate\b[\s\w]*\b(?:view|type|domain|function|procedure)\b/i.test(sql)

class ObjectWatch implements StatementWatch {
  #before: string | undefined
  /** The statements since then. */
  readonly #statements: string[] = []

  constructor(
    readonly database: Queryable,
    readonly isGenerated: boolean,
    readonly warn: (message: string) => void,
  ) {}

  before(sql: string): Promise<void> | undefined {
    if (this.#before === undefined && !drops(sql) && !renames(sql) && !prepares(sql)) return undefined
    this.#statements.push(sql)
    return this.#before === undefined ? this.#remember() : undefined
  }

  async finish(): Promise<void> {
    const before = this.#before
    this.#before = undefined
    if (before === undefined || !recreates(this.#statements, this.isGenerated)) return
    const lost = lostPropertiesSql(
      `json_to_recordset(${literal(before)}) AS saved (object text, id text, what text, slot text, sql text, place integer)`,
    )
    const revised = { isGenerated: this.isGenerated, dropped: droppedIn(this.#statements) }
    const find = async (): Promise<readonly Lost[]> => (await this.database.query(lost)) as Lost[]
    const only = (fate: 'restored' | 'reported', all: readonly Lost[]): readonly Lost[] =>
      all.filter((one) => fateOf(one, revised) === fate)
    const found = await find()
    for (const { object, sql } of only('reported', found)) this.warn(notSet(object, sql))
    // What is restored may have properties of its own.
    const tried = new Set<string>()
    for (let missing = only('restored', found); ; missing = only('restored', await find())) {
      const next = missing.filter(({ sql }) => !tried.has(sql))
      if (next.length === 0) {
        for (const { object, sql } of missing) this.warn(notRestored(object, sql))
        return
      }
      // A right that this role may not grant must not stop the run, and an uncaught error would abort the transaction.
      for (const { sql } of next) {
        tried.add(sql)
        await this.database.query(restore(sql))
      }
    }
  }

  async #remember(): Promise<void> {
    const rows = (await this.database.query(
      `SELECT coalesce(json_agg(properties), '[]')::text AS before FROM (${propertiesSql}) AS properties`,
    )) as { before: string }[]
    this.#before = rows[0]?.before ?? '[]'
  }
}

/** Without the table's oid, which is in the name of a column of a table. */
const named = (object: string): string => object.replace(/^column \d+ /, 'column ')
const notSet = (object: string, sql: string): string =>
  `${named(object)} was recreated, and the revision does not set what it had: ${sql}`
const notRestored = (object: string, sql: string): string =>
  `${named(object)} was recreated, and this role may not restore: ${sql}`

function restore(sql: string): string {
  return doStatement(`BEGIN ${sql}; EXCEPTION WHEN ${ignored} THEN NULL; END`)
}

const table = 'aludel_properties'

/**
 * What a script does around the statements of a revision that recreates objects: the same as the watch, with the
 * properties in a temporary table of the session, and warnings of the server.
 */
export function restoreInScript(
  statements: readonly string[],
  isGenerated: boolean,
): { readonly before: readonly string[]; readonly after: readonly string[] } {
  if (!recreates(statements, isGenerated)) return { before: [], after: [] }
  const dropped = [...droppedIn(statements)].map(literal).join(', ')
  const loop = [
    'DECLARE lost record;',
    'BEGIN',
    // What is restored may have properties of its own.
    'FOR pass IN 1..2 LOOP',
    `FOR lost IN ${lostPropertiesSql(`pg_temp.${table}`)} LOOP`,
    `CONTINUE WHEN (lost.what IN ('schema part', 'extended statistics')) <> (pass = 1);`,
    `lost.object := regexp_replace(lost.object, '^column \\d+ ', 'column ');`,
    ...(dropped === ''
      ? []
      : [`CONTINUE WHEN lost.what = 'schema part' AND split_part(lost.slot, E'\\n', 2) IN (${dropped});`]),
    ...(isGenerated
      ? [`CONTINUE WHEN lost.what = 'column comment';`]
      : [
          `IF lost.what = 'column comment' OR lost.what LIKE 'schema %' THEN`,
          `RAISE WARNING '${notSet('%', '%')}', lost.object, lost.sql;`,
          'CONTINUE;',
          'END IF;',
        ]),
    `BEGIN EXECUTE lost.sql; EXCEPTION WHEN ${ignored} THEN RAISE WARNING '${notRestored('%', '%')}', lost.object, lost.sql; END;`,
    'END LOOP;',
    'END LOOP;',
    'END',
  ].join('\n')
  return {
    before: [
      '-- rights, owners, comments and parameters of objects that are recreated are restored below',
      `CREATE TEMPORARY TABLE ${table} AS ${propertiesSql};`,
    ],
    after: [`${doStatement(loop)};`, `DROP TABLE pg_temp.${table};`],
  }
}
