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

/** The drop of an object that revisions create and entities do not describe. The object may be unmanaged. */
export interface UnmanagedDrop {
  readonly kind: UnmanagedKind
  /** The table that it belongs to, under the name at the time of the drop. */
  readonly table?: ObjectName
  readonly name: string
  /** The object in flags and in the configuration: `index:posts.ix_body`. */
  readonly pattern: string
  readonly operation: Operation
  /** The operation with the name of its table before all operations. */
  readonly original: Operation
  /** True if no entity can describe the object, so it is unmanaged whatever its name. */
  readonly certain: boolean
  /** Why it cannot be kept: something it needs is dropped, for example `column t.a, which is dropped`. */
  readonly blockedBy?: string
}

/** A name that TypeORM derives: a prefix and the hex digits of a hash. */
const derived = /^(?:IDX|FK|UQ|PK|CHK|XCL|REL|DF)_[0-9a-f]{8,}$/i

/** True for a name that only TypeORM creates. */
export function isDerivedName(name: string): boolean {
  return derived.test(name)
}

/**
 * The drops of objects that may be unmanaged, in a plan from revisions to entities. Objects that are dropped with their
 * table, column or view are left out, and so are objects that are created again under the same name.
 *
 * @param from the schema before the operations
 */
export function unmanagedDrops(operations: readonly Operation[], from: Schema): UnmanagedDrop[] {
  const droppedTables = new Set(operations.flatMap((item) => (item.op === 'dropTable' ? [keyOf(item.table)] : [])))
  const made = new Set(operations.flatMap(keyCreated))
  const replaced = replacedForeignKeys(operations, from)
  const names = new LineageOfNames(from)
  return operations.flatMap((operation): UnmanagedDrop[] => {
    const was = 'table' in operation ? names.originalTable(operation.table) : undefined
    const original = was === undefined ? operation : ({ ...operation, table: was } as Operation)
    names.follow(operation)
    const found = dropped(operation)
    if (found === undefined || isCleared(operation, operations) || replaced.has(operation)) return []
    const old = underOldName(found, operations)
    if (made.has(keyOfFound(old))) return []
    const { kind, table, name } = old
    const isPart = kind !== 'table' && table !== undefined
    if (isPart && droppedTables.has(keyOf(table))) return []
    const before = was === undefined ? undefined : findTable(from, was)
    if (isDroppedAlong(operation, operations, from, before)) return []
    const blockedBy = blocked(operation, operations, before)
    return [
      {
        kind,
        table,
        name,
        pattern: patternOf(kind, table, name),
        operation,
        original,
        certain: isBeyondEntities(operation),
        blockedBy,
      },
    ]
  })
}

interface Found {
  readonly kind: UnmanagedKind
  readonly table?: ObjectName
  readonly name: string
}

/** The kinds of objects that operations drop, except tables. */
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

/** The dropped object; undefined if it has no name (constraints of SQLite), because no flag could name it. */
function dropped(operation: Operation): Found | undefined {
  if (operation.op === 'dropTable') return { kind: 'table', name: displayName(operation.table) }
  const kind = droppedKinds[operation.op]
  const { name } = subjectOf(operation)
  if (kind === undefined || name === undefined) return undefined
  return { kind, table: 'table' in operation ? nameOf(operation.table) : undefined, name }
}

/** True if the user already answered that the object is dropped: its name was freed for another object before. */
function isCleared(operation: Operation, operations: readonly Operation[]): boolean {
  if (operation.op === 'dropTable')
    return operations.some((other) => other.op === 'renameTable' && sameName(other.to, operation.table))
  if (operation.op !== 'dropColumn') return false
  const { table, column } = operation
  return operations.some(
    (other) => other.op === 'renameColumn' && sameName(other.table, table) && other.to === column.name,
  )
}

/** A key or an index may have been renamed to free its name when its table moved. */
function underOldName(found: Found, operations: readonly Operation[]): Found {
  const rename = operations.find(
    (other) => (other.op === 'renameIndex' || other.op === 'renameConstraint') && other.to === found.name,
  )
  return rename?.op === 'renameIndex' || rename?.op === 'renameConstraint' ? { ...found, name: rename.from } : found
}

/** Operations that recreate a dropped object with another definition. */
const recreating: readonly OperationName[] = [
  'addUnique',
  'addCheck',
  'addExclusion',
  'addForeignKey',
  'createIndex',
  'createView',
]

/** The key of an object that is created, and therefore described by entities. */
function keyCreated(operation: Operation): string[] {
  const made = recreating.includes(operation.op) ? dropped(reverseOperation(operation)) : undefined
  return made === undefined ? [] : [keyOfFound(made)]
}

/**
 * The drops of foreign keys that are added again for the same columns, perhaps under another name: a key whose columns
 * change their type cannot be renamed. Entities describe that reference, so the dropped key is not unmanaged.
 */
function replacedForeignKeys(operations: readonly Operation[], from: Schema): ReadonlySet<Operation> {
  const names = new LineageOfNames(from)
  const drops: (readonly [Operation, string])[] = []
  const added = new Set<string>()
  for (const operation of operations) {
    names.follow(operation)
    if (operation.op !== 'dropForeignKey' && operation.op !== 'addForeignKey') continue
    const { table, foreignKey } = operation
    const side = (owner: ObjectName, columns: readonly string[]): unknown => [
      keyOf(names.originalTable(owner) ?? owner),
      columns.map((column) => names.originalColumn(owner, column)?.column ?? column),
    ]
    const key = JSON.stringify([
      side(table, foreignKey.columns),
      side(foreignKey.references, foreignKey.references.columns),
    ])
    if (operation.op === 'addForeignKey') added.add(key)
    else drops.push([operation, key])
  }
  return new Set(drops.flatMap(([operation, key]) => (added.has(key) ? [operation] : [])))
}

function keyOfFound({ kind, table, name }: Found): string {
  return JSON.stringify([kind, table === undefined ? '' : keyOf(table), name])
}

/** True if the object is dropped with its column; types and sequences are dropped with their last column. */
function isDroppedAlong(
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

/**
 * The dropped column that a trigger, policy or generated column reads, in words: the database would refuse to drop that
 * column.
 */
function blocked(operation: Operation, operations: readonly Operation[], table: Table | undefined): string | undefined {
  if (operation.op !== 'dropTrigger' && operation.op !== 'dropPolicy' && operation.op !== 'dropColumn') return undefined
  const column = [...goneColumns(operations, operation.table)].find((name) => {
    const columns = new Set([name])
    if (operation.op === 'dropColumn') {
      const { expression } = operation.column.generated ?? {}
      return table !== undefined && name !== operation.column.name && readsAny(table, expression, columns)
    }
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

/** True for properties that `@Index` cannot declare: it has columns, unique, where and, in newer versions, the method. */
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
