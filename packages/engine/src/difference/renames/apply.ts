import { applyOperation } from '../../operations'
import type { Operation } from '../../operations/operation'
import { valuesOf } from '../../schema/enum-values'
import { asidePrefix, type Move, renameSteps } from './steps'
import {
  displayName,
  findTable,
  keyOf,
  type ObjectName,
  sameName,
  type Schema,
  type Table,
  nameOf,
} from '../../schema/schema'
import { namesBySchema, sequencesAlong } from '../../schema/taken-names'

/** The user's answer that one object was renamed to another. */
export interface RenameAnswer {
  /** `value`: a value of an enum is renamed; `map`: rows with that value get another one. */
  readonly kind: 'table' | 'column' | 'value' | 'map'
  /** The table of a column or value, under its old or new name. */
  readonly table?: ObjectName
  /** The column of a value, under its new name. */
  readonly column?: string
  /** The display name of a table, the name of a column, or a value. */
  readonly from: string
  readonly to: string
  /** The new name of a table, if `to` is ambiguous. */
  readonly toTable?: ObjectName
}

/**
 * The operations that carry out the answers, tables first, and the schema after them. Names may be swapped or passed on:
 * renames run in an order in which each new name is free, through temporary names where there is none.
 * Answers about objects that this schema does not have are ignored: they belong to another dialect.
 */
export function applyRenames(
  from: Schema,
  answers: readonly RenameAnswer[],
): { readonly operations: Operation[]; readonly schema: Schema } {
  const renaming = new Renaming(from)
  renaming.tables(answers.filter(({ kind }) => kind === 'table'))
  renaming.columns(answers.filter(({ kind }) => kind === 'column'))
  renaming.values(answers.filter(({ kind }) => kind === 'value'))
  for (const answer of answers) if (answer.kind === 'map') renaming.map(answer)
  const { operations, schema } = renaming
  return { operations, schema }
}

class Renaming {
  readonly operations: Operation[] = []
  schema: Schema
  #tableMoves: readonly Move<ObjectName>[] = []
  #asides = 0

  constructor(readonly from: Schema) {
    this.schema = from
  }

  tables(answers: readonly RenameAnswer[]): void {
    const { tables } = this.from
    this.#tableMoves = answers.flatMap((answer) => {
      const table = tables.find((candidate) => displayName(candidate) === answer.from)
      return table === undefined ? [] : [{ from: nameOf(table), to: newName(answer, this.from) }]
    })
    const isTaken = (name: ObjectName): boolean => findTable(this.schema, name) !== undefined
    const aside = (name: ObjectName): ObjectName => ({
      ...name,
      name: this.#aside((other) => isTaken({ ...name, name: other })),
    })
    for (const { from, to } of renameSteps(this.#tableMoves, keyOf, isTaken, aside)) this.#renameTable(from, to)
  }

  #renameTable(table: ObjectName, to: ObjectName): void {
    if (to.schema !== undefined && !this.schema.schemas.includes(to.schema))
      this.#run({ op: 'createSchema', name: to.schema })
    if (table.schema !== to.schema) this.#clearTheWay(table, to)
    this.#run({ op: 'renameTable', table, to })
  }

  /** Gives keys, indexes and sequences of a table names that are free in the schema to which they move with the table. */
  #clearTheWay(name: ObjectName, { schema }: ObjectName): void {
    const table = findTable(this.schema, name)
    if (table === undefined) return
    const keys = keysOf(table).map((key) => ({ ...key, rename: (to: string): Operation => renameKey(name, key, to) }))
    const sequences = sequencesAlong(table, this.schema).map((from) => ({
      name: from.name,
      rename: (to: string): Operation => ({ op: 'renameSequence', from, to: { ...from, name: to } }),
    }))
    for (const item of [...keys, ...sequences]) {
      const names = namesBySchema(this.schema)
      const isTaken = (text: string, where: string | undefined): boolean => names.get(where ?? '')?.has(text) === true
      if (!isTaken(item.name, schema)) continue
      this.#run(item.rename(freeName(item.name, (text) => isTaken(text, schema) || isTaken(text, name.schema))))
    }
  }

  columns(answers: readonly RenameAnswer[]): void {
    const byTable = new Map<string, { readonly table: ObjectName; readonly moves: Move<string>[] }>()
    for (const { table: owner, from, to } of answers) {
      const table = owner === undefined ? undefined : this.#tableNow(owner)
      if (table === undefined || !this.#hasColumn(table, from)) continue
      const known = byTable.get(keyOf(table)) ?? { table, moves: [] }
      known.moves.push({ from, to })
      byTable.set(keyOf(table), known)
    }
    for (const { table, moves } of byTable.values()) {
      const isTaken = (name: string): boolean => this.#hasColumn(table, name)
      for (const step of renameSteps(moves, String, isTaken, () => this.#aside(isTaken)))
        this.#run({ op: 'renameColumn', table, ...step })
    }
  }

  /** The table that an answer names by its old or new name. */
  #tableNow(name: ObjectName): ObjectName | undefined {
    const isNew = this.#tableMoves.some(({ to }) => sameName(to, name))
    const moved = isNew ? undefined : this.#tableMoves.find(({ from }) => sameName(from, name))
    const table = findTable(this.schema, moved?.to ?? name)
    return table === undefined ? undefined : nameOf(table)
  }

  #hasColumn(table: ObjectName, name: string): boolean {
    return findTable(this.schema, table)?.columns.some((column) => column.name === name) === true
  }

  /** Renames values; a type of several columns is changed once. */
  values(answers: readonly RenameAnswer[]): void {
    const byList = new Map<string, { readonly place: ValuePlace; readonly moves: Move<string>[] }>()
    for (const answer of answers) {
      const found = placeOf(answer, this.schema)
      if (found?.values.includes(answer.from) !== true) continue
      const { table, column, type } = found.place
      const key = type === undefined ? `${keyOf(table)} ${column}` : keyOf(type)
      const known = byList.get(key) ?? { place: found.place, moves: [] }
      known.moves.push({ from: answer.from, to: answer.to })
      byList.set(key, known)
    }
    for (const { place, moves } of byList.values()) {
      const isTaken = (value: string): boolean =>
        placeOf({ table: place.table, column: place.column }, this.schema)?.values.includes(value) === true
      for (const step of renameSteps(moves, String, isTaken, () => this.#aside(isTaken)))
        this.#run({ op: 'renameValue', ...place, ...step })
    }
  }

  map({ from, to, ...answer }: RenameAnswer): void {
    const found = placeOf(answer, this.schema)
    if (found?.values.includes(from) !== true || !found.values.includes(to)) return
    const { table, column } = found.place
    this.#run({ op: 'mapValue', table, column, from, to })
  }

  #aside(isTaken: (name: string) => boolean): string {
    for (;;) {
      this.#asides += 1
      const name = `${asidePrefix}${String(this.#asides)}`
      if (!isTaken(name)) return name
    }
  }

  #run(operation: Operation): void {
    this.schema = applyOperation(operation, this.schema)
    this.operations.push(operation)
  }
}

