import { partsOf, writtenAs, writtenIn } from '../../../sql/postgres/nodes'
import type { Queryable } from '../../queryable'
import type { KeepingSession, KeptEntry } from '../../roles/keeping'
import { quote } from '../names'
import { sqlStateOf } from '../errors'
import { type ObjectId, tryOut } from './catalog'
import { describeObjects, type GoneObject, type Property, readProperties } from './definitions'
import { cannotKeep } from './errors'
import { freeColumn, freeTable } from './free'
import { guardConstraint, hiddenColumn, keptSchema, markColumn } from './names'
import { type ColumnPlace, columnsOf, findTable, rowsOf, tableById, type TablePlace } from './places'
import { type Position, positionsOf } from './sequences'
import type { Start } from './start'
import { actionsOf, alterTableIn, dropIn, type SentStatement } from './statements'
import { findType, keepAsText, keptOfExtension, moveType, typeById, useOfType } from './types'

/** What a statement that drops something is executed in. */
export interface Dropping extends KeepingSession {
  readonly revision: string
  /** What there was before the step: what it has created itself is not kept. */
  readonly start: Start
  /** Checks the rights that keeping needs; called before anything is kept. */
  readonly prepare: () => Promise<void>
}

/** What `definitions` of an entry of a table, a column or a sequence has. */
export interface DropDefinitions {
  /** Of all that one statement has dropped; its first entry has them. */
  readonly objects?: readonly Definition[]
  readonly properties?: readonly Property[]
  readonly positions?: readonly Position[]
  /** Of a table: the root of its partitions, if it is one of them. */
  readonly root?: { readonly schema: string; readonly name: string } | null
  /** Of a column. */
  readonly column?: ColumnDefinition
}

/** An object that was dropped with something else. */
export interface Definition {
  readonly type: string
  readonly identity: string
  readonly sql: string
}

