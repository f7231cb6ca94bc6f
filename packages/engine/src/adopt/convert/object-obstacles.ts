import { describeOperation, destroysOf, subjectOf } from '../../operations'
import type { Operation, OperationName } from '../../operations/operation'
import type { AdoptObstacle } from '../../results'
import { patternOf } from '../../schema/patterns'
import { displayName, type ObjectName, sameName, type Schema } from '../../schema/schema'
import type { UnmanagedKind } from '../../schema/unmanaged'

/** Operations that lose no row, no value and no code: indexes and constraints can be made again from the revisions. */
const harmless: ReadonlySet<OperationName> = new Set<OperationName>([
  'createSchema',
  'createExtension',
  'createTable',
  'createEnum',
  'createSequence',
  'createDomain',
  'createFunction',
  'createView',
  'createTrigger',
  'createPolicy',
  'createPartition',
  'createIndex',
  'dropIndex',
  'renameIndex',
  'renameConstraint',
  'renameSequence',
  'renameEnum',
  'renameValue',
  'mapValue',
  'alterEnum',
  'alterSequence',
  'alterTable',
  'addColumn',
  'addPrimaryKey',
  'dropPrimaryKey',
  'addUnique',
  'dropUnique',
  'addCheck',
  'dropCheck',
  'addExclusion',
  'dropExclusion',
  'addForeignKey',
  'dropForeignKey',
])

/**
 * What the database has and the revisions do not, and no conversion may drop: tables, columns, views, triggers and other code.
 * An enum type is dropped with the columns that had it.
 */
export function objectObstacles(operations: readonly Operation[], live: Schema): readonly AdoptObstacle[] {
  const created = new Set(operations.filter(({ op }) => op.startsWith('create')).map(keyOf))
  return operations.flatMap((operation): AdoptObstacle[] => {
    const { op } = operation
    if (harmless.has(op)) return []
    if (op === 'alterColumn') {
      const { from, to } = operation
      if (to.generated === undefined || from.generated !== undefined) return []
      return [obstacle(operation, `${destroysOf(operation).join(', ')} would be lost`, [])]
    }
    // Dropped to be created again: a view that reads a changed column.
    if (op.startsWith('drop') && created.has(keyOf(operation))) return []
    if (op === 'dropEnum' && isUsed(operation.definition, live)) return []
    const words = describeOperation(operation)
    const what = words.slice(words.indexOf(' ') + 1)
    const pattern = patternFor(operation)
    return [
      obstacle(
        operation,
        op.startsWith('drop')
          ? `the database has ${what}, and the revisions do not`
          : `the database has another ${what}`,
        [
          ...(pattern === undefined ? [] : [`add ${JSON.stringify(pattern)} to ignore in the configuration: it stays`]),
          op.startsWith('drop') ? 'or drop it yourself' : 'or change it yourself',
          ...otherNames(operation, operations),
        ],
      ),
    ]
  })
}

function obstacle(operation: Operation, text: string, ways: readonly string[]): AdoptObstacle {
  const { table, name = '' } = subjectOf(operation)
  return {
    kind: 'object',
    object: table === undefined || table === name ? name : `${table}.${name}`,
    text,
    rows: null,
    examples: [],
    ways,
  }
}

/** What it may be called in the revisions. A rename is not guessed: it would keep other rows than intended. */
function otherNames(operation: Operation, operations: readonly Operation[]): readonly string[] {
  const names = operations.flatMap((other) => {
    if (operation.op === 'dropTable') return other.op === 'createTable' ? [displayName(other.table)] : []
    if (operation.op !== 'dropColumn' || other.op !== 'addColumn') return []
    return sameName(other.table, operation.table) ? [other.column.name] : []
  })
  return names.length === 0 ? [] : [`or rename it yourself, if it is ${names.join(' or ')}`]
}

function keyOf(operation: Operation): string {
  const { table = '', name = '' } = subjectOf(operation)
  return JSON.stringify([operation.op.replace(/^(?:drop|create)/, ''), table, name])
}

function isUsed(type: ObjectName, { tables }: Schema): boolean {
  return tables.some(({ columns }) =>
    columns.some((column) => column.enum !== undefined && sameName(column.enum, type)),
  )
}

/** The pattern of `ignore` for what an operation drops or replaces. */
function patternFor(operation: Operation): string | undefined {
  const kind = kinds[operation.op]
  if (kind === undefined) return undefined
  const { name = '', table } = subjectOf(operation)
  if (kind === 'table') return patternOf(kind, undefined, table ?? name)
  return patternOf(kind, 'table' in operation ? operation.table : undefined, name)
}

const kinds: Partial<Record<OperationName, UnmanagedKind>> = {
  dropTable: 'table',
  dropColumn: 'column',
  dropView: 'view',
  replaceView: 'view',
  dropTrigger: 'trigger',
  replaceTrigger: 'trigger',
  dropPolicy: 'policy',
  dropPartition: 'partition',
  dropFunction: 'function',
  dropDomain: 'domain',
  dropSequence: 'sequence',
  dropEnum: 'enum',
  dropSchema: 'schema',
  dropExtension: 'extension',
}
