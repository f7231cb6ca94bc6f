import type { Node } from 'libpg-query' with { 'resolution-mode': 'import' }

import type { WrittenName } from './nodes'

/** A table, view or index that a statement names, as far as is known which one it is. */
export interface Relation {
  /** As the database names it: `schema.name` outside `public`. */
  readonly text: string
  readonly name: string
  readonly key: string
  readonly schema: string
  /** False where the search path decides which of several schemas is meant. */
  readonly clear: boolean
}

/** What is known of a relation. */
interface Known {
  /** The plan has created it: nobody else can wait for it. */
  readonly isNew: boolean
  /** All its rows come from the plan. */
  readonly ownRows: boolean
  /** What the plan did not create has rows that refer to it and follow it (ON DELETE CASCADE, SET NULL …). */
  readonly isFollowed: boolean
  /** Its name before the first statement; undefined: not known, or it was not there. */
  readonly original: string | undefined
  /** Of an index that the plan has created. */
  readonly indexed?: Relation
  readonly columns: ReadonlyMap<string, ColumnHistory>
}

/** `new`: the plan has added it; `{ was }`: its name before the first statement, undefined where it is no longer the same. */
type ColumnHistory = 'new' | { readonly was: string | undefined }

/** What the statements before have made, renamed and moved. What is not in it was there before the plan. */
export class Memory {
  readonly #known = new Map<string, Known>()
  readonly #gone = new Set<string>()
  readonly #newSchemas = new Set<string>()
  /** Names of temporary tables that go at the end of a transaction, whenever that is. */
  readonly #fleeting = new Set<string>()
  #isBlurred = false
  #path: string | undefined = 'public'
  #paths = 0
  /** Statements that PREPARE has given a name. */
  readonly prepared = new Map<string, Node>()
  /** False when the search path puts something before pg_catalog. */
  catalogComesFirst = true

