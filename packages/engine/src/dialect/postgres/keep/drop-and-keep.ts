import { partsOf, writtenAs } from '../../../sql/postgres/nodes'
import type { Queryable } from '../../queryable'
import type { KeepingSession } from '../../roles/keeping'
import { quote } from '../names'
import { sqlStateOf } from '../errors'
import { addEntries } from './add-entries'
import { type ObjectId, tryOut } from './catalog'
import { describeObjects, type GoneObject, readProperties } from './definitions'
import { cannotKeep } from './errors'
import { keepType, moveColumn, moveTable } from './moving'
import { type ColumnPlace, columnsOf, tableById, type TablePlace } from './places'
import { type Position, positionsOf } from './sequences'
import type { Start } from './start'
import { dropIn, type SentStatement } from './statements'
import { definitionsIn, forgiving, isPlain, onlyDrops, type Targets, targetsOf } from './targets'
import { findType, keepAsText, keptOfExtension, moveType, useOfType } from './types'

/** What a statement that drops something is executed in. */
export interface Dropping extends KeepingSession {
  readonly revision: string
  /** What there was before the step: what it has created itself is not kept. */
  readonly start: Start
  /** Checks the rights that keeping needs; called before anything is kept. */
  readonly prepare: () => Promise<void>
}

/** `dependent_objects_still_exist` */
const dependents = '2BP01'

/**
 * Moves away what a statement is about to drop. Does nothing if it drops nothing with rows.
 *
 * @returns what to send for the statement, which must not miss what it drops; undefined if the statement fails: nothing is kept then,
 *   and the statement itself reports why
 */
export async function dropAndKeep(dropping: Dropping, statement: SentStatement): Promise<string | undefined> {
  const { database } = dropping
  const targets = await targetsOf(database, statement)
  for (const { sql } of targets.tables) await database.query(`LOCK TABLE ${sql} IN ACCESS EXCLUSIVE MODE`)
  const trial = [onlyDrops(statement) ?? statement.sql]
  let outcome = await tryOut(database, trial)
  if (!outcome.isDone && sqlStateOf(outcome.error) === dependents) {
    await releaseFromKept(dropping, statement)
    outcome = await tryOut(database, targets.types.length > 0 ? [forgiving(statement, targets)] : trial)
  }
  if (!outcome.isDone) return undefined
  return keepGone(dropping, statement, targets, outcome.gone)
}

/** Makes way for a statement that only what is kept would stop. */
async function releaseFromKept(dropping: Dropping, statement: SentStatement): Promise<void> {
  const { database } = dropping
  const drop = dropIn(statement)
  for (const object of drop?.objects ?? []) {
    const name = writtenAs(partsOf(object))
    if (drop?.removeType === 'OBJECT_EXTENSION') await keepAsText(database, await keptOfExtension(database, name.name))
    if (drop?.removeType !== 'OBJECT_TYPE' && drop?.removeType !== 'OBJECT_DOMAIN') continue
    const type = await findType(database, name)
    if (type === undefined || type.member) continue
    const { byKept, byOthers } = await useOfType(database, type.id)
    if (byKept && !byOthers) await moveType(database, type)
  }
}

async function keepGone(
  dropping: Dropping,
  statement: SentStatement,
  targets: Targets,
  ids: readonly ObjectId[],
): Promise<string> {
  const { database, start } = dropping
  const gone = await describeObjects(database, ids)
  const live = gone.filter(({ kept }) => !kept)
  const tables: TablePlace[] = []
  for (const { id, catalog, type, member } of live) {
    if (catalog !== 'pg_class' || type !== 'table' || member || !start.tables.has(id)) continue
    const place = await tableById(database, id)
    if (place?.kind === 'r') tables.push(place)
  }
  const columns = await columnsToKeep(dropping, live)
  const keptColumns = gone.filter(({ kept, catalog }) => kept && catalog === 'pg_attribute')
  const positions = await positionsOf(
    database,
    live.filter(({ member }) => !member),
  )
  const alone = positions.filter(({ id, owner }) => owner === null && start.sequences.has(id))
  if (tables.length + columns.length + keptColumns.length + alone.length === 0)
    return targets.types.length > 0 ? forgiving(statement, targets) : statement.sql
  await dropping.prepare()
  const shared = {
    // A sequence without an owner that the step has created, or taken from a column, is none that was there.
    objects: definitionsIn(
      live.filter(({ id, type }) => type !== 'sequence' || start.sequences.has(id) || isOwned(positions, id)),
      targets,
    ),
    properties: await readProperties(
      database,
      live.filter(({ member }) => !member),
    ),
    positions: positions.filter(({ id, owner }) => owner !== null || start.sequences.has(id)),
  }
  const doomed = await dependentsOf(dropping, statement, tables, columns)
  const entries = await addEntries(dropping, tables, columns, alone, shared)
  await dropDependents(database, live, doomed, tables)
  for (const { column, entry } of entries.columns) await moveColumn(database, column, entry, targets)
  for (const { table, entry } of entries.tables) await moveTable(database, table, entry)
  for (const type of live.filter(({ catalog }) => catalog === 'pg_type')) await keepType(database, type.id)
  const sql = forgiving(statement, targets)
  if (!isPlain(statement)) await keepAsText(database, await stillGoing(database, sql))
  return sql
}

