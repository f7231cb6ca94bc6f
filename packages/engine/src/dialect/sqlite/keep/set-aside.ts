import { AludelError } from '../../../errors'
import { type Loss, sumOfEffects } from '../../../sql/effects'
import { Cursor } from '../../../sql/sqlite/cursor'
import { sqliteEffects, type SqliteEffectsReader } from '../../../sql/sqlite/effects'
import { statementsIn } from '../../../sql/sqlite/statements'
import { fold, type Token } from '../../../sql/sqlite/tokens'
import type { KeepingSession, KeepingStep, KeptEntry } from '../../roles/keeping'
import type { StatementWatch } from '../../roles/running'
import { rebuiltTables } from '../live-only'
import { quote } from '../quote'
import {
  affinityOf,
  type CatalogColumn,
  type CatalogObject,
  columnsOf,
  keysOf,
  numberOf,
  objectExists,
  objectsOf,
  storedColumns,
  tableNamed,
} from './catalog'
import { type Definitions, keptColumns } from './definitions'
import { isKept, keptName } from './names'
import { differs, joined } from './values'

/** A table as it was, in the table of an entry: what the upgrade has not changed is removed from it at the end. */
interface Snapshot {
  readonly entry: KeptEntry
  /** As it was named before the upgrade. */
  readonly table: string
  /** Those that store values. Names are those before the upgrade. */
  readonly columns: readonly CatalogColumn[]
  /** Best first. */
  readonly keys: readonly (readonly string[])[]
  readonly objects: readonly CatalogObject[]
  readonly sequence: number | undefined
  readonly rows: number
}

/** A table where the upgrade has left it. */
interface Place {
  readonly table: string
  /** The column that has the values of one; undefined if none has. */
  readonly columnFor: (before: string) => string | undefined
  /** The declared type of a column. */
  readonly typeOf: (column: string) => string
}

/** Losses that are kept: those of definitions, not those of statements that change rows. */
export function isKeepable({ kind }: Loss): boolean {
  return kind === 'table' || kind === 'column' || kind === 'converted'
}

/**
 * Sets aside, on SQLite, what one upgrade drops or narrows.
 *
 * A table that would lose something, and every table that is rebuilt and has a key, is copied before the first statement (where the
 * statements are known only when they run: before the one that drops something). After the last statement, the copy is compared with
 * the table: a whole table that is gone stays as it is, of another one stay the columns that are gone, and of the others the values
 * that are different. So nothing depends on how a statement converts values.
 */
export class SetAside implements StatementWatch {
  readonly #snapshots = new Map<string, Snapshot>()
  #reader: SqliteEffectsReader | undefined
  #begun: Promise<void> | undefined
  /** Folded names of the tables before the first statement. */
  #tables = new Set<string>()
  /** Where rows are deleted or replaced by statements of their own: not all rows of a copy find theirs. */
  #losesRows = false

  constructor(
    private readonly session: KeepingSession,
    private readonly step: KeepingStep,
  ) {}

