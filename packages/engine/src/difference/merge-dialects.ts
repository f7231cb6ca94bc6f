import { describeOperation, destroysOf, subjectOf } from '../operations'
import type { Operation } from '../operations/operation'
import { displayName, type ObjectName } from '../schema/schema'

/** One operation, and the dialects that need it. */
export interface MergedOperation<D extends string = string> {
  readonly operation: Operation
  readonly dialects: readonly D[]
}

/**
 * The operations of several dialects as one list for reports. Operations of the same kind with the same table and name
 * are one entry, and the order of each dialect is kept where they agree. If definitions differ (types do), the one of
 * the first dialect is used.
 */
export function mergeOperations<D extends string>(
  perDialect: Readonly<Partial<Record<D, readonly Operation[]>>>,
): MergedOperation<D>[] {
  const rows: { operation: Operation; exact: string; loose: string; dialects: D[] }[] = []
  for (const [dialect, operations] of Object.entries(perDialect) as [D, readonly Operation[] | undefined][]) {
    let place = 0
    for (const operation of operations ?? []) {
      const [exact, loose] = [keyFor(operation, displayName), keyFor(operation, ({ name }) => name)]
      const find = (key: 'exact' | 'loose', value: string): number =>
        rows.findIndex((row) => row[key] === value && !row.dialects.includes(dialect))
      const same = find('exact', exact)
      // In a database without schemas, the same table has no schema.
      const at = same < 0 ? find('loose', loose) : same
      if (at < 0) rows.splice(place, 0, { operation, exact, loose, dialects: [dialect] })
      else rows[at]?.dialects.push(dialect)
      place = at < 0 ? place + 1 : at + 1
    }
  }
  return rows.map(({ operation, dialects }) => ({ operation, dialects }))
}

/** An operation as JSON: kind, table, name, whether it destroys something, its dialects, a description, and its other fields. */
export function operationToJson<D extends string>(
  operation: Operation,
  dialects: readonly D[],
): {
  readonly op: string
  readonly table?: string
  readonly name?: string
  readonly destroys: boolean
  readonly dialects: readonly D[]
  readonly description: string
  readonly [key: string]: unknown
} {
  const { op: _op, ...own } = operation
  return {
    op: operation.op,
    ...subjectOf(operation),
    destroys: destroysOf(operation).length > 0,
    dialects,
    description: describeOperation(operation),
    ...Object.fromEntries(Object.entries(own).filter(([key]) => key !== 'table' && key !== 'name')),
  }
}

/** The same for constraints on the same columns, whatever their names: those of SQLite often have none. */
function keyFor(operation: Operation, text: (name: ObjectName) => string): string {
  return JSON.stringify([operation.op, 'table' in operation ? text(operation.table) : '', ...identity(operation, text)])
}

function identity(operation: Operation, text: (name: ObjectName) => string): readonly string[] {
  switch (operation.op) {
    case 'addPrimaryKey':
    case 'dropPrimaryKey':
      return []
    case 'addUnique':
    case 'dropUnique':
      return operation.unique.columns
    case 'addForeignKey':
    case 'dropForeignKey': {
      const { columns, references } = operation.foreignKey
      return [...columns, text(references), ...references.columns]
    }
    case 'addCheck':
    case 'dropCheck':
      return [operation.check.name ?? operation.check.expression]
    case 'createView':
    case 'dropView':
      return [text(operation.definition)]
    case 'replaceView':
      return [text(operation.to)]
    default:
      return [subjectOf(operation).name ?? '']
  }
}