  relation({ schema, name, temporary }: WrittenName): Relation {
    if (temporary === true || schema === 'pg_temp') return relationOf('pg_temp', name, true)
    if (schema !== undefined) return relationOf(schema, name, true)
    if (this.#fleeting.has(name)) return relationOf(this.#nextPath(), name, false)
    if (this.#known.has(relationOf('pg_temp', name, true).key)) return relationOf('pg_temp', name, true)
    if (this.#path === undefined) return relationOf(this.#nextPath(), name, false)
    return relationOf(this.#path, name, !isUnclear(this.#path))
  }

  /** Where CREATE puts it: never among the temporary ones unless it says so. */
  target(written: WrittenName): Relation {
    if (written.temporary === true || written.schema !== undefined) return this.relation(written)
    const path = this.#path ?? this.#nextPath()
    return relationOf(path, written.name, !isUnclear(path))
  }

  isNew(relation: Relation): boolean {
    return this.#of(relation).isNew
  }

  ownsRows(relation: Relation): boolean {
    return this.#of(relation).ownRows
  }

  isFollowed(relation: Relation): boolean {
    return this.#of(relation).isFollowed
  }

  indexedBy(index: Relation): Relation | undefined {
    return this.#of(index).indexed
  }

  hasAdded(relation: Relation, column: string): boolean {
    const known = this.#of(relation)
    return known.ownRows || known.columns.get(column) === 'new'
  }

  /** The column's table and name before the first statement; undefined when they are not known. */
  originOf(relation: Relation, column: string): { readonly table: string; readonly column: string } | undefined {
    const known = this.#of(relation)
    const history = known.columns.get(column)
    const was = history === undefined ? column : history === 'new' ? undefined : history.was
    return known.original === undefined || was === undefined ? undefined : { table: known.original, column: was }
  }

  /**
   * @param ownRows whether all rows of it will come from the plan: not for what has no rows, and not for a partition of a table
   *   that was there, into which rows move
   * @param isCertain false for IF NOT EXISTS: it may have been there
   */
  create(relation: Relation, { ownRows = true, isCertain = true, indexed }: Creation = {}): void {
    if (!isCertain && !this.#gone.has(relation.key)) return
    this.#gone.delete(relation.key)
    const followed = { isNew: true, ownRows, isFollowed: false, original: undefined, columns: new Map() }
    this.#known.set(relation.key, indexed === undefined ? followed : { ...followed, indexed })
  }

  /** A temporary table with ON COMMIT DROP: its name may mean another one at any time later. */
  createFleeting(name: string): void {
    this.#fleeting.add(name)
  }

  drop(relation: Relation): void {
    this.#forgetNamesakes(relation)
    this.#known.delete(relation.key)
    this.#gone.add(relation.key)
  }

  move(from: Relation, to: Relation): void {
    const known = this.#of(from)
    this.#forgetNamesakes(from, to)
    this.#known.delete(from.key)
    this.#gone.add(from.key)
    this.#gone.delete(to.key)
    this.#known.set(to.key, known)
    for (const [key, index] of this.#known)
      if (index.indexed?.key === from.key) this.#known.set(key, { ...index, indexed: to })
    if (!known.ownRows) this.#newSchemas.delete(to.schema)
  }

  renamed(relation: Relation, name: string): Relation {
    return relationOf(relation.schema, name, relation.clear)
  }

  moved(relation: Relation, schema: string): Relation {
    return relationOf(schema, relation.name, true)
  }

  addColumn(relation: Relation, column: string): void {
    this.#setColumns(relation, (columns) => columns.set(column, 'new'))
  }

  dropColumn(relation: Relation, column: string): void {
    this.#setColumns(relation, (columns) => columns.set(column, { was: undefined }))
  }

  renameColumn(relation: Relation, from: string, to: string): void {
    this.#setColumns(relation, (columns) => {
      columns.set(to, columns.get(from) ?? { was: from })
      columns.set(from, { was: undefined })
    })
  }

  /** Rows that were there belong to it from now on: of a partition, of a table that inherits from it. */
  adopt(parent: Relation, child: Relation): void {
    const known = this.#of(parent)
    if (this.#of(child).ownRows) return
    this.#known.set(parent.key, { ...known, ownRows: false })
    this.#newSchemas.delete(parent.schema)
  }

  /** A foreign key with an action was added. */
  follow(referenced: Relation, referring: Relation): void {
    const known = this.#of(referenced)
    if (!this.#of(referring).ownRows) this.#known.set(referenced.key, { ...known, isFollowed: true })
  }

  createSchema(name: string, isCertain: boolean): void {
    if (isCertain) this.#newSchemas.add(name)
    this.#otherPath()
  }

  isNewSchema(name: string): boolean {
    return this.#newSchemas.has(name)
  }

  dropSchema(name: string): void {
    this.#newSchemas.delete(name)
    for (const key of [...this.#known.keys()]) if (isIn(key, name)) this.#known.delete(key)
  }

  renameSchema(from: string, to: string): void {
    this.dropSchema(to)
    for (const [key, known] of [...this.#known]) {
      if (!isIn(key, from)) continue
      this.#known.delete(key)
      this.#known.set(
        key.replace(from, () => to),
        known,
      )
    }
    for (const key of [...this.#gone]) if (isIn(key, from) || isIn(key, to)) this.#gone.delete(key)
    if (this.#newSchemas.delete(from)) this.#newSchemas.add(to)
    this.#isBlurred = true
    this.#otherPath()
  }

  /** @param schemas undefined: the default ones. Of several, it is not known which one a name without a schema means. */
  setPath(schemas: readonly string[] | undefined): void {
    const names = schemas?.filter((name) => name !== 'pg_catalog' && name !== '$user')
    this.catalogComesFirst = schemas?.includes('pg_catalog') !== true || schemas[0] === 'pg_catalog'
    const [first, ...others] = names ?? ['public']
    this.#path = first === undefined || others.length > 0 || first === 'pg_temp' ? this.#nextPath() : first
  }

  /** The search path may be any, and another one for each statement: after SET LOCAL, nothing says how long it lasts. */
  losePath(mayPrecedeCatalog: boolean): void {
    this.#path = undefined
    if (mayPrecedeCatalog) this.catalogComesFirst = false
  }

  /** A transaction has ended: a search path that was set in it may have ended with it. */
  endTransaction(): void {
    if (this.#path !== 'public') this.losePath(false)
  }

  /** For the parts of CREATE SCHEMA: names without a schema are in it. */
  within(schema: string, work: () => void): void {
    const path = this.#path
    this.#path = schema
    work()
    this.#path = path
  }

  dropTemporary(): void {
    this.dropSchema('pg_temp')
  }

  /** Nothing that was learned is certain any more: after code that cannot be read, after a rollback. */
  forget(): void {
    this.#known.clear()
    this.#gone.clear()
    this.#newSchemas.clear()
    this.prepared.clear()
    this.#isBlurred = true
  }

  #of(relation: Relation): Known {
    const known = this.#known.get(relation.key)
    if (known !== undefined) return known
    const isSame = relation.clear && !this.#isBlurred && !this.#gone.has(relation.key)
    return {
      isNew: false,
      ownRows: false,
      isFollowed: false,
      original: isSame ? relation.text : undefined,
      columns: new Map(),
    }
  }

  #setColumns(relation: Relation, change: (columns: Map<string, ColumnHistory>) => void): void {
    const known = this.#of(relation)
    const columns = new Map(known.columns)
    change(columns)
    this.#known.set(relation.key, { ...known, columns })
  }

  /** Where it is not clear which table is meant, it may be any of that name. */
  #forgetNamesakes(...relations: readonly Relation[]): void {
    if (relations.every(({ clear }) => clear)) return
    this.#isBlurred = true
    for (const { name } of relations)
      for (const key of [...this.#known.keys()]) if (key.endsWith(`\0${name}`)) this.#known.delete(key)
    this.#gone.clear()
  }

  /** Another schema may be the first one of the search path now. */
  #otherPath(): void {
    if (this.#path !== undefined && this.#path !== 'public') this.#path = this.#nextPath()
  }

  #nextPath(): string {
    this.#paths += 1
    return `\u0001${String(this.#paths)}`
  }
}

export interface Creation {
  readonly ownRows?: boolean
  readonly isCertain?: boolean
  readonly indexed?: Relation
}

/** In place of a schema's name: nobody knows which one. */
function isUnclear(path: string): boolean {
  return path.startsWith('\u0001')
}

function isIn(key: string, schema: string): boolean {
  return key.startsWith(`${schema}\0`)
}

function relationOf(schema: string, name: string, clear: boolean): Relation {
  const isPlain = !clear || schema === 'public' || schema === 'pg_temp'
  return { text: isPlain ? name : `${schema}.${name}`, name, key: `${schema}\0${name}`, schema, clear }
}