  before(sql: string): Promise<void> | undefined {
    if (this.step.statements === null) return this.#before(sql)
    return (this.#begun ??= this.#begin())
  }

  after(sql: string): Promise<void> | undefined {
    this.#reader?.read(sql)
    return undefined
  }

  async #before(sql: string): Promise<void> {
    await (this.#begun ??= this.#begin())
    for (const table of droppedIn(sql)) {
      const here = this.#reader?.whereabouts([...this.#tables]).find((one) => one.table === fold(table))
      const origin = here?.origin ?? table
      if (this.#tables.has(fold(origin))) await this.#copy(origin, table, here?.columns)
    }
  }

  async #begin(): Promise<void> {
    const { database } = this.session
    const { statements } = this.step
    const columns = await storedColumns(database)
    this.#tables = new Set([...columns.keys()].filter((name) => !isKept(name)).map(fold))
    const known = (name: string): readonly string[] | undefined => columns.get(name)
    this.#reader = sqliteEffects(known)
    if (statements === null) {
      this.#losesRows = true
      return
    }
    // Names in the losses of a plan are those before its first step, and those that the tool wrote are those of its operations, which
    // may have renamed a table before.
    const read = sumOfEffects(sqliteEffects(known), statements).destroys
    const losses = this.step.isRecorded ? [...this.step.losses, ...read] : read
    this.#losesRows = losses.some(({ kind }) => kind === 'rows' || kind === undefined)
    const lossy = losses.filter(isKeepable).flatMap(({ table }) => (table === undefined ? [] : [fold(table)]))
    for (const name of new Set([...lossy, ...rebuiltTables([statements])])) {
      if (this.#tables.has(name)) await this.#copy(name, name)
    }
  }

  /**
   * Copies a table that existed before the first statement.
   *
   * @param now its name now
   * @param moved its columns as they were named, folded → as they are named now
   */
  async #copy(before: string, now: string, moved?: ReadonlyMap<string, string>): Promise<void> {
    const { database, shelf, progress } = this.session
    if (this.#snapshots.has(fold(before))) return
    const table = await tableNamed(database, now)
    if (table === undefined) return
    const names = new Map([...(moved ?? [])].map(([one, other]) => [other, one]))
    const named = (name: string): string => names.get(fold(name)) ?? name
    const columns = (await columnsOf(database, table)).filter(({ isGenerated }) => !isGenerated)
    const rows = await numberOf(database, `SELECT count(*) FROM main.${quote(table)}`)
    const entry = await shelf.add({
      kind: 'table',
      schema: null,
      table: fold(before) === fold(table) ? table : before,
      column: null,
      place: '',
      key: [],
      rows,
      definitions: {},
    })
    if (rows >= 100_000) progress(`keeping ${String(rows)} rows of ${table}`)
    const list = columns.map(({ name }) => `${quote(name)} AS ${quote(named(name))}`)
    // Without constraints and foreign keys: nothing that happens to other tables can change it.
    await database.query(
      `CREATE TABLE main.${quote(keptName(entry.id))} AS SELECT ${list.join(', ')} FROM main.${quote(table)}`,
    )
    this.#snapshots.set(fold(before), {
      entry,
      table: entry.table,
      columns: columns.map((one) => ({ ...one, name: named(one.name) })),
      keys: (await keysOf(database, table)).map((key) => key.map(named)),
      objects: await objectsOf(database, table),
      sequence: await this.#sequenceOf(table),
      rows,
    })
  }

