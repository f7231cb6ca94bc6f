import { AludelError } from '../../../errors'
import type { KeepingSession, KeepingStep, KeptEntry } from '../../roles/keeping'
import { quote } from '../quote'
import { affinityOf, type CatalogColumn, type CatalogObject, numberOf } from './catalog'
import { type Definitions, keptColumns } from './definitions'
import { keptName } from './names'
import { differs, joined } from './values'

/** A table as it was, in the table of an entry: what the upgrade has not changed is removed from it at the end. */
export interface Snapshot {
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
export interface Place {
  readonly table: string
  /** The column that has the values of one; undefined if none has. */
  readonly columnFor: (before: string) => string | undefined
  /** The declared type of a column. */
  readonly typeOf: (column: string) => string
}

/** Keeps what one upgrade has changed, found by comparing copies of its tables with the tables as it has left them. */
export class Changes {
  /** @param losesRows whether a statement deletes or replaces rows of a table: not all rows of its copy find theirs then */
  constructor(
    private readonly session: KeepingSession,
    private readonly step: KeepingStep,
    private readonly losesRows: (table: string) => boolean,
  ) {}

  /** Keeps a table that the upgrade has dropped. */
  async keepTable(snapshot: Snapshot, objects: Definitions['objects']): Promise<void> {
    const { entry, columns, keys, sequence, rows } = snapshot
    const definitions: Definitions = { columns: columns.map(({ name }) => name), sequence, objects }
    await this.session.shelf.change(entry.id, {
      place: keptName(entry.id),
      key: keys[0] ?? [],
      rows,
      definitions: { ...definitions },
    })
  }

  /** Keeps what the upgrade has changed in a table, and removes the copy. */
  async keepChanges(snapshot: Snapshot, place: Place, objects: Definitions['objects']): Promise<void> {
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
    if (best !== undefined && this.losesRows(snapshot.table)) return best
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
