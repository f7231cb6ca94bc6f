import type { WrittenName } from '../../sql/reader'
import { fold } from '../../sql/sqlite/tokens'
import { quotedName } from '../../sql/tokens'
import { type Place, undoes } from '../place'
import type {
  Copied,
  Rebuild,
  SqliteColumn,
  SqliteIndex,
  SqliteName,
  SqliteTable,
  SqliteTrigger,
  SqliteView,
} from './facts'

/** What is known of a SQLite database at one point of its history. `learn.ts` applies statements to it. */
export class SqliteCatalog {
  readonly tables: Map<string, SqliteTable>
  readonly indexes: Map<string, SqliteIndex>
  readonly triggers: Map<string, SqliteTrigger>
  readonly views: Map<string, SqliteView>
  /** The step that is being read. */
  place: Place = ':upgrade'
  /** References keep the name of a table that is renamed: `PRAGMA legacy_alter_table = ON`. */
  legacyRename = false
  /** Between the savepoints around a rebuild that the tool writes. */
  inOwnRebuild = false
  /** Tables of this step that have rows of others. */
  readonly copies = new Map<string, Copied>()
  /** Tables that this step has rebuilt. */
  readonly rebuilds = new Map<string, Rebuild>()
  /** Indexes and triggers that this step has dropped together with their table, by the key of the table before the step. */
  readonly lost = new Map<string, readonly (SqliteIndex | SqliteTrigger)[]>()
  /** Unique indexes that statements of this step have dropped by their names. */
  readonly dropped: SqliteIndex[] = []
  /** The tables before the step. */
  #before: ReadonlyMap<string, SqliteTable> = new Map()
  /** By the key of a table that the step has renamed: its key before the step. */
  readonly #was = new Map<string, string>()

  constructor(from?: SqliteCatalog) {
    this.tables = new Map(from?.tables)
    this.indexes = new Map(from?.indexes)
    this.triggers = new Map(from?.triggers)
    this.views = new Map(from?.views)
  }

  /** Begins to read a step. */
  begin(place: Place): void {
    this.place = place
    this.legacyRename = false
    this.inOwnRebuild = false
    this.copies.clear()
    this.rebuilds.clear()
    this.lost.clear()
    this.dropped.length = 0
    this.#was.clear()
    this.#before = new Map(this.tables)
  }

  /** A name in a statement. */
  name({ schema, name }: WrittenName): SqliteName {
    if (schema !== undefined) return nameOf(schema, name)
    const temporary = nameOf('temp', name)
    return this.tables.has(temporary.key) || this.views.has(temporary.key) ? temporary : nameOf('main', name)
  }

  table({ key }: SqliteName): SqliteTable | undefined {
    return this.tables.get(key)
  }

  column(table: SqliteName, column: string): SqliteColumn | undefined {
    return this.table(table)?.columns.get(fold(column))
  }

  indexesOf({ key }: SqliteName): readonly SqliteIndex[] {
    return [...this.indexes.values()].filter(({ table }) => table === key)
  }

  triggersOf({ key }: SqliteName): readonly SqliteTrigger[] {
    return [...this.triggers.values()].filter(({ table }) => table === key)
  }

  /** Tables with a foreign key to this one. */
  referring({ key }: SqliteName): readonly SqliteTable[] {
    return [...this.tables.values()].filter(({ constraints }) =>
      constraints.some(({ references }) => references === key),
    )
  }

  /** Made by an earlier statement of this step, so that nobody uses it yet, and not to replace an older one. */
  isNew(name: SqliteName): boolean {
    return this.isHere(this.table(name)?.madeIn)
  }

  isNewColumn(table: SqliteName, column: string): boolean {
    return this.isNew(table) || this.isHere(this.column(table, column)?.madeIn)
  }

  isHere(place: Place | undefined): boolean {
    return place !== undefined && place === this.place
  }

  /** In a downgrade: made by the upgrade of the same revision, which this undoes. */
  isUndone(place: Place | undefined): boolean {
    return undoes(this.place, place)
  }

  /** The key that a table had before the step. */
  wasKey(key: string): string {
    return this.#was.get(key) ?? key
  }

  /** A table as it was before the step; undefined if it is not known. */
  before(key: string): SqliteTable | undefined {
    return this.#before.get(key)
  }

  /** A table that existed before: its value is made when a statement first says something of it. */
  changed(name: SqliteName, change: Partial<Omit<SqliteTable, 'name'>>): void {
    const known = this.table(name) ?? {
      name,
      kind: 'table',
      columns: new Map<string, SqliteColumn>(),
      constraints: [],
      complete: false,
      strict: false,
    }
    this.tables.set(name.key, { ...known, ...change })
  }

  setColumn(table: SqliteName, column: SqliteColumn): void {
    this.changed(table, { columns: new Map(this.table(table)?.columns).set(fold(column.name), column) })
  }

  /** Gives a table another key, and its indexes and triggers with it. */
  moveTable(table: SqliteTable, to: SqliteName): void {
    const from = table.name.key
    this.#was.set(to.key, this.wasKey(from))
    this.#was.delete(from)
    this.tables.delete(from)
    this.tables.set(to.key, { ...table, name: to })
    const copied = this.copies.get(from)
    if (copied !== undefined) {
      this.copies.delete(from)
      this.copies.set(to.key, copied)
    }
    for (const [key, index] of this.indexes)
      if (index.table === from) this.indexes.set(key, { ...index, table: to.key })
    for (const [key, trigger] of this.triggers)
      if (trigger.table === from) this.triggers.set(key, { ...trigger, table: to.key })
  }

  /** Drops a table, with its indexes and triggers. */
  dropTable(name: SqliteName): void {
    const was = this.wasKey(name.key)
    const own = [...this.indexesOf(name), ...this.triggersOf(name)]
    this.lost.set(was, [...(this.lost.get(was) ?? []), ...own])
    for (const { name: object } of own) {
      this.indexes.delete(object.key)
      this.triggers.delete(object.key)
    }
    this.tables.delete(name.key)
    this.copies.delete(name.key)
    this.#was.delete(name.key)
  }

  /** The columns of a table that store values; undefined if unknown. */
  columnsOf(table: string): readonly string[] | undefined {
    const at = table.indexOf('.')
    const known =
      this.tables.get(nameOf('main', table).key) ??
      (at === -1 ? undefined : this.tables.get(nameOf(table.slice(0, at), table.slice(at + 1)).key))
    if (known?.complete !== true || known.kind !== 'table') return undefined
    return [...known.columns.values()].flatMap(({ name, generated }) => (generated === undefined ? [name] : []))
  }
}

function nameOf(schema: string, name: string): SqliteName {
  const folded = fold(schema)
  const isMain = folded === 'main'
  return {
    key: `${folded}\0${fold(name)}`,
    text: isMain ? name : `${folded}.${name}`,
    sql: isMain ? quotedName(name) : `${quotedName(folded)}.${quotedName(name)}`,
    schema: folded,
    name,
  }
}