export interface ColumnDefinition {
  readonly type: string
  readonly notNull: boolean
  readonly default: string | null
  /** Values that the server gives: an identity, or the next number of a sequence. */
  readonly numbered: boolean
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

/** ALTER TABLE with those actions alone that drop something: others may rewrite the table, which takes long. */
function onlyDrops(statement: SentStatement): string | undefined {
  const alter = alterTableIn(statement)
  const words: Readonly<Record<string, string>> = { AT_DropColumn: 'COLUMN', AT_DropConstraint: 'CONSTRAINT' }
  const drops = actionsOf(alter).flatMap(({ subtype = '', name = '', behavior, missing_ok: isOptional }) => {
    const word = words[subtype]
    if (word === undefined) return []
    return `DROP ${word} ${isOptional === true ? 'IF EXISTS ' : ''}${quote(name)}${behavior === 'DROP_CASCADE' ? ' CASCADE' : ''}`
  })
  if (alter?.relation === undefined || drops.length === 0) return undefined
  const { schema, name } = writtenIn(alter.relation)
  const table = schema === undefined ? quote(name) : `${quote(schema)}.${quote(name)}`
  return `ALTER TABLE ${alter.missing_ok === true ? 'IF EXISTS ' : ''}${alter.relation.inh === true ? '' : 'ONLY '}${table} ${drops.join(', ')}`
}

/** What a statement names. */
interface Targets {
  readonly tables: readonly TablePlace[]
  /** Quoted, with their schemas. */
  readonly types: readonly string[]
  /** Of ALTER TABLE. */
  readonly columns: readonly string[]
  readonly constraints: readonly string[]
}

async function targetsOf(database: Queryable, statement: SentStatement): Promise<Targets> {
  const drop = dropIn(statement)
  const alter = alterTableIn(statement)
  const names =
    drop?.removeType === 'OBJECT_TABLE'
      ? (drop.objects ?? []).map((object) => writtenAs(partsOf(object)))
      : alter === undefined
        ? []
        : [writtenIn(alter.relation)]
  const tables: TablePlace[] = []
  for (const name of names) {
    const table = await findTable(database, name)
    if (table !== undefined) tables.push(table)
  }
  const types: string[] = []
  if (drop?.removeType === 'OBJECT_TYPE' || drop?.removeType === 'OBJECT_DOMAIN') {
    for (const object of drop.objects ?? []) {
      const type = await findType(database, writtenAs(partsOf(object)))
      if (type !== undefined) types.push(`${quote(type.schema)}.${quote(type.name)}`)
    }
  }
  const named = (subtype: string): readonly string[] =>
    actionsOf(alter).flatMap((action) => (action.subtype === subtype && action.name !== undefined ? [action.name] : []))
  return { tables, types, columns: named('AT_DropColumn'), constraints: named('AT_DropConstraint') }
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
  for (const { column, entry } of entries.columns) await moveColumn(dropping, column, entry, targets)
  for (const { table, entry } of entries.tables) await moveTable(database, table, entry)
  for (const type of live.filter(({ catalog }) => catalog === 'pg_type')) await keepType(database, type.id)
  const sql = forgiving(statement, targets)
  if (!isPlain(statement)) await keepAsText(database, await stillGoing(database, sql))
  return sql
}

/**
 * DROP of tables or types by their full names, of which those that were moved are missing. Without its schema, a name might mean
 * another object then.
 */
function forgiving(statement: SentStatement, { tables, types }: Targets): string {
  const drop = dropIn(statement)
  const names = drop?.removeType === 'OBJECT_TABLE' ? tables.map(({ sql }) => sql) : types
  if (drop === undefined || names.length === 0) return statement.sql
  const word = drop.removeType === 'OBJECT_TABLE' ? 'TABLE' : drop.removeType === 'OBJECT_DOMAIN' ? 'DOMAIN' : 'TYPE'
  return `DROP ${word} IF EXISTS ${names.join(', ')}${drop.behavior === 'DROP_CASCADE' ? ' CASCADE' : ''}`
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

/** Definitions of all that goes without being named. */
function definitionsIn(live: readonly GoneObject[], { tables, constraints }: Targets): readonly Definition[] {
  return [...live]
    .sort((a, b) => b.place - a.place)
    .flatMap(({ catalog, type, identity, relation, sql, member }) => {
      if (sql === null || member) return []
      const isNamed =
        catalog === 'pg_constraint' &&
        tables.some(({ id }) => id === relation) &&
        constraints.some(
          (name) => identity.startsWith(`${quoteIfNeeded(name)} on `) || identity.startsWith(`${name} on `),
        )
      return isNamed ? [] : [{ type, identity, sql }]
    })
}

function quoteIfNeeded(name: string): string {
  return /^[a-z_][a-z0-9_$]*$/.test(name) ? name : quote(name)
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

/** DROP TABLE, ALTER TABLE: all that goes with what they drop depends on tables and columns. */
function isPlain(statement: SentStatement): boolean {
  return alterTableIn(statement) !== undefined || dropIn(statement)?.removeType === 'OBJECT_TABLE'
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

interface Entries {
  readonly tables: readonly { readonly table: TablePlace; readonly entry: KeptEntry }[]
  readonly columns: readonly { readonly column: ColumnPlace; readonly entry: KeptEntry }[]
}

async function addEntries(
  dropping: Dropping,
  tables: readonly TablePlace[],
  columns: readonly ColumnPlace[],
  sequences: readonly Position[],
  shared: DropDefinitions,
): Promise<Entries> {
  const { database, shelf, start } = dropping
  let definitions: DropDefinitions = shared
  const add = async (
    kind: KeptEntry['kind'],
    name: { readonly schema: string | null; readonly name: string },
    column: string | null,
    rows: number,
    more: DropDefinitions,
  ): Promise<KeptEntry> => {
    const { schema, name: table } = name
    const entry = await shelf.add({
      kind,
      schema,
      table,
      column,
      place: '',
      key: [],
      rows,
      definitions: { ...definitions, ...more },
    })
    definitions = {}
    return entry
  }
  const result = { tables: [] as Entries['tables'][number][], columns: [] as Entries['columns'][number][] }
  for (const table of tables) {
    const root = await rootOf(database, table)
    const entry = await add('table', start.tables.get(table.id) ?? table, null, await rowsOf(database, table), { root })
    result.tables.push({ table, entry })
    await shelf.change(entry.id, { place: `${keptSchema}.${String(entry.id)}` })
  }
  for (const column of columns) {
    const { table } = column
    const before = start.tables.get(table.id)
    const entry = await add(
      'column',
      before ?? table,
      before?.columns.get(column.number)?.name ?? column.name,
      await rowsOf(database, table),
      {
        column: {
          type: column.type,
          notNull: column.notNull,
          default: column.default,
          numbered: column.identity !== '' || column.default?.startsWith('nextval(') === true,
        },
      },
    )
    result.columns.push({ column, entry })
    await shelf.change(entry.id, { place: `${table.schema}.${table.name}.${hiddenColumn(entry.id)}` })
  }
  const schema = (await database.query('SELECT current_schema()::text AS name')) as { name: string | null }[]
  for (const sequence of sequences) {
    const isDefault = sequence.schema === schema[0]?.name
    const place = { schema: isDefault ? null : sequence.schema, name: sequence.name }
    const entry = await add('sequence', place, null, 0, {})
    await shelf.change(entry.id, { place: '' })
  }
  // Types that only what is kept needs move without an entry.
  return result
}

/** The table to which rows of a partition can go if it is gone. */
async function rootOf(database: Queryable, table: TablePlace): Promise<DropDefinitions['root']> {
  const [row] = (await database.query(
    `SELECT n.nspname::text AS schema, c.relname::text AS name FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     WHERE c.oid = (SELECT pg_partition_root(p.oid) FROM pg_catalog.pg_class p WHERE p.oid = $1::text::oid AND p.relispartition)`,
    [table.id],
  )) as { schema: string; name: string }[]
  return row ?? null
}

async function moveColumn(dropping: Dropping, column: ColumnPlace, { id }: KeptEntry, targets: Targets): Promise<void> {
  const { database } = dropping
  const { table, name } = column
  await freeColumn(database, table.id, column.number)
  await database.query(`ALTER TABLE ${table.sql} RENAME COLUMN ${quote(name)} TO ${quote(hiddenColumn(id))}`)
  await database.query(`COMMENT ON COLUMN ${table.sql}.${quote(hiddenColumn(id))} IS NULL`)
  // A constant default of a new column touches no row, and once it is dropped, later rows do not get it.
  await database.query(`ALTER TABLE ${table.sql} ADD COLUMN ${quote(markColumn(id))} boolean DEFAULT true`)
  await database.query(`ALTER TABLE ${table.sql} ALTER COLUMN ${quote(markColumn(id))} DROP DEFAULT`)
  await guardHidden(database, table.sql, id)
  const [target] = targets.tables
  if (target?.id !== table.id) return
  if (targets.columns.includes(name)) await database.query(`ALTER TABLE ${table.sql} ADD COLUMN ${quote(name)} boolean`)
  for (const constraint of targets.constraints) {
    const exists = (await database.query(
      'SELECT 1 FROM pg_catalog.pg_constraint WHERE conrelid = $1::text::oid AND conname = $2',
      [table.id, constraint],
    )) as unknown[]
    if (exists.length === 0)
      await database.query(`ALTER TABLE ${table.sql} ADD CONSTRAINT ${quote(constraint)} CHECK (true) NOT VALID`)
  }
}

/** @param table quoted */
export async function guardHidden(database: Queryable, table: string, id: number): Promise<void> {
  await database.query(
    `ALTER TABLE ${table} ADD CONSTRAINT ${quote(guardConstraint(id))} CHECK (coalesce(${quote(markColumn(id))}, ${quote(hiddenColumn(id))} IS NULL)) NOT VALID`,
  )
}

async function moveTable(database: Queryable, table: TablePlace, { id }: KeptEntry): Promise<void> {
  await freeTable(database, table.id)
  await database.query(`ALTER TABLE ${table.sql} SET SCHEMA ${quote(keptSchema)}`)
  await database.query(`ALTER TABLE ${quote(keptSchema)}.${quote(table.name)} RENAME TO ${quote(String(id))}`)
}

/** A type that goes, and that what is kept needs. */
async function keepType(database: Queryable, id: string): Promise<void> {
  const type = await typeById(database, id)
  if (type === undefined || type.member) return
  if ((await useOfType(database, id)).byKept) await moveType(database, type)
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
