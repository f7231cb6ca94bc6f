import { applyOperations } from '../operations'
import type { Operation } from '../operations/operation'
import { attachedOperations, bareTable, standaloneOperations, triggerOperations } from './compare-opaque'
import { freeName } from './renames/apply'
import { diffTable, foreignKeyOperations, indexOperations, type TableDiff, tableOperations } from './compare-table'
import { enumOperations, enumRenames, sequenceOperations, sequenceRenames } from './compare-types'
import { stableJson } from '../schema/json'
import { bodyOf, normalizeIndex } from '../schema/normalize'
import { orderOperations } from './order'
import { changesOf, pairByKey, pairByName } from './pairing'
import { keyOf, type ObjectName, sameName, type Schema, type Table, type View, nameOf } from '../schema/schema'
import { namesBySchema } from '../schema/taken-names'
import { type IsUnmanaged, keepUnmanaged } from '../schema/unmanaged'

export type { IsUnmanaged, UnmanagedKind } from '../schema/unmanaged'

export interface CompareOptions {
  /** True for unmanaged objects, which are never created, changed or dropped. Default is none. */
  readonly unmanaged?: IsUnmanaged
}

/**
 * Operations that turn one schema into the other, in an order in which they apply; empty if the schemas are equal.
 *
 * Objects and columns are paired by name. Constraints and indexes without a namesake are paired by definition, as
 * renames. Renames of tables and columns are not detected: pass a `from` to which `applyRenames` has applied them. The
 * order of columns and the names of serial columns' sequences are no difference.
 *
 * @example
 * compare(before, after).map(describeOperation) // ['add column workflows.priority integer']
 */
export function compare(from: Schema, to: Schema, options: CompareOptions = {}): Operation[] {
  const wanted = options.unmanaged === undefined ? to : keepUnmanaged(from, to, options.unmanaged)
  const schemas = schemaOperations(from, wanted)
  // The rest is compared with types and sequences that already have their new names.
  const renames: Operation[] = schemas.filter(({ op }) => op === 'createSchema')
  renames.push(...enumRenames(from, wanted))
  renames.push(...sequenceRenames(applyOperations(renames, from), wanted))
  const base = applyOperations(renames, from)
  const operations = [
    ...renames,
    ...schemas.filter(({ op }) => op === 'dropSchema'),
    ...enumOperations(base, wanted),
    ...sequenceOperations(base, wanted),
    ...standaloneOperations(base, wanted),
    ...tablesOperations(base, wanted),
    ...viewOperations(base, wanted),
  ]
  return orderOperations(withFreeSequences(operations, base), from, wanted)
}

/** Gives the sequence of a column that becomes serial a free name: a renamed table's sequence may still have that name. */
function withFreeSequences(operations: readonly Operation[], base: Schema): Operation[] {
  const names = namesBySchema(base)
  return operations.map((operation) => {
    if (operation.op !== 'alterColumn' || operation.from.serial !== undefined) return operation
    const { serial } = operation.to
    const { identitySequence: own } = operation.from
    const taken = names.get(serial?.schema ?? '')
    if (serial === undefined || taken?.has(serial.name) !== true || (own && sameName(own, serial))) return operation
    const free = freeName(serial.name, (name) => taken.has(name))
    return { ...operation, to: { ...operation.to, serial: { ...serial, name: free } } }
  })
}

function schemaOperations(from: Schema, to: Schema): Operation[] {
  const { removed, added } = pairByKey(from.schemas, to.schemas, (name) => name)
  // Nothing drops an extension that others may use, so its schema stays with it.
  const staying = new Set(Object.values(from.extensionSchemas ?? {}))
  return [
    ...added.map((name): Operation => ({ op: 'createSchema', name })),
    ...removed.filter((name) => !staying.has(name)).map((name): Operation => ({ op: 'dropSchema', name })),
  ]
}

function tablesOperations(from: Schema, to: Schema): Operation[] {
  const { removed, added, both } = pairByName(from.tables, to.tables)
  const diffs = new Map<string, TableDiff>(both.map((pair) => [keyOf(pair.to), diffTable(pair.from, pair.to)]))
  const target = (name: ObjectName): TableDiff | undefined => diffs.get(keyOf(name))
  return [
    ...removed.flatMap(dropOperations),
    ...added.flatMap(createOperations),
    ...[...diffs.values()].flatMap((diff) => {
      const table = nameOf(diff.to)
      return [
        ...tableOperations(table, diff),
        ...foreignKeyOperations(table, diff, target),
        ...attachedOperations(table, diff.from, diff.to),
      ]
    }),
  ]
}

function createOperations(definition: Table): Operation[] {
  const table = nameOf(definition)
  return [
    { op: 'createTable', table, definition: bareTable(definition) },
    ...definition.indexes.map((index): Operation => ({ op: 'createIndex', table, index })),
    ...definition.foreignKeys.map((foreignKey): Operation => ({ op: 'addForeignKey', table, foreignKey })),
    ...attachedOperations(table, bareTable(definition), definition),
  ]
}

function dropOperations(definition: Table): Operation[] {
  const table = nameOf(definition)
  return [
    ...attachedOperations(table, definition, bareTable(definition)),
    ...definition.foreignKeys.map((foreignKey): Operation => ({ op: 'dropForeignKey', table, foreignKey })),
    ...definition.indexes.map((index): Operation => ({ op: 'dropIndex', table, index })),
    { op: 'dropTable', table, definition: bareTable(definition) },
  ]
}

/** Operations on changed views; `orderOperations` adds those on views that block other operations. */
function viewOperations(from: Schema, to: Schema): Operation[] {
  const { removed, added, both } = pairByName(from.views, to.views)
  return [
    ...removed.map((definition): Operation => ({ op: 'dropView', definition })),
    ...added.map((definition): Operation => ({ op: 'createView', definition })),
    ...both.flatMap((pair) => {
      if (queryOf(pair.from) !== queryOf(pair.to)) return [{ op: 'replaceView', ...pair } as const]
      const body = (index: View['indexes'][number]): string => bodyOf(normalizeIndex(index))
      const view = nameOf(pair.to)
      return [
        ...indexOperations(view, changesOf(pair.from.indexes, pair.to.indexes, body)),
        ...triggerOperations(view, pair.from.triggers ?? [], pair.to.triggers ?? []),
      ]
    }),
  ]
}

function queryOf(view: View): string {
  return stableJson({ ...view, dependsOn: [], indexes: [], triggers: [] })
}
