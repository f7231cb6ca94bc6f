import type { Copy } from './copy'
import type { ColumnsOf, Loss } from '../effects'
import type { WrittenName } from '../reader'
import { copyImage, forget, type Image, missingFrom, type Origin, originOf, type Part } from './images'
import { fold } from './tokens'

/** A table at one point of a plan. */
export interface KnownTable {
  key: string
  schema: string
  /** As first written. */
  name: string
  /** What an earlier statement created it as; false if it existed before. Only a `table` keeps rows copied to it. */
  readonly made: 'table' | 'virtual' | 'view' | false
  /** The columns that store values, in order; undefined if they are not known. */
  columns: string[] | undefined
  /** Columns, folded, that earlier statements have added. */
  readonly added: Set<string>
  /** Its definition has `ON CONFLICT …`: a row may be omitted without an error. */
  readonly hasConflictClause: boolean
  images: Image[]
}

/** Rows of a table that existed before the plan, in one table at one point of it. */
export interface Whereabouts {
  /** The table that has them now; folded. */
  readonly table: string
  /** The table that had them before, as the database names it. */
  readonly origin: string
  /** Its columns, folded → the columns that have their values now, folded. */
  readonly columns: ReadonlyMap<string, string>
  /** All columns of the table that store values now, folded; undefined if unknown. */
  readonly all: readonly string[] | undefined
  /** Columns that ALTER TABLE has added to the table, folded. */
  readonly added: ReadonlySet<string>
}

/** The tables of a database while a plan runs, as far as its statements show. */
export class Tables {
  #tables = new Map<string, KnownTable>()
  /** Names that are unused because their tables were dropped or renamed. */
  #free = new Set<string>()
  /** How often foreign keys were switched: only halves of the same time make a whole. */
  #time = 0

  constructor(private readonly columnsOf: ColumnsOf) {}