interface Key {
  readonly kind: 'primaryKey' | 'unique' | 'exclusion' | 'index'
  readonly name: string
}

/** The keys and indexes of a table, which share their namespace with tables. */
function keysOf({ primaryKey, uniques, exclusions, indexes }: Table): Key[] {
  const named = (kind: Key['kind'], items: readonly { readonly name?: string }[]): Key[] =>
    items.flatMap(({ name }) => (name === undefined ? [] : [{ kind, name }]))
  return [
    ...named('primaryKey', primaryKey === undefined ? [] : [primaryKey]),
    ...named('unique', uniques),
    ...named('exclusion', exclusions),
    ...named('index', indexes),
  ]
}

function renameKey(table: ObjectName, { kind, name: from }: Key, to: string): Operation {
  return kind === 'index' ? { op: 'renameIndex', table, from, to } : { op: 'renameConstraint', table, kind, from, to }
}

interface ValuePlace {
  readonly table: ObjectName
  readonly column: string
  /** The enum type, if the database has enum types. */
  readonly type?: ObjectName
}

/** The place where the values of a column are listed, and the values; undefined if the schema does not have the column. */
function placeOf(
  { table, column }: Pick<RenameAnswer, 'table' | 'column'>,
  schema: Schema,
): { readonly place: ValuePlace; readonly values: readonly string[] } | undefined {
  const owner = table === undefined ? undefined : findTable(schema, table)
  const found = owner?.columns.find((candidate) => candidate.name === column)
  if (owner === undefined || found === undefined) return undefined
  const place = { table: nameOf(owner), column: found.name, type: found.enum }
  return { place, values: valuesOf(schema, owner, found) ?? [] }
}

/** The new name of a table. The text before a dot is a schema only if that schema exists: names may contain dots. */
function newName({ to, toTable }: RenameAnswer, { schemas }: Schema): ObjectName {
  if (toTable !== undefined) return nameOf(toTable)
  const schema = schemas.find((candidate) => to.startsWith(`${candidate}.`) && to.length > candidate.length + 1)
  return schema === undefined ? { name: to } : { schema, name: to.slice(schema.length + 1) }
}

/** The first free name: the given one, cut to the length of an identifier, with a number appended if necessary. */
export function freeName(name: string, isTaken: (name: string) => boolean): string {
  const stem = [...name].slice(0, 50).join('')
  for (let number = 0; ; number++) {
    const text = number === 0 ? stem : `${stem}${String(number)}`
    if (!isTaken(text)) return text
  }
}