  async #sequenceOf(table: string): Promise<number | undefined> {
    const { database } = this.session
    // The table exists where a table with AUTOINCREMENT was ever created: the history is one.
    const rows = (await database.query(`SELECT seq FROM main.sqlite_sequence WHERE lower(name) = lower(?)`, [
      table,
    ])) as { seq: number }[]
    return rows[0]?.seq
  }

  async finish(): Promise<void> {
    for (const snapshot of this.#snapshots.values()) {
      const { database } = this.session
      const name = keptName(snapshot.entry.id)
      // A ROLLBACK TO of the revision has undone the copy, and what it was made for.
      if (!(await objectExists(database, 'table', name))) continue
      const gone = await this.#goneObjects(snapshot)
      const place = await this.#placeOf(snapshot)
      if (place === undefined) await this.#keepTable(snapshot, gone)
      else await this.#keepChanges(snapshot, place, gone)
    }
  }

  async #goneObjects({ objects }: Snapshot): Promise<Definitions['objects']> {
    const gone: { type: 'index' | 'trigger'; name: string; sql: string }[] = []
    for (const { type, name, sql } of objects) {
      if (!(await objectExists(this.session.database, type, name))) gone.push({ type, name, sql })
    }
    return gone
  }

  /** Undefined if the table was dropped, also if another one has its name. */
  async #placeOf({ table }: Snapshot): Promise<Place | undefined> {
    const { database } = this.session
    const found = [...(this.#reader?.whereabouts([table]) ?? [])]
    const best = found.sort((a, b) => weight(b) - weight(a))[0]
    const name = best === undefined ? undefined : await tableNamed(database, best.table)
    if (best === undefined || name === undefined) return undefined
    const columns = await columnsOf(database, name)
    const taken = new Set(best.columns.values())
    const columnFor = (before: string): string | undefined => {
      // Values that an expression converts are not followed: the column of that name has them, unless it is another one now.
      const same = taken.has(fold(before)) || best.added.has(fold(before)) ? undefined : fold(before)
      const now = best.columns.get(fold(before)) ?? same
      return columns.find((one) => fold(one.name) === now)?.name
    }
    const typeOf = (column: string): string => columns.find((one) => one.name === column)?.type ?? ''
    return { table: name, columnFor, typeOf }

    function weight(one: { readonly table: string; readonly columns: ReadonlyMap<string, string> }): number {
      return one.columns.size + (one.table === fold(table) ? 0.5 : 0)
    }
  }

  async #keepTable(snapshot: Snapshot, objects: Definitions['objects']): Promise<void> {
    const { entry, columns, keys, sequence, rows } = snapshot
    const definitions: Definitions = { columns: columns.map(({ name }) => name), sequence, objects }
    await this.session.shelf.change(entry.id, {
      place: keptName(entry.id),
      key: keys[0] ?? [],
      rows,
      definitions: { ...definitions },
    })
  }

  async #keepChanges(snapshot: Snapshot, place: Place, objects: Definitions['objects']): Promise<void> {
    const { database, shelf } = this.session
    const copy = keptName(snapshot.entry.id)
    const key = await this.#keyOf(snapshot, place)
    const changed = key === undefined ? [] : await this.#changedColumns(snapshot, place, key)
    let dropped = objects
    for (const { column, now } of changed) {
      if (key === undefined) break
      const movedKey = changed.some((one) => one.now !== undefined && key.before.includes(one.column.name))
      await this.#keepColumn(snapshot, { place, key, movedKey, column, now, objects: dropped })
      dropped = []
    }
    await database.query(`DROP TABLE main.${quote(copy)}`)
    await shelf.remove(snapshot.entry.id)
  }

  /**
   * The key by which the rows of the copy find their rows now: all of them, unless the upgrade deletes rows.
   *
   * @throws AludelError `ALUDEL_KEEP` if there is none, and the table has rows of which something is lost
   */
  async #keyOf(snapshot: Snapshot, place: Place): Promise<Key | undefined> {
    const { rows, keys } = snapshot
    if (rows === 0) return undefined
    let best: (Key & { readonly found: number }) | undefined
    for (const before of keys) {
      const after = before.flatMap((name) => place.columnFor(name) ?? [])
      if (after.length !== before.length) continue
      const found = await numberOf(
        this.session.database,
        `SELECT count(*) FROM ${this.#join(snapshot, place, { before, after })}`,
      )
      if (found === rows) return { before, after }
      if (best === undefined || found > best.found) best = { before, after, found }
    }
    if (best !== undefined && this.#losesRows) return best
    if (!(await this.#isLossy(snapshot, place))) return undefined
    throw new AludelError(
      'ALUDEL_KEEP',
      `what the revision changes in ${snapshot.table} cannot be kept: its rows have no key that stays the same`,
      {
        help: 'Change the key in a revision of its own, or run without --keep-dropped, with a backup.',
        details: { revision: this.step.revision.id, losses: this.step.losses.map(({ text }) => text) },
      },
    )
  }

  /** Whether something is lost of a table that is compared without a key. */
  async #isLossy({ entry, columns }: Snapshot, place: Place): Promise<boolean> {
    const now = columns.flatMap(({ name }) => place.columnFor(name) ?? [])
    if (now.length < columns.length) return true
    const list = (names: readonly string[]): string =>
      names.map((name) => `${quote(name)} COLLATE BINARY, typeof(${quote(name)})`).join(', ')
    const rows = (await this.session.database.query(
      `SELECT 1 FROM (SELECT ${list(columns.map(({ name }) => name))} FROM main.${quote(keptName(entry.id))} EXCEPT SELECT ${list(now)} FROM main.${quote(place.table)}) LIMIT 1`,
    )) as unknown[]
    return rows.length > 0
  }

  #join(snapshot: Snapshot, place: Place, { before, after }: Key): string {
    const on = joined('t', after, 's', before)
    return `main.${quote(keptName(snapshot.entry.id))} AS s JOIN main.${quote(place.table)} AS t ON ${on}`
  }

  /** The columns that are gone, or have other values in some row. */
  async #changedColumns(snapshot: Snapshot, place: Place, key: Key): Promise<readonly Changed[]> {
    const columns = snapshot.columns.map((column): Changed => ({ column, now: place.columnFor(column.name) }))
    const tests = columns.map(({ column, now }, at) => {
      const test = now === undefined ? '1' : `max(${differs(`s.${quote(column.name)}`, `t.${quote(now)}`)})`
      return `${test} AS ${quote(String(at))}`
    })
    const [flags] = (await this.session.database.query(
      `SELECT ${tests.join(', ')} FROM ${this.#join(snapshot, place, key)}`,
    )) as Record<string, number | null>[]
    return columns.filter((one, at) => flags?.[String(at)] === 1 || isConverted(one, place))
  }

  async #keepColumn(snapshot: Snapshot, { place, key, movedKey, column, now, objects }: Change): Promise<void> {
    const { database, shelf } = this.session
    const definitions: Definitions = {
      after: place.table,
      keyAfter: key.after,
      ...(now !== undefined && { columnAfter: now }),
      ...(movedKey && { movedKey }),
      column: { notNull: column.notNull, default: column.default },
      ...(objects !== undefined && objects.length > 0 && { objects }),
    }
    const entry = await shelf.add({
      kind: now === undefined ? 'column' : 'values',
      schema: null,
      table: snapshot.table,
      column: column.name,
      place: '',
      key: key.before,
      rows: 0,
      definitions: { ...definitions },
    })
    const name = keptName(entry.id)
    const columns = [
      ...key.after.map((one, at) => `t.${quote(one)} AS ${quote(keptColumns.key(at))}`),
      ...(movedKey ? key.before.map((one, at) => `s.${quote(one)} AS ${quote(keptColumns.before(at))}`) : []),
      `s.${quote(column.name)} AS ${quote(keptColumns.old)}`,
      ...(now === undefined ? [] : [`t.${quote(now)} AS ${quote(keptColumns.new)}`]),
    ]
    // A value that the upgrade leaves as it is may be one that the downgrade converts.
    const isWhole = now === undefined || isConverted({ column, now }, place)
    const where = isWhole ? '' : ` WHERE ${differs(`s.${quote(column.name)}`, `t.${quote(now)}`)}`
    await database.query(
      `CREATE TABLE main.${quote(name)} AS SELECT ${columns.join(', ')} FROM ${this.#join(snapshot, place, key)}${where}`,
    )
    const rows = await numberOf(database, `SELECT count(*) FROM main.${quote(name)}`)
    await shelf.change(entry.id, { place: name, rows })
  }
}

