import type { Operation } from '../operations/operation'
import { keyOf, type Index, type ObjectName } from '../schema/schema'
import type { DialectDiff } from './diff'

/** The content of one file that `create` writes. */
export interface Part {
  readonly diffs: readonly DialectDiff[]
  /** False for statements such as `CREATE INDEX CONCURRENTLY`, which cannot run in a transaction. */
  readonly transactional: boolean
}

/**
 * Moves indexes that are built concurrently to a second revision, so that the rest still runs in a transaction. An index
 * of a new table stays: there are no writers to block.
 *
 * @returns one part, or two
 */
export function splitConcurrent(diffs: readonly DialectDiff[]): readonly Part[] {
  const concurrent = new Set(diffs.flatMap(({ operations }) => operations.flatMap(concurrentKey(operations))))
  if (concurrent.size === 0) return [{ diffs: diffs.map(plain), transactional: true }]
  const isLater = (operation: Operation): boolean =>
    operation.op === 'createIndex' && concurrent.has(indexKey(operation.table, operation.index.name))
  const now = diffs.map((diff) => plain(withoutLater(diff, isLater)))
  const later = diffs.map((diff, place) => ({
    ...diff,
    from: now[place]?.to ?? diff.from,
    operations: diff.operations.filter(isLater),
  }))
  const second = { diffs: later, transactional: false }
  return now.every(({ operations }) => operations.length === 0)
    ? [second]
    : [{ diffs: now, transactional: true }, second]
}

/** Returns the key of an index that must be built concurrently, because its table exists and may have rows. */
function concurrentKey(operations: readonly Operation[]): (operation: Operation) => string[] {
  const made = new Set(
    operations.flatMap((operation) => (operation.op === 'createTable' ? [keyOf(operation.table)] : [])),
  )
  const referenced = new Set(
    operations.flatMap((operation) =>
      operation.op === 'addForeignKey' ? [keyOf(operation.foreignKey.references)] : [],
    ),
  )
  return (operation) => {
    if (operation.op !== 'createIndex' || operation.index.concurrent !== true) return []
    const table = keyOf(operation.table)
    // A foreign key of the same diff may need it.
    const isNeeded = operation.index.unique && referenced.has(table)
    return made.has(table) || isNeeded ? [] : [indexKey(operation.table, operation.index.name)]
  }
}

function indexKey(table: ObjectName, name: string): string {
  return `${keyOf(table)} ${name}`
}

function withoutLater(diff: DialectDiff, isLater: (operation: Operation) => boolean): DialectDiff {
  const later = new Set(
    diff.operations.flatMap((operation) =>
      operation.op === 'createIndex' && isLater(operation) ? [indexKey(operation.table, operation.index.name)] : [],
    ),
  )
  const strip = <T extends ObjectName & { readonly indexes: readonly Index[] }>(owner: T): T => ({
    ...owner,
    indexes: owner.indexes.filter((index) => !later.has(indexKey(owner, index.name))),
  })
  return {
    ...diff,
    to: { ...diff.to, tables: diff.to.tables.map(strip), views: diff.to.views.map(strip) },
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
