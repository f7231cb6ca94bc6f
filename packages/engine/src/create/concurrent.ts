import { applyOperation, reverseOperation } from '../operations'
import type { Operation } from '../operations/operation'
import { stableJson } from '../schema/json'
import { keyOf, type ObjectName, type Schema } from '../schema/schema'
import type { DialectDiff } from './diff'

/** The content of one file that `create` writes. */
export interface Part {
  readonly diffs: readonly DialectDiff[]
  /** False for statements such as `CREATE INDEX CONCURRENTLY`, which cannot run in a transaction. */
  readonly transactional: boolean
}

/**
 * Moves what is done without blocking others to a second revision, which runs outside a transaction, so that the rest still runs in
 * one: indexes that an entity wants to be built concurrently, and with `online` everything for which there is such a way. New tables
 * stay as they are: there is nobody to block.
 *
 * @param online see {@link CreateOptions.online}
 * @returns one part, or two
 */
export function splitConcurrent(diffs: readonly DialectDiff[], online = false): readonly Part[] {
  const marked = online ? diffs.map(markOnline) : diffs
  const concurrent = new Set(marked.flatMap(({ operations }) => operations.flatMap(concurrentKey(operations))))
  const isLater = (operation: Operation): boolean =>
    isOnline(operation) ||
    (operation.op === 'createIndex' && concurrent.has(indexKey(operation.table, operation.index.name)))
  if (!marked.some(({ operations }) => operations.some(isLater)))
    return [{ diffs: marked.map(plain), transactional: true }]
  const now = marked.map((diff) => plain(withoutLater(diff, isLater)))
  const later = marked.map((diff, place) => ({
    ...diff,
    from: now[place]?.to ?? diff.from,
    operations: diff.operations.filter(isLater),
  }))
  const second = { diffs: later, transactional: false }
  return now.every(({ operations }) => operations.length === 0)
    ? [second]
    : [{ diffs: now, transactional: true }, second]
}

function isOnline(operation: Operation): boolean {
  return 'online' in operation && operation.online === true
}

/** The operations with what can be done without blocking others marked so. */
function markOnline(diff: DialectDiff): DialectDiff {
  const { dialect, operations, from } = diff
  // A writer of SQLite locks the whole file, whatever it does.
  if (!dialect.sql.locksTables) return diff
  const made = tablesMade(operations)
  const referenced = referencedKeys(operations)
  const partitioned = new Set(from.tables.flatMap((table) => (table.partitionBy === undefined ? [] : [keyOf(table)])))
  return {
    ...diff,
    operations: operations.map((operation): Operation => {
      if (!('table' in operation)) return operation
      const table = keyOf(operation.table)
      if (made.has(table)) return operation
      switch (operation.op) {
        case 'createIndex':
          return { ...operation, index: { ...operation.index, concurrent: true } }
        case 'addForeignKey':
          // The server accepts no NOT VALID there before version 18.
          return operation.foreignKey.name === undefined || partitioned.has(table)
            ? operation
            : { ...operation, online: true }
        case 'addCheck':
          return operation.check.name === undefined ? operation : { ...operation, online: true }
        case 'addUnique':
          // A foreign key of the same diff may need it, and a partitioned table has no index that is built concurrently.
          return operation.unique.name === undefined ||
            referenced.has(columnsKey(operation.table, operation.unique.columns)) ||
            partitioned.has(table)
            ? operation
            : { ...operation, online: true }
        case 'alterColumn':
          return onlyRequires(operation) ? { ...operation, online: true } : operation
        default:
          return operation
      }
    }),
  }
}

/** True if the column becomes NOT NULL, and nothing else changes. */
function onlyRequires({ from, to }: Extract<Operation, { op: 'alterColumn' }>): boolean {
  return from.nullable && !to.nullable && stableJson({ ...from, nullable: false }) === stableJson(to)
}

function tablesMade(operations: readonly Operation[]): ReadonlySet<string> {
  return new Set(operations.flatMap((operation) => (operation.op === 'createTable' ? [keyOf(operation.table)] : [])))
}

/** The columns to which new foreign keys refer. */
function referencedKeys(operations: readonly Operation[]): ReadonlySet<string> {
  return new Set(
    operations.flatMap((operation) => {
      if (operation.op !== 'addForeignKey') return []
      const { references } = operation.foreignKey
      return [columnsKey(references, references.columns)]
    }),
  )
}

/** Identifies columns of a table, in any order. */
function columnsKey(table: ObjectName, columns: readonly string[]): string {
  return [keyOf(table), ...columns.toSorted()].join('\0')
}

/** Returns the key of an index that must be built concurrently, because its table exists and may have rows. */
function concurrentKey(operations: readonly Operation[]): (operation: Operation) => string[] {
  const made = tablesMade(operations)
  const referenced = referencedKeys(operations)
  return (operation) => {
    if (operation.op !== 'createIndex' || operation.index.concurrent !== true) return []
    const table = keyOf(operation.table)
    // A foreign key of the same diff may need it.
    const columns = operation.index.keys.flatMap(({ column }) => column ?? [])
    const isNeeded = operation.index.unique && referenced.has(columnsKey(operation.table, columns))
    return made.has(table) || isNeeded ? [] : [indexKey(operation.table, operation.index.name)]
  }
}

function indexKey(table: ObjectName, name: string): string {
  return `${keyOf(table)} ${name}`
}

/** The schema after the operations that come first is the wanted one without the effects of the later ones. */
function withoutLater(diff: DialectDiff, isLater: (operation: Operation) => boolean): DialectDiff {
  const undone = diff.operations.filter(isLater).toReversed().map(reverseOperation)
  return {
    ...diff,
    to: undone.reduce((schema: Schema, operation) => applyOperation(operation, schema), diff.to),
    operations: diff.operations.filter((operation) => !isLater(operation)),
  }
}

/** In a transaction, an index cannot be built concurrently. */
function plain(diff: DialectDiff): DialectDiff {
  const operations = diff.operations.map((operation): Operation => {
    if (operation.op !== 'createIndex') return operation
    return { ...operation, index: { ...operation.index, concurrent: undefined } }
  })
  return { ...diff, operations }
}
