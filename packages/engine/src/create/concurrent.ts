import type { Operation } from '../operations/operation'
import { keyOf, type Index, type ObjectName } from '../schema/schema'
import type { DialectDiff } from './diff'

/** One file of what `create` writes. */
export interface Part {
  readonly diffs: readonly DialectDiff[]
  /** False: `CREATE INDEX CONCURRENTLY` and its like, which no transaction takes. */
  readonly transactional: boolean
}

/**
 * What is built concurrently goes into a revision of its own, after everything else: it cannot be in a transaction, and
 * what can be should stay in one. An index of a new table is simply made with it: nobody writes there yet.
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

/** Keys of indexes that shall be built concurrently on tables that are there already and may have rows. */
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
    // A foreign key of this very diff may need it.
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

/** In a transaction an index is built the plain way. */
function plain(diff: DialectDiff): DialectDiff {
  const operations = diff.operations.map((operation): Operation => {
    if (operation.op !== 'createIndex' || operation.index.concurrent !== true) return operation
    const { concurrent: _concurrent, ...index } = operation.index
    return { ...operation, index }
  })
  return { ...diff, operations }
}
