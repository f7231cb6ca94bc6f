import type { QueryRunner } from 'typeorm'

import { inRevision } from '../create/replay'
import type { Dialect, Statement } from '../dialect/dialect'
import { AludelError, isAludelError } from '../errors'
import { describeOperation } from '../operations'
import type { Operation } from '../operations/operation'
import { compare } from '../schema/compare'
import { keyOf, type ObjectName, type Schema, type Table } from '../schema/schema'
import { fateOf, lostRows, readRows, type TableRows } from './rows'
import { insertSamples } from './samples'

/** What is to be proved, on a shadow database that holds `from`. */
export interface ProofRequest {
  readonly dialect: Dialect
  /** On the shadow database, outside any transaction. */
  readonly runner: QueryRunner
  readonly ignoreTables: readonly string[]
  readonly from: Schema
  readonly to: Schema
  readonly operations: readonly Operation[]
  readonly reverse: readonly Operation[]
  readonly up: readonly Statement[]
  readonly down: readonly Statement[]
  /** Tables that must stay empty because the revision says that it needs them empty. */
  readonly emptyTables: readonly ObjectName[]
  readonly transactional: boolean
}

export interface ProofResult {
  /** Tables for which no sample row could be made. */
  readonly unsampled: readonly { readonly table: string; readonly reason: string }[]
}

/**
 * Proves a revision before it is written (decision D4): with sample rows in every touched table, up gives the wanted
 * schema, down gives the one before, up works again, and no row is lost that the operations do not declare lost.
 *
 * @throws AludelError `ALUDEL_PROOF` naming the direction, the statement or the difference
 */
export async function prove(request: ProofRequest): Promise<ProofResult> {
  const { dialect, runner, from, to } = request
  const empty = new Set(request.emptyTables.map(keyOf))
  const touched = from.tables.filter((table) => !empty.has(keyOf(table)) && isTouched(table, request.operations))
  const referencing = from.tables.filter(
    (table) =>
      !empty.has(keyOf(table)) &&
      table.foreignKeys.some((key) => touched.some((other) => keyOf(other) === keyOf(key.references))),
  )
  const report = await inTransaction(runner, () => insertSamples(dialect, runner, from, [...touched, ...referencing]))

  const before = await readRows(dialect, runner, from.tables)
  const middle = await run(request, 'up', before)
  await run(request, 'down', middle)
  await run(request, 'up', await readRows(dialect, runner, from.tables))
  expectSchema(request, 'up again', await dialect.introspect(runner, request), to)
  return { unsampled: report.unsampled }
}

async function run(
  request: ProofRequest,
  direction: 'up' | 'down',
  before: Map<string, TableRows>,
): Promise<Map<string, TableRows>> {
  const { dialect, runner } = request
  const up = direction === 'up'
  const statements = up ? request.up : request.down
  const operations = up ? request.operations : request.reverse
  const [source, target] = up ? [request.from, request.to] : [request.to, request.from]
  let current: Statement | undefined
  try {
    await inRevision(dialect, runner, request.transactional, async () => {
      for (const statement of statements) {
        current = statement
        await runner.query(statement.sql)
      }
    })
  } catch (cause) {
    const words = isAludelError(cause) ? cause.message : dialect.errorText(cause)
    throw new AludelError('ALUDEL_PROOF', `the ${direction} statements do not run on ${dialect.name}: ${words}`, {
      help: [...(current === undefined ? [] : [`Statement: ${current.sql}`]), 'Nothing was written.'].join('\n'),
      details: { dialect: dialect.name, direction, ...(current === undefined ? {} : { statement: current.sql }) },
      cause,
    })
  }
  expectSchema(request, direction, await dialect.introspect(runner, request), target)
  const after = await readRows(dialect, runner, target.tables)
  const lost = lostRows(before, after, fateOf(operations, source))
  if (lost.length > 0) {
    throw new AludelError(
      'ALUDEL_PROOF',
      `${direction} loses data on ${dialect.name} that no operation declares lost: ${lost.join('; ')}`,
      {
        help: 'Nothing was written. This is a fault of the tool: please report the entity change.',
        details: { dialect: dialect.name, direction, lost },
      },
    )
  }
  return after
}

function expectSchema(request: ProofRequest, direction: string, actual: Schema, wanted: Schema): void {
  const differences = compare(actual, wanted)
  if (differences.length === 0) return
  throw new AludelError(
    'ALUDEL_PROOF',
    `${direction} does not give the ${direction === 'down' ? 'schema before' : 'wanted schema'} on ${request.dialect.name}`,
    {
      help: [
        'Still different:',
        ...differences.slice(0, 10).map((operation) => `  ${describeOperation(operation)}`),
        'Nothing was written.',
      ].join('\n'),
      details: { dialect: request.dialect.name, direction, differences: differences.map(describeOperation) },
    },
  )
}

function isTouched(table: Table, operations: readonly Operation[]): boolean {
  return operations.some((operation) => {
    if ('table' in operation && keyOf(operation.table) === keyOf(table)) return true
    if (operation.op !== 'alterEnum') return false
    return table.columns.some((column) => column.enum !== undefined && keyOf(column.enum) === keyOf(operation.from))
  })
}

async function inTransaction<T>(runner: QueryRunner, work: () => Promise<T>): Promise<T> {
  await runner.startTransaction()
  try {
    const result = await work()
    await runner.commitTransaction()
    return result
  } catch (error) {
    await runner.rollbackTransaction().catch(() => undefined)
    throw error
  }
}
