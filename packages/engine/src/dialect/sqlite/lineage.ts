import { applyOperation, type Operation } from '../../operations'
import type { ColumnValues } from '../../operations/operation'
import { composeValue } from '../../difference/lineage-of-names'
import { keyOf, type ObjectName, type Schema, type Table } from '../../schema/schema'

/** The changes of the values of one column. */
export interface ValueChanges {
  /** The user's expressions. */
  readonly given: ColumnValues
  /** By the old value of an enum, the new one. */
  readonly steps: Map<string, string>
}

/** The history of one table during a list of operations. */
export class Lineage {
  /** Indexes of the operations on it. */
  readonly operations: number[] = []
  /** By final name of a column, the column in the database that its values come from; null for a new one. */
  readonly #sources: Map<string, string | null>
  /** By column, as {@link #sources}. */
  readonly #values = new Map<string, ValueChanges>()
  readonly #names: { readonly from: number; readonly name: ObjectName }[]
  #dropped = false

  /** @param initial absent for a table that is created */
  constructor(
    name: ObjectName,
    at: number,
    readonly initial?: Table,
  ) {
    this.#names = [{ from: at, name }]
    this.#sources = new Map(initial?.columns.map((column) => [column.name, column.name]))
  }

  /** Its name at the end; undefined if it is dropped. */
  get finalName(): ObjectName | undefined {
    return this.#dropped ? undefined : this.#names.at(-1)?.name
  }

  /** Its name after the operation. */
  nameAt(at: number): ObjectName {
    const { name } = this.#names.findLast((item) => item.from <= at) ?? this.#names[0] ?? { name: { name: '' } }
    return name
  }

  /** Applies an operation to it. */
  follow(operation: Operation, at: number): void {
    this.operations.push(at)
    switch (operation.op) {
      case 'dropTable':
        this.#dropped = true
        break
      case 'renameTable':
        this.#names.push({ from: at, name: operation.to })
        break
      case 'addColumn':
        this.#sources.set(operation.column.name, null)
        this.#setValues(operation.column.name, operation.values)
        break
      case 'alterColumn':
        this.#setValues(operation.to.name, operation.values)
        break
      case 'renameValue':
        composeValue(this.valuesOf(operation.column).steps, operation.from, operation.to)
        break
      case 'mapValue':
        if (operation.undone !== true) composeValue(this.valuesOf(operation.column).steps, operation.from, operation.to)
        break
      case 'dropColumn':
        this.#sources.delete(operation.column.name)
        this.#values.delete(operation.column.name)
        break
      case 'renameColumn':
        this.#sources.set(operation.to, this.#sources.get(operation.from) ?? null)
        this.#sources.delete(operation.from)
        this.#values.set(operation.to, this.valuesOf(operation.from))
        this.#values.delete(operation.from)
        break
      default:
    }
  }

  /** The changes of the values of a column, by its final name. */
  valuesOf(column: string): ValueChanges {
    const found = this.#values.get(column) ?? { given: {}, steps: new Map<string, string>() }
    this.#values.set(column, found)
    return found
  }

  #setValues(column: string, given: ColumnValues = {}): void {
    const { steps, given: before } = this.valuesOf(column)
    this.#values.set(column, { given: { ...before, ...given }, steps })
  }

  /** Records that a column was renamed in the database. */
  renameSource(from: string, to: string): void {
    for (const [name, source] of this.#sources) if (source === from) this.#sources.set(name, to)
  }

  /** The current name in the database of a column, by its final name; undefined for a new one. */
  sourceOf(column: string): string | undefined {
    return this.#sources.get(column) ?? undefined
  }

  /**
   * By column of the final table, the current column in the database that its values come from; new columns are absent.
   * A generated column that is dropped and added counts as the same.
   */
  sources(before: Table, after: Table): ReadonlyMap<string, string> {
    const found = new Map<string, string>()
    for (const { name, generated } of after.columns) {
      const source = this.#sources.get(name) ?? null
      if (source !== null) found.set(name, source)
      else if (
        generated !== undefined &&
        before.columns.some((other) => other.name === name && other.generated !== undefined)
      ) {
        found.set(name, name)
      }
    }
    return found
  }
}

/** The histories of all tables. */
export interface Trace {
  readonly lineages: readonly Lineage[]
  /** The schema after the last operation. */
  readonly final: Schema
}

/** Follows every table through the operations. */
export function traceTables(operations: readonly Operation[], from: Schema): Trace {
  const lineages: Lineage[] = []
  const current = new Map<string, Lineage>()
  const begin = (lineage: Lineage): Lineage => {
    lineages.push(lineage)
    return lineage
  }
  for (const table of from.tables)
    current.set(keyOf({ name: table.name }), begin(new Lineage({ name: table.name }, -1, table)))
  let schema = from
  for (const [at, operation] of operations.entries()) {
    schema = applyOperation(operation, schema)
    // A trigger does not change its table, and may be on a view.
    if (!('table' in operation) || isTriggerOperation(operation)) continue
    const { table } = operation
    const lineage = operation.op === 'createTable' ? begin(new Lineage(table, at)) : current.get(keyOf(table))
    if (lineage === undefined) continue
    lineage.follow(operation, at)
    current.delete(keyOf(table))
    if (operation.op !== 'dropTable') current.set(keyOf(lineage.nameAt(at)), lineage)
  }
  return { lineages, final: schema }
}

export function isTriggerOperation(
  operation: Operation,
): operation is Extract<Operation, { op: 'createTrigger' | 'dropTrigger' | 'replaceTrigger' }> {
  return operation.op === 'createTrigger' || operation.op === 'dropTrigger' || operation.op === 'replaceTrigger'
}
