import type { Operation } from '../operations/operation'
import { type Column, keyOf, type ObjectName, sameName, type Schema, type Table, nameOf } from '../schema/schema'

interface Entry {
  readonly original: ObjectName
  now: ObjectName | undefined
  /** By name before the operations, the name now; undefined for a dropped column. */
  readonly columns: Map<string, string | undefined>
}

interface ValueStep {
  readonly table: ObjectName
  readonly column: string
  readonly type?: ObjectName
  readonly from: string
  readonly to: string
}

/** Follows the names of tables, columns and enum values through operations. */
export class LineageOfNames {
  readonly #byOriginal: ReadonlyMap<string, Entry>
  readonly #byNow: Map<string, Entry>
  readonly #steps: ValueStep[] = []
  readonly #types: { readonly original: ObjectName; now: ObjectName }[]

  /** @param operations the operations to follow; {@link follow} adds more */
  constructor(from: Schema, operations: readonly Operation[] = []) {
    this.#types = from.enums.map((type) => ({ original: nameOf(type), now: nameOf(type) }))
    this.#byOriginal = new Map(
      from.tables.map((table): [string, Entry] => [
        keyOf(table),
        {
          original: nameOf(table),
          now: nameOf(table),
          columns: new Map(table.columns.map(({ name }) => [name, name])),
        },
      ]),
    )
    this.#byNow = new Map(this.#byOriginal)
    for (const operation of operations) this.follow(operation)
  }

  follow(operation: Operation): void {
    if (operation.op === 'renameEnum') {
      const type = this.#types.find(({ now }) => sameName(now, operation.from))
      if (type !== undefined) type.now = nameOf(operation.to)
    }
    if (!('table' in operation)) return
    const entry = this.#byNow.get(keyOf(operation.table))
    if (entry === undefined) return
    const original = (name: string): string | undefined => originalIn(entry, name)
    switch (operation.op) {
      case 'renameTable':
        this.#move(entry, nameOf(operation.to))
        break
      case 'dropTable':
        this.#move(entry, undefined)
        break
      case 'renameColumn': {
        const column = original(operation.from)
        if (column !== undefined) entry.columns.set(column, operation.to)
        break
      }
      case 'dropColumn': {
        const column = original(operation.column.name)
        if (column !== undefined) entry.columns.set(column, undefined)
        break
      }
      case 'renameValue':
      case 'mapValue': {
        const column = original(operation.column)
        if (column === undefined || (operation.op === 'mapValue' && operation.undone === true)) break
        const type = operation.op === 'renameValue' ? operation.type : undefined
        const { original: typed } = this.#types.find(({ now }) => type !== undefined && sameName(now, type)) ?? {}
        const { from, to } = operation
        this.#steps.push({ table: entry.original, column, from, to, type: typed })
        break
      }
      default:
    }
  }

  /** The name before the operations; undefined for a table that they create. */
  originalTable(now: ObjectName): ObjectName | undefined {
    return this.#byNow.get(keyOf(now))?.original
  }

  originalColumn(table: ObjectName, now: string): { readonly table: ObjectName; readonly column: string } | undefined {
    const entry = this.#byNow.get(keyOf(table))
    const column = entry && originalIn(entry, now)
    return entry === undefined || column === undefined ? undefined : { table: entry.original, column }
  }

  tableNow(original: ObjectName): ObjectName | undefined {
    return this.#byOriginal.get(keyOf(original))?.now
  }

  columnNow(original: ObjectName, column: string): string | undefined {
    return this.#byOriginal.get(keyOf(original))?.columns.get(column)
  }

  /** For renamed and mapped values: the value after the operations, by value before them. */
  valueSteps(table: Table, column: Column): ReadonlyMap<string, string> {
    const found = new Map<string, string>()
    for (const step of this.#steps) {
      const isIt =
        step.type === undefined
          ? sameName(step.table, table) && step.column === column.name
          : column.enum !== undefined && sameName(step.type, column.enum)
      if (isIt) composeValue(found, step.from, step.to)
    }
    return found
  }

  #move(entry: Entry, to: ObjectName | undefined): void {
    const { now } = entry
    // Another table may have got its name since.
    if (now !== undefined && this.#byNow.get(keyOf(now)) === entry) this.#byNow.delete(keyOf(now))
    if (to !== undefined) this.#byNow.set(keyOf(to), entry)
    entry.now = to
  }
}

function originalIn({ columns }: Entry, name: string): string | undefined {
  return [...columns].find(([, now]) => now === name)?.[0]
}

/** Adds a step: values that had become `from` become `to`. */
export function composeValue(steps: Map<string, string>, from: string, to: string): void {
  const moved = [...steps].filter(([, now]) => now === from)
  for (const [value] of moved) steps.set(value, to)
  if (moved.length === 0 && !steps.has(from)) steps.set(from, to)
}