function isOwned(positions: readonly Position[], sequence: string): boolean {
  return positions.some(({ id, owner }) => id === sequence && owner !== null)
}

/** Columns with values whose table stays; those of partitions and inheriting tables go and come with them. */
async function columnsToKeep(dropping: Dropping, live: readonly GoneObject[]): Promise<readonly ColumnPlace[]> {
  const { database, start } = dropping
  const goneTables = new Set(live.filter(({ catalog }) => catalog === 'pg_class').map(({ id }) => id))
  const found: ColumnPlace[] = []
  for (const { catalog, id, sub, sql } of live) {
    if (catalog !== 'pg_attribute' || sql !== null || goneTables.has(id)) continue
    if (start.tables.get(id)?.columns.has(sub) !== true) continue
    const table = await tableById(database, id)
    const column =
      table === undefined ? undefined : (await columnsOf(database, table)).find(({ number }) => number === sub)
    if (column !== undefined) found.push(column)
  }
  const heirs = (await database.query(
    `SELECT h.inhrelid::text AS child, h.inhparent::text AS parent, a.attname::text AS name, a.attnum::integer AS number
     FROM pg_catalog.pg_inherits h JOIN pg_catalog.pg_attribute a ON a.attrelid = h.inhrelid AND a.attnum > 0 AND NOT a.attisdropped`,
  )) as { child: string; parent: string; name: string; number: number }[]
  const isFound = (id: string, name: string): boolean =>
    found.some((column) => column.table.id === id && column.name === name)
  for (const { table, name } of found) {
    const stays = heirs.find((heir) => heir.parent === table.id && heir.name === name && !isFound(heir.child, name))
    if (stays !== undefined)
      throw cannotKeep(
        dropping.revision,
        `values of ${table.name}.${name}`,
        'a table that inherits from it keeps its own column of that name',
      )
  }
  return found.filter(
    ({ table, name }) =>
      !heirs.some((heir) => heir.child === table.id && heir.name === name && isFound(heir.parent, name)),
  )
}

/**
 * What must be dropped before tables and columns are moved, because it would go with them. For DROP TABLE and ALTER TABLE that is
 * all that goes; a schema or a type that is dropped has also other objects.
 *
 * @returns null for everything
 */
async function dependentsOf(
  { database }: Dropping,
  statement: SentStatement,
  tables: readonly TablePlace[],
  columns: readonly ColumnPlace[],
): Promise<ReadonlySet<string> | null> {
  if (isPlain(statement)) return null
  if (tables.length + columns.length === 0) return new Set()
  const outcome = await tryOut(database, [
    ...columns.map(({ table, name }) => `ALTER TABLE ${table.sql} DROP COLUMN ${quote(name)} CASCADE`),
    ...tables.map(({ sql }) => `DROP TABLE IF EXISTS ${sql} CASCADE`),
  ])
  if (!outcome.isDone) throw outcome.error
  return new Set(outcome.gone.map(idOf))
}

const idOf = ({ catalog, id, sub }: ObjectId): string => `${catalog} ${id} ${String(sub)}`

async function dropDependents(
  database: Queryable,
  live: readonly GoneObject[],
  doomed: ReadonlySet<string> | null,
  tables: readonly TablePlace[],
): Promise<void> {
  const isOfMoved = ({ relation }: GoneObject): boolean => tables.some(({ id }) => id === relation)
  const list = live
    .filter((one) => one.drop !== null && !one.member && one.type !== 'sequence' && !isOfMoved(one))
    .filter((one) => doomed === null || doomed.has(idOf(one)))
    .sort((a, b) => a.place - b.place)
  for (const { drop } of list) await database.query(drop ?? '')
}

/** Kept columns, old and new, that would still go with the statement: an extension owns their type, so that it cannot be moved. */
async function stillGoing(database: Queryable, sql: string): Promise<readonly ObjectId[]> {
  const trial = await tryOut(database, [sql])
  if (!trial.isDone) throw trial.error
  const gone = await describeObjects(
    database,
    trial.gone.filter(({ catalog }) => catalog === 'pg_attribute'),
  )
  return gone.filter(({ kept }) => kept)
}
