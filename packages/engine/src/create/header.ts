import type { DialectName } from '../dialect/registry'
import { describeOperation } from '../operations'
import type { Operation } from '../operations/operation'
import type { MergedOperation } from '../difference/merge-dialects'
import { keyOf } from '../schema/schema'
import { plural } from '../text'

/** The operations of a revision as lines for its doc comment. Indexes and foreign keys of a new table are only counted. */
export function headerLines(merged: readonly MergedOperation[], dialects: readonly DialectName[]): string[] {
  const operations = merged.map(({ operation }) => operation)
  const created = new Set(
    operations.flatMap((operation) => (operation.op === 'createTable' ? [keyOf(operation.table)] : [])),
  )
  const lines: string[] = []
  for (const { operation, dialects: names } of merged) {
    // One database may need an enum where the other one needs a check.
    const where = names.length === dialects.length ? '' : `, on ${names.join(' and ')} only`
    if (operation.op === 'createTable') {
      const key = keyOf(operation.table)
      const count = (op: Operation['op']) =>
        operations.filter((other) => other.op === op && 'table' in other && keyOf(other.table) === key).length
      const parts = [
        plural(operation.definition.columns.length, 'column'),
        ...optional(count('createIndex'), 'index', 'indexes'),
        ...optional(count('addForeignKey'), 'foreign key'),
      ]
      lines.push(`create table ${operation.table.name}: ${parts.join(', ')}${where}`)
    } else if (!comesWithTable(operation, created)) {
      lines.push(`${describeOperation(operation)}${where}`)
    }
  }
  return lines
}

function comesWithTable(operation: Operation, created: ReadonlySet<string>): boolean {
  return (operation.op === 'createIndex' || operation.op === 'addForeignKey') && created.has(keyOf(operation.table))
}

function optional(count: number, one: string, many?: string): string[] {
  return count === 0 ? [] : [plural(count, one, many)]
}
