import type { Node } from 'libpg-query' with { 'resolution-mode': 'import' }

import type { WrittenName } from '../reader'
import type { RelationName } from './nodes'

/** A table, view or index that a statement names. */
export interface Relation {
  /** As the database names it: `schema.name` outside `public`. */
  readonly text: string
  readonly name: string
  readonly key: string
  readonly schema: string
  /** False if the schema depends on a search path that is not known. */
  readonly clear: boolean
}

interface Known {
  /** Created by the plan: no other session can wait for it. */
  readonly isNew: boolean
  /** All its rows come from the plan. */
  readonly ownRows: boolean
  /** Rows of a table that existed before refer to it with an action (ON DELETE CASCADE, SET NULL …). */
  readonly isFollowed: boolean
  /** Its name before the first statement; undefined if it is not known or did not exist. */
  readonly original: string | undefined
  /** The table of an index that the plan has created. */
  readonly indexed?: Relation
  readonly columns: ReadonlyMap<string, ColumnHistory>
}

/** `new`: the plan has added it; `{ was }`: its name before the first statement, undefined if it no longer has its values. */
type ColumnHistory = 'new' | { readonly was: string | undefined }

/** What earlier statements have created, renamed and moved. Everything else existed before the plan. */
export class Memory {
  readonly #known = new Map<string, Known>()
  readonly #gone = new Set<string>()
  readonly #newSchemas = new Set<string>()
  /** Names of temporary tables that are dropped at the end of a transaction. */
  readonly #fleeting = new Set<string>()
  #isBlurred = false
  #path: string | undefined = 'public'
  #paths = 0
  /** Statements by the name that PREPARE has given them. */
  readonly prepared = new Map<string, Node>()
  /** False if the search path may have a schema before pg_catalog. */
  catalogComesFirst = true

