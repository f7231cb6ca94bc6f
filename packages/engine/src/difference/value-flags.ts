import { AludelError } from '../errors'
import { changesColumnType, describeOperation } from '../operations'
import type { ColumnValues, Operation, OperationOf } from '../operations/operation'
import { displayName } from '../schema/schema'

/** A `--backfill` or `--using` flag: how the values of a column are computed. */
export interface ValueFlag {
  readonly kind: 'backfill' | 'using'
  /** The only dialect that it is for. Absent: all. */
  readonly dialect?: string
  /** True for a downgrade. */
  readonly down: boolean
  /** `table.column` with the names of the entities; for a downgrade, also a column that they no longer have. */
  readonly column: string
  /** An SQL expression over the columns of the table. */
  readonly sql: string
  /** The flag as given. */
  readonly text: string
}

/**
 * Reads the value of `--backfill` or `--using`.
 *
 * @param dialects the names allowed as a prefix
 * @throws AludelError `ALUDEL_USAGE` if it is not `[dialect:][down:]table.column=expression`
 * @example
 * parseValueFlag('backfill', "postgres:users.token=gen_random_uuid()", ['sqlite', 'postgres'])
 * // { kind: 'backfill', dialect: 'postgres', down: false, column: 'users.token', sql: 'gen_random_uuid()', … }
 */
export function parseValueFlag(kind: ValueFlag['kind'], text: string, dialects: readonly string[]): ValueFlag {
  let rest = text.trim()
  const dialect = dialects.find((name) => rest.startsWith(`${name}:`))
  if (dialect !== undefined) rest = rest.slice(dialect.length + 1)
  const down = rest.startsWith('down:')
  if (down) rest = rest.slice('down:'.length)
  const at = rest.indexOf('=')
  const [column, sql] = [rest.slice(0, Math.max(at, 0)).trim(), rest.slice(at + 1).trim()]
  if (at < 0 || column === '' || sql === '' || !column.includes('.')) {
    throw new AludelError('ALUDEL_USAGE', `--${kind} ${text} is not of the form table.column=expression`, {
      help: [
        kind === 'backfill'
          ? `For rows without a value: --backfill "users.country='unknown'".`
          : `For a changed type: --using "items.price=round(price)".`,
        `For one database only: ${dialects.map((name) => `${name}:table.column=…`).join(', ')}. For the downgrade: down:table.column=….`,
      ].join('\n'),
      details: { flag: text },
    })
  }
  return { kind, dialect, down, column, sql, text }
}

/** The operations of one dialect with the values of the flags. Adds the flags that apply to `used`. */
export function withValues(
  operations: readonly Operation[],
  flags: readonly ValueFlag[],
  dialect: string,
  used: Set<ValueFlag>,
): Operation[] {
  const own = flags.filter((flag) => flag.dialect === undefined || flag.dialect === dialect)
  // A flag for this dialect alone overrides one for all dialects.
  const ordered = [...own].sort((a, b) => Number(a.dialect !== undefined) - Number(b.dialect !== undefined))
  return operations.map((operation) => ordered.reduce((current, flag) => withValue(current, flag, used), operation))
}

function withValue(operation: Operation, flag: ValueFlag, used: Set<ValueFlag>): Operation {
  if (operation.op !== 'addColumn' && operation.op !== 'dropColumn' && operation.op !== 'alterColumn') return operation
  if (!takes(operation, flag)) return operation
  used.add(flag)
  const key = flag.down ? 'undo' : 'values'
  const values: ColumnValues = { ...operation[key], [flag.kind]: flag.sql }
  return { ...operation, [key]: values }
}

function takes(
  operation: OperationOf<'addColumn' | 'dropColumn' | 'alterColumn'>,
  { kind, down, column }: ValueFlag,
): boolean {
  const { name } = operation.op === 'alterColumn' ? operation.to : operation.column
  const names = [displayName(operation.table), operation.table.name].map((table) => `${table}.${name}`)
  if (!names.includes(column)) return false
  if (operation.op !== 'alterColumn') return kind === 'backfill' && operation.op === (down ? 'dropColumn' : 'addColumn')
  const [from, to] = down ? [operation.to, operation.from] : [operation.from, operation.to]
  if (to.generated !== undefined) return false
  return kind === 'using' ? changesColumnType(from, to) : from.nullable && !to.nullable
}

/**
 * @throws AludelError `ALUDEL_USAGE` for a flag that does not apply to any changed column
 */
export function expectUsed(
  flags: readonly ValueFlag[],
  used: ReadonlySet<ValueFlag>,
  operations: readonly Operation[],
): void {
  const unused = flags.find((flag) => !used.has(flag))
  if (unused === undefined) return
  const what = unused.kind === 'using' ? 'changes its type' : 'is new or becomes NOT NULL'
  const columns = operations.filter(({ op }) => op === 'addColumn' || op === 'dropColumn' || op === 'alterColumn')
  throw new AludelError(
    'ALUDEL_USAGE',
    `--${unused.kind} ${unused.text}: no column ${unused.column} ${what}${unused.down ? ' in the downgrade' : ''}`,
    {
      help:
        columns.length === 0
          ? 'No column changes.'
          : ['Changed columns:', ...columns.map((operation) => `  ${describeOperation(operation)}`)].join('\n'),
      details: { flag: unused.text },
    },
  )
}

/** The answer in words, for the header of a revision. */
export function valueAnswer({ kind, dialect, down, column, sql }: ValueFlag): string {
  const scope = [...(dialect === undefined ? [] : [`on ${dialect}`]), ...(down ? ['in the downgrade'] : [])]
  const where = scope.length === 0 ? '' : ` (${scope.join(', ')})`
  return kind === 'backfill' ? `fill ${column} with ${sql}${where}` : `convert ${column} by ${sql}${where}`
}
