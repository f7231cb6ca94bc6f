import { reverseOperation, subjectOf } from '../operations'
import type { Operation, OperationName } from '../operations/operation'
import { indexUses, readsAny } from '../schema/dependents'
import { patternOf } from '../schema/patterns'
import { LineageOfNames } from './lineage-of-names'
import {
  displayName,
  findTable,
  type Index,
  keyOf,
  type ObjectName,
  sameName,
  type Schema,
  type Table,
  nameOf,
} from '../schema/schema'
import { policyNeeds, triggerNeeds, type UnmanagedKind } from '../schema/unmanaged'

/** The drop of an object that revisions create and entities do not describe. It may be unmanaged. */
export interface UnmanagedDrop {
  readonly kind: UnmanagedKind
  /** What it belongs to, as that is called when it would be dropped. */
  readonly table?: ObjectName
  readonly name: string
  /** `index:posts.ix_body`: what flags and the configuration call it. */
  readonly pattern: string
  readonly operation: Operation
  /** The same of the schema before: its table may be renamed by what comes first. */
  readonly original: Operation
  /** True for what no entity can describe: it is unmanaged, whatever its name. */
  readonly certain: boolean
  /** Something it needs is dropped, so it cannot be kept. In words: `column t.a, which is dropped`. */
  readonly blockedBy?: string
}

/** Names that TypeORM derives: a prefix and the hex digits of a hash. */
const derived = /^(?:IDX|FK|UQ|PK|CHK|XCL|REL|DF)_[0-9a-f]{8,}$/i

/** True for a name that only TypeORM gives. */
export function isDerivedName(name: string): boolean {
  return derived.test(name)
}

/**
 * The objects that a plan from revisions to entities drops for good, and that may be unmanaged. Not those that are dropped
 * with their table, column or view, and not those that are created again under the same name.
 *
 * @param from the schema before the operations
 */
export function unmanagedDrops(operations: readonly Operation[], from: Schema): UnmanagedDrop[] {
  const droppedTables = new Set(operations.flatMap((item) => (item.op === 'dropTable' ? [keyOf(item.table)] : [])))
  const made = new Set(operations.flatMap(keyMade))
  const names = new LineageOfNames(from)
  return operations.flatMap((operation): UnmanagedDrop[] => {
    const was = 'table' in operation ? names.originalTable(operation.table) : undefined
    const original = was === undefined ? operation : ({ ...operation, table: was } as Operation)
    names.follow(operation)
    const found = dropped(operation)
    if (found === undefined || isCleared(operation, operations)) return []
    const old = underOldName(found, operations)
    if (made.has(keyOfFound(old))) return []
    const { kind, table, name } = old
    const isPart = kind !== 'table' && table !== undefined
    if (isPart && droppedTables.has(keyOf(table))) return []
    const before = was === undefined ? undefined : findTable(from, was)
    if (goesAlong(operation, operations, from, before)) return []
    const blockedBy = blocked(operation, operations, before)
    return [
      {
        kind,
        ...(table === undefined ? {} : { table }),
        name,
        pattern: patternOf(kind, table, name),
        operation,
        original,
        certain: isBeyondEntities(operation),
        ...(blockedBy === undefined ? {} : { blockedBy }),
      },
    ]
  })
}

interface Found {
  readonly kind: UnmanagedKind
  readonly table?: ObjectName
  readonly name: string
}

/** What the operations on all but tables drop. */
const droppedKinds: Partial<Record<OperationName, UnmanagedKind>> = {
  dropColumn: 'column',
  dropUnique: 'unique',
  dropCheck: 'check',
  dropExclusion: 'exclusion',
  dropForeignKey: 'foreignKey',
  dropIndex: 'index',
  dropTrigger: 'trigger',
  dropPolicy: 'policy',
  dropPartition: 'partition',
  dropView: 'view',
  dropEnum: 'enum',
  dropSequence: 'sequence',
  dropFunction: 'function',
  dropDomain: 'domain',
  dropSchema: 'schema',
  dropExtension: 'extension',
}

/** Nothing for an object without a name, as some constraints of SQLite: a flag cannot name it either. */
function dropped(operation: Operation): Found | undefined {
  if (operation.op === 'dropTable') return { kind: 'table', name: displayName(operation.table) }
  const kind = droppedKinds[operation.op]
  const { name } = subjectOf(operation)
  if (kind === undefined || name === undefined) return undefined
  return { kind, ...('table' in operation ? { table: nameOf(operation.table) } : {}), name }
}