  copy(): Tables {
    const copy = new Tables(this.columnsOf)
    for (const [key, table] of this.#tables) {
      copy.#tables.set(key, {
        ...table,
        columns: table.columns && [...table.columns],
        added: new Set(table.added),
        images: table.images.map(copyImage),
      })
    }
    // Origins are compared by identity, and a copy keeps them.
    copy.#free = new Set(this.#free)
    copy.#time = this.#time
    return copy
  }

  /**
   * Resolves a name as SQLite does: https://sqlite.org/lang_naming.html. An unused name may belong to a table of an
   * attached database.
   */
  find(name: WrittenName): KnownTable {
    const key = this.keyOf(name)
    const known = this.#tables.get(key)
    if (known !== undefined) return known
    return this.isFree(name) ? this.#original(`?.${key}`, name) : this.#keep(this.#original(key, name))
  }

  keyOf({ schema, name }: WrittenName): string {
    if (schema !== undefined) return `${fold(schema)}.${fold(name)}`
    const temporary = `temp.${fold(name)}`
    return this.#tables.has(temporary) ? temporary : `main.${fold(name)}`
  }

  /** True if an earlier statement has dropped or renamed the table of that name. */
  isFree(name: WrittenName): boolean {
    return this.#free.has(this.keyOf(name))
  }

  /** True if an earlier statement has created, renamed or used a table of that name. */
  isKnown(name: WrittenName): boolean {
    return this.#tables.has(this.keyOf(name))
  }

  #original(key: string, { schema, name }: WrittenName): KnownTable {
    const as = displayName({ schema, name })
    // The database may have the name in lower case. In any other case, the columns are not known.
    const shown = this.columnsOf(as) === undefined && this.columnsOf(fold(as)) !== undefined ? fold(as) : as
    const found = this.columnsOf(shown)
    const columns = found === undefined || found.length === 0 ? undefined : [...found]
    const image: Image = {
      origin: { key, name: shown },
      part: 'whole',
      columns: new Map(columns?.map((column) => [fold(column), column])),
      rest: columns === undefined,
      except: new Set(),
    }
    const base = { made: false, added: new Set<string>(), hasConflictClause: true } as const
    return { ...base, key, schema: fold(schema ?? 'main'), name, columns, images: [image] }
  }

  #keep(table: KnownTable): KnownTable {
    this.#tables.set(table.key, table)
    this.#free.delete(table.key)
    return table
  }

  /** Adds a table, a virtual table or a view that a statement creates. */
  create(
    { schema, name }: Required<WrittenName>,
    made: 'table' | 'virtual' | 'view',
    { columns, hasConflictClause = false }: { readonly columns?: string[]; readonly hasConflictClause?: boolean } = {},
  ): KnownTable {
    const key = `${fold(schema)}.${fold(name)}`
    const base = { added: new Set<string>(), hasConflictClause, images: [] }
    return this.#keep({ ...base, key, schema: fold(schema), name, made, columns })
  }

  drop(table: KnownTable): void {
    this.#tables.delete(table.key)
    this.#free.add(table.key)
  }

  /** Forgets the tables of one database of the session. */
  forget(schema: string): void {
    for (const [key, table] of this.#tables) if (table.schema === fold(schema)) this.#tables.delete(key)
  }

  rename(table: KnownTable, to: string): void {
    this.drop(table)
    table.name = to
    table.key = `${table.schema}.${fold(to)}`
    this.#keep(table)
  }

  renameColumn(table: KnownTable, from: string, to: string): void {
    const [old, now] = [fold(from), fold(to)]
    for (const image of table.images) {
      const origin = originOf(image, old, table.added.has(old))
      if (origin === undefined) continue
      image.columns.delete(old)
      image.columns.set(now, origin)
    }
    if (table.added.delete(old)) table.added.add(now)
    table.columns = table.columns?.map((column) => (fold(column) === old ? to : column))
  }

  addColumn(table: KnownTable, column: string, holdsValues: boolean): void {
    table.added.add(fold(column))
    if (holdsValues) table.columns?.push(column)
  }

  /** Records that the session has switched foreign keys. */
  switchForeignKeys(): void {
    this.#time += 1
  }

  /**
   * Records that `target` now also has all or half of the rows of `source`.
   *
   * @param targets columns that receive the values. Default is all columns.
   */
  keepCopy(target: KnownTable, targets: readonly string[] | undefined, source: KnownTable, copy: Copy): void {
    const into = (targets ?? target.columns)?.map(fold)
    const hasAll = copy.columns.length === 1 && copy.columns[0] === '*'
    if (hasAll && into === undefined) return
    const from = hasAll ? source.columns : copy.columns.map((column) => (column === '*' ? undefined : column.kept))
    if (into === undefined || from?.length !== into.length || source === target) return
    for (const image of source.images) {
      const part = this.#partOf(image, copy)
      if (part === undefined) continue
      const columns = new Map<string, string>()
      from.forEach((column, at) => {
        const origin = column === undefined ? undefined : originOf(image, fold(column), source.added.has(fold(column)))
        if (origin !== undefined) columns.set(into[at] ?? '', origin)
      })
      target.images.push({ origin: image.origin, part, columns, rest: false, except: new Set() })
    }
  }

  /** Records `CREATE TABLE target AS SELECT * FROM source`. */
  keepAll(target: KnownTable, source: KnownTable, copy: Copy): void {
    target.columns = source.columns && [...source.columns]
    for (const column of source.added) target.added.add(column)
    for (const image of source.images) {
      const part = this.#partOf(image, copy)
      if (part !== undefined) target.images.push({ ...copyImage(image), part })
    }
  }

  #partOf(image: Image, copy: Copy): Part | undefined {
    if (copy.half === undefined) return image.part
    const part: Part = `${copy.half} ${this.#time}`
    return image.part === 'whole' || image.part === part ? part : undefined
  }

  whereabouts(tables: readonly string[]): Whereabouts[] {
    for (const name of tables) if (!this.isFree({ name })) this.find({ name })
    const wanted = new Set(tables.map((name) => this.keyOf({ schema: 'main', name })))
    return [...this.#tables.values()]
      .filter(({ schema }) => schema === 'main')
      .flatMap(({ name, images, added, columns: all }) =>
        images.flatMap(({ origin, columns }) =>
          wanted.has(origin.key)
            ? {
                table: fold(name),
                origin: origin.name,
                added,
                all: all?.map(fold),
                columns: new Map([...columns].map(([now, before]) => [fold(before), now])),
              }
            : [],
        ),
      )
  }

  /** Drops all rows: those that are nowhere else are lost. */
  loseAll(table: KnownTable): Loss[] {
    return table.images.flatMap((image): Loss[] => {
      const missing = missingFrom(image, this.#others(table))
      const name = this.#nameOf(table, image)
      const of = image.origin.name
      if (missing.everything) {
        return image.columns.size > 0 || image.rest ? [{ text: `all rows of ${name}`, table: of, kind: 'table' }] : []
      }
      return [
        ...missing.columns.map((folded): Loss => {
          const column = this.#written(table, folded)
          return { text: `values of ${name}.${column}`, table: of, kind: 'column', column }
        }),
        ...(missing.rest
          ? [{ text: `columns of ${name} that are not copied`, table: of, kind: 'column' as const }]
          : []),
      ]
    })
  }

  /**
   * Deletes some or all rows, and keeps the table.
   *
   * @param what `all rows`, `some rows`, `old rows with the same key`
   */
  loseRows(table: KnownTable, what: (name: string) => string): Loss[] {
    const lost: Loss[] = []
    table.images = table.images.filter((image) => {
      if (this.#isElsewhere(table, image)) return false
      if (image.columns.size > 0 || image.rest)
        lost.push({ text: what(this.#nameOf(table, image)), table: image.origin.name, kind: 'rows' })
      return true
    })
    return lost
  }

  /** Overwrites or drops the values of a column. */
  loseColumn(table: KnownTable, column: string, what: 'values' | 'old values'): Loss[] {
    const folded = fold(column)
    return table.images.flatMap((image): Loss[] => {
      const origin = originOf(image, folded, table.added.has(folded))
      if (origin === undefined) {
        if (what === 'values' || !this.#isStrange(table, folded)) return []
        const text = `old values of ${this.#nameOf(table, image)}.${column}`
        return [{ text, table: image.origin.name, kind: 'overwritten' }]
      }
      const isElsewhere = this.#isElsewhere(table, image)
      const text = `${what} of ${this.#nameOf(table, image)}.${this.#written(table, column)}`
      forget(image, folded, origin)
      const kind = what === 'values' ? 'column' : 'overwritten'
      return isElsewhere ? [] : [{ text, table: image.origin.name, kind, column: origin }]
    })
  }

  /** True for an unknown column: `rowid` is another name of a key, which may be that of this table. */
  #isStrange(table: KnownTable, column: string): boolean {
    if (table.added.has(column) || table.columns === undefined) return false
    return !table.columns.some((one) => fold(one) === column)
  }

  dropColumn(table: KnownTable, column: string): void {
    const folded = fold(column)
    table.added.delete(folded)
    table.columns = table.columns?.filter((one) => fold(one) !== folded)
  }

  #isElsewhere(table: KnownTable, image: Image): boolean {
    const { columns, rest, everything } = missingFrom(image, this.#others(table))
    return !everything && !rest && columns.length === 0
  }

  /** Without temporary tables, which end with the session, and without tables of attached databases, which are unknown. */
  #others(table: KnownTable): Image[] {
    return [...this.#tables.values()]
      .filter((other) => other !== table && (other.schema === 'main' || other.schema === table.schema))
      .flatMap(({ images }) => images)
  }

  /**
   * The name of the rows for messages: their original table, if this table or its replacement has that name now; otherwise
   * the table's current name.
   */
  #nameOf(table: KnownTable, { origin }: Image): string {
    const there = this.#tables.get(origin.key)
    const isPlace = there === table || there?.images.every((image) => image.origin === origin) === true
    return isPlace ? origin.name : displayName(table)
  }

  #written(table: KnownTable, column: string): string {
    return table.columns?.find((one) => fold(one) === fold(column)) ?? column
  }

  /** The table that has the rows of this one, under the name that this one had before; undefined if there is none. */
  successorOf(table: KnownTable): KnownTable | undefined {
    const origins = table.made === false ? table.images.map(({ origin }) => origin) : []
    return [...this.#tables.values()].find((other) => other !== table && this.isRebuilt(other, origins))
  }

  /** True if the table has the name and rows of a table that existed before. */
  isRebuilt(table: KnownTable, among?: readonly Origin[]): boolean {
    const isOne = ({ origin }: Image): boolean =>
      origin.key === table.key && (among === undefined || among.includes(origin))
    return table.made === 'table' && table.images.some(isOne)
  }
}

/** `a`, and `temp.a` outside the main database. */
export function displayName({ schema = 'main', name }: WrittenName): string {
  return fold(schema) === 'main' ? name : `${fold(schema)}.${name}`
}
