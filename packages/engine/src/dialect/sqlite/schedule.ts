import type { Operation } from '../../operations'
import { findTable, type Schema, type Table } from '../../schema/schema'
import { isTriggerOperation, type Lineage, type Trace } from './lineage'

/** When tables are altered and dropped. */
export interface Schedule {
  /** Index of the last operation on any table. */
  readonly last: number
  /** Tables that are altered after it, each at once, in this order. */
  readonly altered: readonly Lineage[]
  /** By index of an operation, tables that are altered before it. */
  readonly early: ReadonlyMap<number, readonly Lineage[]>
  /** Tables that are dropped at the end instead of at their operation. */
  readonly delayed: ReadonlySet<Lineage>
}

/**
 * Tables are altered after the last operation on any of them: then all names are final, and new tables exist. A dropped table
 * that an altered one no longer references is dropped after that: if foreign keys are enforced, dropping it could delete
 * rows. If another operation needs its name, the altered one is altered before instead.
 */
export function scheduleTables(operations: readonly Operation[], trace: Trace): Schedule {
  const altered = trace.lineages.filter((lineage) => isAltered(lineage, operations))
  const dropped = trace.lineages.filter((lineage) => lineage.finalName === undefined && lineage.initial !== undefined)
  const early = new Map<number, Lineage[]>()
  const delayed = new Set<Lineage>()
  const placeOf = (lineage: Lineage): number => lineage.operations.at(-1) ?? 0
  const isFreeAfter = (lineage: Lineage): boolean => isFree(lineage, operations.slice(placeOf(lineage) + 1))
  for (const lineage of dropped) {
    const waiting = altered.filter((other) => references(other.initial, lineage.initial))
    if (waiting.length === 0) continue
    if (isFreeAfter(lineage)) delayed.add(lineage)
    else early.set(placeOf(lineage), waiting)
  }
  // Tables that a delayed one references are delayed too; iterating a set also visits items added meanwhile.
  for (const lineage of delayed) {
    for (const other of dropped)
      if (references(lineage.initial, other.initial) && isFreeAfter(other)) delayed.add(other)
  }
  const isEarly = (lineage: Lineage): boolean => [...early.values()].some((list) => list.includes(lineage))
  return {
    last: operations.findLastIndex((operation) => 'table' in operation && !isTriggerOperation(operation)),
    altered: inKeyOrder(
      altered.filter((lineage) => !isEarly(lineage)),
      trace.final,
    ),
    early,
    delayed,
  }
}

/** False for a table that is created, dropped or only renamed. */
function isAltered(lineage: Lineage, operations: readonly Operation[]): boolean {
  const own = lineage.operations.filter((at) => operations[at]?.op !== 'renameTable')
  return lineage.initial !== undefined && lineage.finalName !== undefined && own.length > 0
}

function references(table: Table | undefined, target: Table | undefined): boolean {
  return target !== undefined && table?.foreignKeys.some((key) => key.references.name === target.name) === true
}

/**
 * If keys change, tables that begin to reference the new ones are altered after their table, and those that stop referencing
 * the old ones before it: if foreign keys are enforced, SQLite needs the key for every row.
 */
function inKeyOrder(lineages: readonly Lineage[], final: Schema): Lineage[] {
  const finals = new Map(lineages.map((lineage) => [lineage, lineage.finalName && findTable(final, lineage.finalName)]))
  const rekeyed = lineages.filter((lineage) => keysOf(lineage.initial) !== keysOf(finals.get(lineage)))
  const before = (lineage: Lineage): Lineage[] => {
    const own = finals.get(lineage)
    const gained = rekeyed.filter(
      (other) => references(own, finals.get(other)) && !references(lineage.initial, other.initial),
    )
    const released = rekeyed.includes(lineage)
      ? lineages.filter((other) => references(other.initial, lineage.initial) && !references(finals.get(other), own))
      : []
    return [...gained, ...released]
  }
  const sorted: Lineage[] = []
  const visited = new Set<Lineage>()
  const visit = (lineage: Lineage): void => {
    if (visited.has(lineage)) return
    visited.add(lineage)
    before(lineage).forEach(visit)
    sorted.push(lineage)
  }
  lineages.forEach(visit)
  return sorted
}

function keysOf(table: Table | undefined): string {
  const indexes = table?.indexes.filter((index) => index.unique && index.where === undefined) ?? []
  return JSON.stringify([
    table?.primaryKey?.columns,
    table?.uniques.map(({ columns }) => columns),
    indexes.map(({ keys }) => keys),
  ])
}

/** Whether none of the operations needs the name of the table or of one of its indexes. */
function isFree({ initial }: Lineage, operations: readonly Operation[]): boolean {
  const names = new Set([initial?.name, ...(initial?.indexes.map((index) => index.name) ?? [])])
  return !operations.some((operation) => {
    switch (operation.op) {
      case 'createTable':
        return names.has(operation.table.name)
      case 'renameTable':
        return names.has(operation.to.name)
      case 'createView':
        return names.has(operation.definition.name)
      case 'createIndex':
        return names.has(operation.index.name)
      case 'renameIndex':
        return names.has(operation.to)
      default:
        return false
    }
  })
}