/** Somebody said of it already that it is dropped: something else takes its name, which it gives up before. */
function isCleared(operation: Operation, operations: readonly Operation[]): boolean {
  if (operation.op === 'dropTable')
    return operations.some((other) => other.op === 'renameTable' && sameName(other.to, operation.table))
  if (operation.op !== 'dropColumn') return false
  const { table, column } = operation
  return operations.some(
    (other) => other.op === 'renameColumn' && sameName(other.table, table) && other.to === column.name,
  )
}

/** A key or an index may have had to step aside when its table moved. */
function underOldName(found: Found, operations: readonly Operation[]): Found {
  const rename = operations.find(
    (other) => (other.op === 'renameIndex' || other.op === 'renameConstraint') && other.to === found.name,
  )
  return rename?.op === 'renameIndex' || rename?.op === 'renameConstraint' ? { ...found, name: rename.from } : found
}

/** Operations that create again, with another definition, what one before them has dropped. */
const recreating: readonly OperationName[] = [
  'addUnique',
  'addCheck',
  'addExclusion',
  'addForeignKey',
  'createIndex',
  'createView',
]

/** What is created under the same name is described, only otherwise. */
function keyMade(operation: Operation): string[] {
  const made = recreating.includes(operation.op) ? dropped(reverseOperation(operation)) : undefined
  return made === undefined ? [] : [keyOfFound(made)]
}

function keyOfFound({ kind, table, name }: Found): string {
  return JSON.stringify([kind, table === undefined ? '' : keyOf(table), name])
}

/** Constraints and indexes go with their column, types and sequences with the last column that has them. */
function goesAlong(
  operation: Operation,
  operations: readonly Operation[],
  from: Schema,
  table: Table | undefined,
): boolean {
  const gone = (table: ObjectName): ReadonlySet<string> => goneColumns(operations, table)
  switch (operation.op) {
    case 'dropUnique':
      return operation.unique.columns.some((column) => gone(operation.table).has(column))
    case 'dropForeignKey':
      return (
        operation.foreignKey.columns.some((column) => gone(operation.table).has(column)) ||
        operations.some((other) => other.op === 'dropTable' && sameName(other.table, operation.foreignKey.references))
      )
    case 'dropCheck':
    case 'dropExclusion': {
      const sql = operation.op === 'dropCheck' ? operation.check.expression : operation.exclusion.definition
      return table !== undefined && readsAny(table, sql, gone(operation.table))
    }
    case 'dropIndex':
      return table === undefined
        ? !from.views.some((view) => sameName(view, operation.table))
        : indexUses(table, operation.index, gone(operation.table))
    case 'dropEnum':
      return from.tables.some((table) =>
        table.columns.some((column) => column.enum !== undefined && sameName(column.enum, operation.definition)),
      )
    case 'dropSequence':
      return operation.definition.ownedBy !== undefined
    default:
      return false
  }
}

/** A trigger or policy that reads a dropped column of its table: the database would refuse to drop the column. */
function blocked(operation: Operation, operations: readonly Operation[], table: Table | undefined): string | undefined {
  if (operation.op !== 'dropTrigger' && operation.op !== 'dropPolicy') return undefined
  const column = [...goneColumns(operations, operation.table)].find((name) => {
    const columns = new Set([name])
    if (operation.op === 'dropTrigger') return triggerNeeds(operation.trigger, columns)
    return table !== undefined && policyNeeds(table, operation.policy, columns)
  })
  return column === undefined ? undefined : `column ${displayName(operation.table)}.${column}, which is dropped`
}

function goneColumns(operations: readonly Operation[], table: ObjectName): ReadonlySet<string> {
  return new Set(
    operations.flatMap((item) => (item.op === 'dropColumn' && sameName(item.table, table) ? [item.column.name] : [])),
  )
}

function isBeyondEntities(operation: Operation): boolean {
  switch (operation.op) {
    case 'dropTrigger':
    case 'dropPolicy':
    case 'dropPartition':
    case 'dropFunction':
    case 'dropDomain':
    case 'dropExtension':
      return true
    case 'dropIndex':
      return isIndexBeyondEntities(operation.index)
    case 'dropForeignKey':
      return operation.foreignKey.match !== undefined
    default:
      return false
  }
}

/** `@Index` says columns, unique, where, and in newer versions the method and nothing else. */
function isIndexBeyondEntities({ keys, include, storage, comment }: Index): boolean {
  return (
    (include ?? []).length + (storage ?? []).length > 0 ||
    comment !== undefined ||
    keys.some(
      ({ column, order, nulls, collation, opclass }) =>
        column === undefined ||
        order !== undefined ||
        nulls !== undefined ||
        collation !== undefined ||
        opclass !== undefined,
    )
  )
}
