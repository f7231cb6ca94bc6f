import { type Loss, sumOfEffects } from '../../../sql/effects'
import { Cursor } from '../../../sql/sqlite/cursor'
import { sqliteEffects, type SqliteEffectsReader } from '../../../sql/sqlite/effects'
import { statementsIn } from '../../../sql/sqlite/statements'
import { fold, type Token } from '../../../sql/sqlite/tokens'
import type { KeepingSession, KeepingStep } from '../../roles/keeping'
import type { StatementWatch } from '../../roles/running'
import { rebuiltTables } from '../live-only'
import { quote } from '../quote'
import { columnsOf, keysOf, numberOf, objectExists, objectsOf, storedColumns, tableNamed } from './catalog'
import { Changes, type Place, type Snapshot } from './changes'
import type { Definitions } from './definitions'
import { isKept, keptName } from './names'

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
  /** Whether a statement deletes or replaces rows of a table. Unless they are known, any may. */
  #losesRows: (table: string) => boolean = () => true

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
      if (this.#tables.has(fold(origin))) await this.#copy(origin, table, { moved: here?.columns })
    }
  }

  async #begin(): Promise<void> {
    const { database } = this.session
    const { statements } = this.step
    const columns = await storedColumns(database)
    this.#tables = new Set([...columns.keys()].filter((name) => !isKept(name)).map(fold))
    const known = (name: string): readonly string[] | undefined => columns.get(name)
    this.#reader = sqliteEffects(known)
    if (statements === null) return
    // Names in the losses of a plan are those before its first step, and those that the tool wrote are those of its operations, which
    // may have renamed a table before.
    const read = sumOfEffects(sqliteEffects(known), statements).destroys
    const losses = this.step.isRecorded ? [...this.step.losses, ...read] : read
    this.#losesRows = (name) =>
      losses.some(
        ({ kind, table }) =>
          (kind === 'rows' || kind === undefined) && (table === undefined || fold(table) === fold(name)),
      )
    const kept = losses.filter(isKeepable)
    const lossy = kept.flatMap(({ table }) => (table === undefined ? [] : [fold(table)]))
    const rebuilt = rebuiltTables([statements])
    for (const name of new Set([...lossy, ...rebuilt])) {
      if (!this.#tables.has(name)) continue
      const only = rebuilt.has(name)
        ? undefined
        : droppedColumns(kept.filter(({ table }) => fold(table ?? '') === name))
      await this.#copy(name, name, { only })
    }
  }

  /**
   * Copies a table that existed before the first statement.
   *
   * @param now its name now
   * @param options `moved`: its columns as they were named, folded → as they are named now; `only`: the columns that are lost, folded,
   *   where no statement can change others
   */
  async #copy(
    before: string,
    now: string,
    { moved, only }: { readonly moved?: ReadonlyMap<string, string>; readonly only?: ReadonlySet<string> },
  ): Promise<void> {
    const { database, shelf, progress } = this.session
    if (this.#snapshots.has(fold(before))) return
    const table = await tableNamed(database, now)
    if (table === undefined) return
    const names = new Map([...(moved ?? [])].map(([one, other]) => [other, one]))
    const named = (name: string): string => names.get(fold(name)) ?? name
    const keys = await keysOf(database, table)
    const wanted = only && new Set([...only, ...keys.flat().map(fold)])
    const columns = (await columnsOf(database, table)).filter(
      ({ name, isGenerated }) => !isGenerated && wanted?.has(fold(name)) !== false,
    )
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
      keys: keys.map((key) => key.map(named)),
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
    const changes = new Changes(this.session, this.step, this.#losesRows)
    for (const snapshot of this.#snapshots.values()) {
      const { database } = this.session
      const name = keptName(snapshot.entry.id)
      // A ROLLBACK TO of the revision has undone the copy, and what it was made for.
      if (!(await objectExists(database, 'table', name))) continue
      const gone = await this.#goneObjects(snapshot)
      const place = await this.#placeOf(snapshot)
      if (place === undefined) await changes.keepTable(snapshot, gone)
      else await changes.keepChanges(snapshot, place, gone)
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
}

/** The columns of a table that lose something, folded; undefined if more may be lost than columns that are dropped. */
function droppedColumns(losses: readonly Loss[]): ReadonlySet<string> | undefined {
  const columns = losses.flatMap(({ kind, column }) =>
    kind === 'column' && column !== undefined ? [fold(column)] : [],
  )
  return columns.length === losses.length ? new Set(columns) : undefined
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