  relation({ schema, name, temporary }: RelationName): Relation {
    if (temporary === true || schema === 'pg_temp') return relationOf('pg_temp', name, true)
    if (schema !== undefined) return relationOf(schema, name, true)
    if (this.#fleeting.has(name)) return relationOf(this.#nextPath(), name, false)
    if (this.#known.has(relationOf('pg_temp', name, true).key)) return relationOf('pg_temp', name, true)
    if (this.#path === undefined) return relationOf(this.#nextPath(), name, false)
    return relationOf(this.#path, name, !isUnclear(this.#path))
  }

  /** The relation that CREATE creates: temporary only if declared so. */
  target(written: RelationName): Relation {
    if (written.temporary === true || written.schema !== undefined) return this.relation(written)
    const path = this.#path ?? this.#nextPath()
    return relationOf(path, written.name, !isUnclear(path))
  }

  /** What is known of a relation. */
  of(relation: Relation): Known {
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

  /** Whether the statements before decide if the relation exists: they have created, dropped or renamed one of that name. */
  isSettled(relation: Relation): boolean {
    return (
      this.#isBlurred ||
      this.#gone.has(relation.key) ||
      this.of(relation).isNew ||
      this.#newSchemas.has(relation.schema)
    )
  }

  hasAdded(relation: Relation, column: string): boolean {
    const known = this.of(relation)
    return known.ownRows || known.columns.get(column) === 'new'
  }

  /** The column's table and name before the first statement; undefined if they are not known. */
  originOf(relation: Relation, column: string): { readonly table: string; readonly column: string } | undefined {
    const known = this.of(relation)
    const history = known.columns.get(column)
    const was = history === undefined ? column : history === 'new' ? undefined : history.was
    return known.original === undefined || was === undefined ? undefined : { table: known.original, column: was }
  }

  /**
   * @param ownRows whether all its rows will come from the plan: false for a relation without rows, and for a partition
   *   of an existing table, into which rows can move
   * @param isCertain false for IF NOT EXISTS: it may exist already
   */
  create(relation: Relation, { ownRows = true, isCertain = true, indexed }: Creation = {}): void {
    if (!isCertain && !this.#gone.has(relation.key)) return
    this.#gone.delete(relation.key)
    const columns = new Map<string, ColumnHistory>()
    this.#known.set(relation.key, { isNew: true, ownRows, isFollowed: false, original: undefined, indexed, columns })
  }

  /** A temporary table with ON COMMIT DROP: its name may mean another table at any time later. */
  createFleeting(name: string): void {
    this.#fleeting.add(name)
  }

  drop(relation: Relation): void {
    this.#forgetNamesakes(relation)
    this.#known.delete(relation.key)
    this.#gone.add(relation.key)
  }

  /** Renames a relation, or moves it to another schema; returns its new name. */
  move(from: Relation, { schema, name }: Partial<WrittenName>): Relation {
    const to = relationOf(schema ?? from.schema, name ?? from.name, from.clear || schema !== undefined)
    const known = this.of(from)
    this.#forgetNamesakes(from, to)
    this.#known.delete(from.key)
    this.#gone.add(from.key)
    this.#gone.delete(to.key)
    this.#known.set(to.key, known)
    for (const [key, index] of this.#known)
      if (index.indexed?.key === from.key) this.#known.set(key, { ...index, indexed: to })
    if (!known.ownRows) this.#newSchemas.delete(to.schema)
    return to
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

  /** The existing rows of a partition, or of a table that inherits from it, now belong to `parent`. */
  adopt(parent: Relation, child: Relation): void {
    const known = this.of(parent)
    if (this.of(child).ownRows) return
    this.#known.set(parent.key, { ...known, ownRows: false })
    this.#newSchemas.delete(parent.schema)
  }

  /** Adds a foreign key with an action. */
  follow(referenced: Relation, referring: Relation): void {
    const known = this.of(referenced)
    if (!this.of(referring).ownRows) this.#known.set(referenced.key, { ...known, isFollowed: true })
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

  /** @param schemas undefined for the default. If there are several, the schema of a name without one is not known. */
  setPath(schemas: readonly string[] | undefined): void {
    const names = schemas?.filter((name) => name !== 'pg_catalog' && name !== '$user')
    this.catalogComesFirst = schemas?.includes('pg_catalog') !== true || schemas[0] === 'pg_catalog'
    const [first, ...others] = names ?? ['public']
    this.#path = first === undefined || others.length > 0 || first === 'pg_temp' ? this.#nextPath() : first
  }

  /** The search path may differ from statement to statement: it is not known how long SET LOCAL lasts. */
  losePath(mayPrecedeCatalog: boolean): void {
    this.#path = undefined
    if (mayPrecedeCatalog) this.catalogComesFirst = false
  }

  /** A search path that was set in the transaction may be reset. */
  endTransaction(): void {
    if (this.#path !== 'public') this.losePath(false)
  }

  /** For the parts of CREATE SCHEMA: resolves names without a schema in it. */
  within(schema: string, work: () => void): void {
    const path = this.#path
    this.#path = schema
    work()
    this.#path = path
  }

  /** Forgets everything, as after a rollback or unreadable code. */
  forget(): void {
    this.#known.clear()
    this.#gone.clear()
    this.#newSchemas.clear()
    this.prepared.clear()
    this.#isBlurred = true
  }

  #setColumns(relation: Relation, change: (columns: Map<string, ColumnHistory>) => void): void {
    const known = this.of(relation)
    const columns = new Map(known.columns)
    change(columns)
    this.#known.set(relation.key, { ...known, columns })
  }

  /** A relation that is not clear may be any of that name. */
  #forgetNamesakes(...relations: readonly Relation[]): void {
    if (relations.every(({ clear }) => clear)) return
    this.#isBlurred = true
    for (const { name } of relations)
      for (const key of [...this.#known.keys()]) if (key.endsWith(`\0${name}`)) this.#known.delete(key)
    this.#gone.clear()
  }

  /** The first schema of the search path may have changed. */
  #otherPath(): void {
    if (this.#path !== undefined && this.#path !== 'public') this.#path = this.#nextPath()
  }

  #nextPath(): string {
    this.#paths += 1
    return `\u0001${String(this.#paths)}`
  }
}

interface Creation {
  readonly ownRows?: boolean
  readonly isCertain?: boolean
  readonly indexed?: Relation
}

/** A placeholder for an unknown schema. */
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
