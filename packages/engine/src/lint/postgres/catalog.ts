import type { RangeVar } from 'libpg-query' with { 'resolution-mode': 'import' }

import { quotedName } from '../../sql/tokens'
import { undoes } from '../place'
import type { Column, Constraint, EnumType, Index, Name, Place, Table } from './facts'

/** The name of a relation in a statement. */
export function nameIn(relation: RangeVar | undefined): Name {
  return nameOf([relation?.schemaname ?? 'public', relation?.relname ?? ''])
}

/** @param parts of a qualified name; the last two count */
export function nameOf(parts: readonly string[]): Name {
  const name = parts.at(-1) ?? ''
  const schema = parts.at(-2) ?? 'public'
  const isPlain = schema === 'public'
  return {
    key: `${schema}\0${name}`,
    text: isPlain ? name : `${schema}.${name}`,
    sql: isPlain ? quotedName(name) : `${quotedName(schema)}.${quotedName(name)}`,
    schema,
    name,
  }
}

/** Identifies a column of a table. */
export function columnKey(table: Name, column: string): string {
  return `${table.key}\0${column}`
}

type Renamed = 'table' | 'column' | 'value' | 'schema'

/** A constraint that a statement has dropped. */
export interface DroppedConstraint {
  readonly table: Name
  readonly name: string
  /** Undefined if nothing was known of it. */
  readonly known: Constraint | undefined
  /** It was a unique index, of whole rows and plain columns. */
  readonly isIndex?: true
  readonly place: Place
}

/** A column that a statement has dropped. */
export interface DroppedColumn {
  readonly table: Name
  readonly column: Column
  readonly place: Place
}

/** What is known of a database at one point of its history. `learn.ts` applies statements to it. */
export class Catalog {
  readonly tables: Map<string, Table>
  readonly indexes: Map<string, Index>
  readonly enums: Map<string, EnumType>
  readonly schemas: Map<string, Place>
  /** Names that a step gave by a rename. */
  readonly #renamed: Set<string>
  /** Columns without NULL after an UPDATE or DELETE of a revision: `columnKey`. */
  readonly filled: Set<string>
  /** Upgrades whose statements are not known. */
  readonly unread: Set<Place>
  /** The step that is being read. */
  place: Place = ':upgrade'
  /** Constraints and unique indexes that statements have dropped, as they were, with the step that dropped them. */
  readonly dropped: DroppedConstraint[]
  /** The same for columns. */
  readonly droppedColumns: DroppedColumn[]
  /** Indexes that statements have dropped by DROP INDEX. */
  readonly #droppedIndexes: { readonly index: Index; readonly place: Place }[]

  constructor(from?: Catalog) {
    this.tables = new Map(from?.tables)
    this.indexes = new Map(from?.indexes)
    this.enums = new Map(from?.enums)
    this.schemas = new Map(from?.schemas)
    this.#renamed = new Set(from === undefined ? [] : from.#renamed)
    this.filled = new Set(from?.filled)
    this.unread = new Set(from?.unread)
    this.dropped = [...(from?.dropped ?? [])]
    this.#droppedIndexes = from === undefined ? [] : [...from.#droppedIndexes]
    this.droppedColumns = [...(from?.droppedColumns ?? [])]
    this.place = from?.place ?? ':upgrade'
  }

  table(name: Name): Table | undefined {
    return this.tables.get(name.key)
  }

  column(name: Name, column: string): Column | undefined {
    return this.table(name)?.columns.get(column)
  }

  constraint(name: Name, constraint: string): Constraint | undefined {
    return this.table(name)?.constraints.get(constraint)
  }

  index(name: Name): Index | undefined {
    return this.indexes.get(name.key)
  }

  enumType(name: Name): EnumType | undefined {
    return this.enums.get(name.key)
  }

  indexesOf(table: Name): readonly Index[] {
    return [...this.indexes.values()].filter((index) => index.table === table.key)
  }

  dropIndex(name: Name): void {
    const index = this.index(name)
    this.indexes.delete(name.key)
    if (index !== undefined) this.#droppedIndexes.push({ index, place: this.place })
  }

  /** The indexes that this step has dropped by DROP INDEX. */
  get droppedIndexes(): readonly Index[] {
    return this.#droppedIndexes.flatMap(({ index, place }) => (this.isHere(place) ? [index] : []))
  }

  /** Made by an earlier statement of this step, so that nobody uses it yet. */
  isNew(name: Name): boolean {
    return this.isHere(this.table(name)?.madeIn)
  }

  isNewColumn(table: Name, column: string): boolean {
    return this.isNew(table) || this.isHere(this.column(table, column)?.madeIn)
  }

  isHere(place: Place | undefined): boolean {
    return place !== undefined && place === this.place
  }

  /**
   * In a downgrade: made by the upgrade of the same revision, which this undoes. If the statements of that are not known, it made
   * what nothing else is known to have made.
   */
  isUndone(place: Place | undefined): boolean {
    return undoes(this.place, place) || (place === undefined && this.undoesUnread)
  }

  /** In a downgrade: the statements of the upgrade are not known. */
  get undoesUnread(): boolean {
    return [...this.unread].some((one) => undoes(this.place, one))
  }

  /** Takes note of a new name. Tables are named by their key, columns and values alone: their table or type may be renamed, too. */
  noteRename(kind: Renamed, name: string): void {
    this.#renamed.add([this.place, kind, name].join('\0'))
  }

  /** In a downgrade: the upgrade of the same revision gave this name by a rename. */
  undoesRename(kind: Renamed, name: string): boolean {
    const [revision, direction] = this.place.split(':')
    return direction === 'downgrade' && this.#renamed.has([`${String(revision)}:upgrade`, kind, name].join('\0'))
  }

  /** The constraints of a table that this step has dropped: its rows satisfy them if another one replaces them. */
  droppedHere(table: Name): readonly Constraint[] {
    return this.dropped.flatMap(({ table: { key }, known, place }) =>
      key === table.key && this.isHere(place) ? (known ?? []) : [],
    )
  }

  /** A table that existed before: its value is made when a statement first says something of it. */
  changed(name: Name, change: Partial<Omit<Table, 'name'>>): void {
    const known = this.table(name) ?? {
      name,
      kind: 'table',
      columns: new Map<string, Column>(),
      complete: false,
      constraints: new Map<string, Constraint>(),
      partitioned: false,
    }
    this.tables.set(name.key, { ...known, ...change })
  }

  /** Applies a new name of a table or a column to what this catalog remembers of dropped constraints. */
  changeDropped(change: (constraint: DroppedConstraint) => DroppedConstraint): void {
    for (const [at, one] of this.dropped.entries()) this.dropped[at] = change(one)
  }

  setColumn(name: Name, column: Column): void {
    this.changed(name, { columns: new Map(this.table(name)?.columns).set(column.name, column) })
  }

  /** Does nothing for a column that is not known. */
  changeColumn(name: Name, column: string, change: Partial<Column>): void {
    const known = this.column(name, column)
    if (known !== undefined) this.setColumn(name, { ...known, ...change })
  }

  setConstraint(name: Name, constraint: Constraint): void {
    this.changed(name, { constraints: new Map(this.table(name)?.constraints).set(constraint.name, constraint) })
  }
}
