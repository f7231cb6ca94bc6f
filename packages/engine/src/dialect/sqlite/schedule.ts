import type { Operation } from '../../operations'
import { findTable, type Schema, type Table } from '../../schema/schema'
import { isTriggerOperation, type Lineage, type Trace } from './lineage'

/** What happens to tables besides the operations' own statements. */
export interface Schedule {
  /** Place of the last operation on any table. */
  readonly last: number
  /** Tables that are altered behind it, each all at once, in this order. */
  readonly altered: readonly Lineage[]
  /** Tables that are altered before the operation at that place. */
  readonly early: ReadonlyMap<number, readonly Lineage[]>
  /** Tables that are dropped at the very end instead of in their place. */
  readonly delayed: ReadonlySet<Lineage>
}

/**
 * Tables are altered behind the last operation on any of them: everything has its last name then, and what is created is there.
 * A table that an altered one references no longer goes only after that: where foreign keys are enforced, rows could go
 * along. Or, when another operation needs its name, the altered one comes before it goes.
 */
export function scheduleTables(operations: readonly Operation[], trace: Trace): Schedule {
  const altered = trace.lineages.filter((lineage) => isAltered(lineage, operations))
  const dropped = trace.lineages.filter((lineage) => lineage.finalName === undefined && lineage.initial !== undefined)
  const early = new Map<number, Lineage[]>()
  const delayed = new Set<Lineage>()
  const placeOf = (lineage: Lineage): number => lineage.operations.at(-1) ?? 0
  const isFreeBehind = (lineage: Lineage): boolean => isFree(lineage, operations.slice(placeOf(lineage) + 1))
  for (const lineage of dropped) {
    const waiting = altered.filter((other) => references(other.initial, lineage.initial))
    if (waiting.length === 0) continue
    if (isFreeBehind(lineage)) delayed.add(lineage)
    else early.set(placeOf(lineage), waiting)
  }
  // What a delayed table references is delayed with it; a set also visits what is added on the way.
  for (const lineage of delayed) {
    for (const other of dropped)
      if (references(lineage.initial, other.initial) && isFreeBehind(other)) delayed.add(other)
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

/** Not one that is created, dropped or only renamed. */
function isAltered(lineage: Lineage, operations: readonly Operation[]): boolean {
  const own = lineage.operations.filter((at) => operations[at]?.op !== 'renameTable')
  return lineage.initial !== undefined && lineage.finalName !== undefined && own.length > 0
}

function references(table: Table | undefined, target: Table | undefined): boolean {
  return target !== undefined && table?.foreignKeys.some((key) => key.references.name === target.name) === true
}

/**
 * Where keys change, what references the new ones comes after their table, and what lets go of the old ones before it:
 * where foreign keys are enforced, SQLite insists on the key with every row.
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
