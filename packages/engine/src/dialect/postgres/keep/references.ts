import type { Constraint } from 'libpg-query' with { 'resolution-mode': 'import' }

import { bodyOf, stringsOf, writtenIn } from '../../../sql/postgres/nodes'
import { cannotGiveBack, onlyColumn } from '../../kept-errors'
import type { KeepingSession } from '../../roles/keeping'
import { quote } from '../names'
import { columnsOf, findTable, type TablePlace } from './places'
import { quietly } from './quiet'
import { actionsOf, alterTableIn, type SentStatement } from './statements'
import { keyOfConstraint, keyOfIndex, refuseDuplicates } from './unique-keys'

/** A foreign key that is to be checked before a statement adds it, or rows are put into its table. */
interface Reference {
  readonly columns: readonly string[]
  readonly parent: TablePlace
  readonly parentColumns: readonly string[]
  readonly onDelete: 'cascade' | 'set null' | 'other'
}

/** What was given back in a downgrade so far. */
export interface Given {
  /** Tables all of whose rows were given back, by oid. */
  readonly tables: ReadonlySet<string>
  /** Columns that were given back: `oid.name`. */
  readonly columns: ReadonlySet<string>
}

/**
 * Does to rows that were given back, before a statement adds a foreign key, what the database would have done when their parent was
 * deleted: CASCADE removes a row of a table that was dropped, SET NULL clears its reference. A row that stayed is never removed:
 * where its column is given back, CASCADE clears it as well.
 *
 * @throws AludelError `ALUDEL_GIVE_BACK` naming rows that then reference nothing, or that share the value of a unique key
 */
export async function checkKeys(
  session: KeepingSession,
  revision: string,
  statement: SentStatement,
  given: Given,
): Promise<void> {
  const { database } = session
  const body = alterTableIn(statement)
  const constraints = actionsOf(body).flatMap(({ subtype, def }) =>
    subtype === 'AT_AddConstraint' ? (bodyOf(def, 'Constraint') ?? []) : [],
  )
  const index = bodyOf(statement.node, 'IndexStmt')
  const relation = body?.relation ?? index?.relation
  if (relation === undefined || (constraints.length === 0 && index?.unique !== true)) return
  const table = await findTable(database, writtenIn(relation))
  if (table === undefined || !touches(given, table)) {
    const parents = constraints.map(({ pktable }) => pktable).filter((one) => one !== undefined)
    const found = await Promise.all(parents.map((one) => findTable(database, writtenIn(one))))
    if (table === undefined || !found.some((one) => one !== undefined && given.tables.has(one.id))) return
  }
  for (const constraint of constraints) {
    if (constraint.contype === 'CONSTR_FOREIGN') {
      const reference = await referenceIn(session, constraint)
      if (reference !== undefined) await followDeletes(session, revision, table, reference, given)
    }
  }
  for (const key of [...constraints.map(keyOfConstraint), keyOfIndex(index)])
    if (key !== undefined) await refuseDuplicates(database, revision, table, key)
}

function touches(given: Given, table: TablePlace): boolean {
  return given.tables.has(table.id) || [...given.columns].some((column) => column.startsWith(`${table.id}.`))
}

const actions: Readonly<Record<string, Reference['onDelete']>> = { c: 'cascade', n: 'set null' }

async function referenceIn(session: KeepingSession, constraint: Constraint): Promise<Reference | undefined> {
  const parent = await findTable(session.database, writtenIn(constraint.pktable))
  if (parent === undefined) return undefined
  const columns = stringsOf(constraint.fk_attrs)
  const named = stringsOf(constraint.pk_attrs)
  const parentColumns = named.length > 0 ? named : await primaryKeyOf(session, parent)
  if (parentColumns.length !== columns.length || columns.length === 0) return undefined
  return { columns, parent, parentColumns, onDelete: actions[constraint.fk_del_action ?? ''] ?? 'other' }
}

async function primaryKeyOf({ database }: KeepingSession, table: TablePlace): Promise<readonly string[]> {
  const rows = (await database.query(
    `SELECT a.attname::text AS name FROM pg_catalog.pg_index x, unnest(x.indkey) WITH ORDINALITY AS k (number, place)
     JOIN pg_catalog.pg_attribute a ON a.attrelid = $1::text::oid AND a.attnum = k.number
     WHERE x.indrelid = $1::text::oid AND x.indisprimary ORDER BY k.place`,
    [table.id],
  )) as { name: string }[]
  return rows.map(({ name }) => name)
}

/** The foreign keys that a table has already: those of its CREATE TABLE. */
export async function referencesOf({ database }: KeepingSession, table: TablePlace): Promise<readonly Reference[]> {
  const rows = (await database.query(
    `SELECT k.confrelid::text AS parent, k.confdeltype AS action,
       (SELECT json_agg(a.attname ORDER BY u.place) FROM unnest(k.conkey) WITH ORDINALITY AS u (number, place) JOIN pg_catalog.pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.number) AS columns,
       (SELECT json_agg(a.attname ORDER BY u.place) FROM unnest(k.confkey) WITH ORDINALITY AS u (number, place) JOIN pg_catalog.pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = u.number) AS "parentColumns",
       n.nspname::text AS schema, c.relname::text AS name, c.relkind AS kind
     FROM pg_catalog.pg_constraint k JOIN pg_catalog.pg_class c ON c.oid = k.confrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     WHERE k.contype = 'f' AND k.conrelid = $1::text::oid AND k.confrelid <> k.conrelid`,
    [table.id],
  )) as {
    parent: string
    action: string
    columns: string[]
    parentColumns: string[]
    schema: string
    name: string
    kind: 'r' | 'p'
  }[]
  return rows.map(({ parent, action, columns, parentColumns, schema, name, kind }) => ({
    columns,
    parentColumns,
    parent: { id: parent, schema, name, kind, sql: `${quote(schema)}.${quote(name)}` },
    onDelete: actions[action] ?? 'other',
  }))
}