/** A column that the upgrade has changed, and its name now; undefined if it is gone. */
interface Changed {
  readonly column: CatalogColumn
  readonly now: string | undefined
}

/** Whether SQLite stores other values in the column as it is now. */
function isConverted({ column, now }: Changed, place: Place): boolean {
  return now !== undefined && affinityOf(column.type) !== affinityOf(place.typeOf(now))
}

interface Change extends Changed {
  readonly place: Place
  readonly key: Key
  /** Whether values of the key are among those that have changed. */
  readonly movedKey: boolean
  readonly objects: Definitions['objects']
}

/** A key of a table, as its columns are named before and after the upgrade. */
interface Key {
  readonly before: readonly string[]
  readonly after: readonly string[]
}

/** The tables that the statements of a text drop, or of which they drop a column. */
function droppedIn(sql: string): readonly string[] {
  if (!/\bdrop\b/i.test(sql)) return []
  return statementsIn(sql).flatMap((tokens) => droppedBy(sql, tokens) ?? [])
}

function droppedBy(sql: string, tokens: readonly Token[]): string | undefined {
  const cursor = new Cursor(sql, tokens)
  try {
    if (cursor.take('DROP', 'TABLE')) {
      cursor.take('IF', 'EXISTS')
      return cursor.qualifiedName().name
    }
    if (!cursor.take('ALTER', 'TABLE')) return undefined
    const { name } = cursor.qualifiedName()
    return cursor.is('DROP') ? name : undefined
  } catch {
    // The database refuses it.
    return undefined
  }
}