/** SQL: true for a row of `table` that references nothing. */
export function isOrphan({ columns, parent, parentColumns }: Reference, table: string): string {
  const set = columns.map((name) => `${table}.${quote(name)} IS NOT NULL`).join(' AND ')
  const same = columns
    .map((name, index) => `parent.${quote(parentColumns[index] ?? '')} = ${table}.${quote(name)}`)
    .join(' AND ')
  return `${set} AND NOT EXISTS (SELECT FROM ${parent.sql} AS parent WHERE ${same})`
}

async function followDeletes(
  session: KeepingSession,
  revision: string,
  table: TablePlace,
  reference: Reference,
  given: Given,
): Promise<void> {
  const isWhole = given.tables.has(table.id)
  const own = reference.columns.filter((name) => given.columns.has(`${table.id}.${name}`))
  const columns = own.length === 0 ? [] : await columnsOf(session.database, table)
  const cleared = own.filter((name) => columns.some((column) => column.name === name && !column.notNull))
  await checkKept(session, revision, table, reference, { rows: table.sql, isWhole, cleared })
}

/**
 * Follows deletes for rows that come back, or refuses them.
 *
 * @param kept where they are, and what of them comes back: whole rows, or columns that may be cleared
 */
export async function checkKept(
  session: KeepingSession,
  revision: string,
  table: TablePlace,
  reference: Reference,
  kept: { readonly rows: string; readonly isWhole: boolean; readonly cleared?: readonly string[] },
): Promise<void> {
  const { database, warn } = session
  const { isWhole, cleared = [] } = kept
  const orphan = isOrphan(reference, 'live')
  const change =
    isWhole && reference.onDelete === 'cascade'
      ? `DELETE FROM ${kept.rows} AS live WHERE ${orphan}`
      : isWhole && reference.onDelete === 'set null'
        ? `UPDATE ${kept.rows} AS live SET ${nulls(reference.columns)} WHERE ${orphan}`
        : reference.onDelete !== 'other' && cleared.length > 0
          ? `UPDATE ${kept.rows} AS live SET ${nulls(cleared)} WHERE ${orphan}`
          : undefined
  if (change !== undefined) {
    const [done] = (await quietly(database, table, () =>
      database.query(`WITH done AS (${change} RETURNING 1) SELECT count(*)::float8 AS n FROM done`),
    )) as { n: number }[]
    const rows = done?.n ?? 0
    if (rows > 0) warn(followed(table, rows, isWhole && reference.onDelete === 'cascade' ? 'cascade' : 'set null'))
  }
  await refuseOrphans(session, revision, table, reference, kept.rows)
}

const nulls = (columns: readonly string[]): string => columns.map((name) => `${quote(name)} = NULL`).join(', ')

function followed({ name }: TablePlace, rows: number, onDelete: Reference['onDelete']): string {
  const [what, they] = rows === 1 ? ['1 row', 'it references'] : [`${String(rows)} rows`, 'they reference']
  const was = rows === 1 ? 'is' : 'are'
  return onDelete === 'cascade'
    ? `${what} of ${name} ${was} not given back: what ${they} was deleted since, and the foreign key says ON DELETE CASCADE`
    : `${what} of ${name} ${was} given back without a reference: what ${they} was deleted since`
}

async function refuseOrphans(
  { database }: KeepingSession,
  revision: string,
  table: TablePlace,
  reference: Reference,
  from: string,
): Promise<void> {
  const value = `concat_ws(', ', ${reference.columns.map((name) => `live.${quote(name)}::text`).join(', ')})`
  const found = (await database.query(
    `SELECT ${value} AS value, count(*)::float8 AS n FROM ${from} AS live WHERE ${isOrphan(reference, 'live')} GROUP BY 1 ORDER BY 1 LIMIT 6`,
  )) as { value: string; n: number }[]
  if (found.length === 0) return
  const names = `${table.name}.${reference.columns.join(', ')}`
  const rows = found.reduce((sum, { n }) => sum + n, 0)
  throw cannotGiveBack({
    revision,
    table: table.name,
    column: onlyColumn(reference.columns),
    rows,
    message: `rows of ${table.name} reference rows of ${reference.parent.name} that do not exist: ${names} = ${listOf(found)}`,
    help: 'Change or delete these rows, or insert what they reference, then run again.',
  })
}

function listOf(rows: readonly { readonly value: string }[]): string {
  return `${rows
    .slice(0, 5)
    .map(({ value }) => value)
    .join('; ')}${rows.length > 5 ? ' …' : ''}`
}
