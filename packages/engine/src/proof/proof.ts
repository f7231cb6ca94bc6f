import type { QueryRunner } from 'typeorm'

import { inRevision, inTransaction } from '../shadow/replay'
import type { Dialect } from '../dialect/dialect'
import { listBroken, patternOfBroken } from '../dialect/broken-objects'
import type { Statement } from '../dialect/roles/ddl'
import type { BrokenObject } from '../dialect/roles/introspection'
import type { ObjectWatch } from '../dialect/roles/running'
import { AludelError, isAludelError } from '../errors'
import { describeOperation } from '../operations'
import type { Operation } from '../operations/operation'
import { compare } from '../difference/compare'
import { withoutExtraExtensions } from '../schema/extensions'
import { keyOf, type ObjectName, type Schema, type Table } from '../schema/schema'
import type { IsUnmanaged } from '../schema/unmanaged'
import { sampleShape } from './fitting'
import { withTextsOf } from './rewording'
import { fateOf, lostRows, readRows, type TableRows } from './rows'
import { insertSamples, type SampleReport } from './samples'

/** A revision to prove, on a shadow database with the schema `from`. */
export interface ProofRequest {
  readonly dialect: Dialect
  /** A query runner of the shadow database, outside any transaction. */
  readonly runner: QueryRunner
  readonly ignoreTables: readonly string[]
  readonly from: Schema
  readonly to: Schema
  readonly operations: readonly Operation[]
  readonly reverse: readonly Operation[]
  /** True for unmanaged objects, which only have to stay: the database may print their expressions differently afterward. */
  readonly kept?: IsUnmanaged
  readonly up: readonly Statement[]
  readonly down: readonly Statement[]
  /** Tables that must stay empty because the revision needs them empty. */
  readonly emptyTables: readonly ObjectName[]
  readonly transactional: boolean
  /** Prove only the upgrade with its rows; nothing is undone. */
  readonly onlyUp?: boolean
}

export interface ProofResult extends SampleReport {
  /** Views and triggers that the revision creates and the shadow database cannot compile. */
  readonly broken: readonly BrokenObject[]
}

/**
 * Proves a revision before it is written (decision D4): with sample rows in every touched table, `up` produces the wanted
 * schema, `down` produces the original one, `up` works again, and only what the operations declare lost is lost.
 *
 * @throws AludelError `ALUDEL_PROOF` with the direction, the statement or the difference; `ALUDEL_BROKEN_OBJECT` for a view
 *   or trigger that works before a direction and not after it
 */
export async function prove(request: ProofRequest): Promise<ProofResult> {
  const { dialect, runner, from, to } = request
  const empty = withReferencing(request.emptyTables, from)
  const touched = from.tables.filter((table) => !empty.has(keyOf(table)) && isTouched(table, request.operations))
  const referencing = from.tables.filter(
    (table) =>
      !empty.has(keyOf(table)) &&
      table.foreignKeys.some((key) => touched.some((other) => keyOf(other) === keyOf(key.references))),
  )
  const report = await inTransaction(runner, () =>
    insertSamples(
      dialect,
      runner,
      from,
      [...touched, ...referencing],
      sampleShape(dialect, request.operations, from, to),
    ),
  )

  const objects = await dialect.running.watchObjects(runner)
  const before = await readRows(dialect, runner, from.tables)
  const middle = await run(request, 'up', before)
  const result = { ...report, broken: await expectWorking(request, 'up', objects) }
  if (request.onlyUp === true) return result
  const undone = await run(request, 'down', middle)
  await expectWorking(request, 'down', objects)
  await run(request, 'up', undone)
  return result
}

/**
 * Refuses views and triggers that worked and do not work now.
 *
 * @returns those that are new, or read a table that the shadow database never had: revisions need not create everything
 * @throws AludelError `ALUDEL_BROKEN_OBJECT`
 */
async function expectWorking(
  { dialect, from }: ProofRequest,
  direction: 'up' | 'down',
  objects: ObjectWatch | null,
): Promise<readonly BrokenObject[]> {
  if (objects === null) return []
  const known = new Set([...from.tables, ...from.views].map(({ name }) => name.toLowerCase()))
  const neverThere = ({ error }: BrokenObject): boolean => {
    const table = /^no such table: (?:main\.)?(.+)$/.exec(error)?.[1]
    return table !== undefined && !known.has(table.toLowerCase())
  }
  const found = await objects(null)
  const broken = found.filter((object) => !object.isNew && !neverThere(object))
  if (broken.length === 0) return found
  const patterns = broken.map((object) => `--drop '${patternOfBroken(object)}'`)
  throw new AludelError(
    'ALUDEL_BROKEN_OBJECT',
    `the ${direction} statements break ${listBroken(broken)} (${dialect.name})`,
    {
      help: [
        'If an entity describes it, change the entity.',
        `Otherwise drop it in this revision: ${patterns.join(' ')} (and remove it from \`unmanaged\` in the configuration),`,
        'or change it first, in a revision of its own: aludel migrate create "…" --no-autogenerate',
        'Nothing was written.',
      ].join('\n'),
      details: {
        dialect: dialect.name,
        direction,
        objects: broken.map(({ kind, name, table, error }) => ({ kind, name, table, error })),
      },
    },
  )
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
    const words = isAludelError(cause) ? cause.message : dialect.errors.textOf(cause)
    throw new AludelError('ALUDEL_PROOF', `the ${direction} statements do not run on ${dialect.name}: ${words}`, {
      help: [...(current === undefined ? [] : [`Statement: ${current.sql}`]), 'Nothing was written.'].join('\n'),
      details: { dialect: dialect.name, direction, statement: current?.sql },
      cause,
    })
  }
  expectSchema(request, direction, await dialect.introspection.read(runner, request), target)
  const after = await readRows(dialect, runner, target.tables)
  const lost = lostRows(before, after, fateOf(operations, source))
  if (lost.length > 0) {
    throw new AludelError(
      'ALUDEL_PROOF',
      `${direction} loses data on ${dialect.name} that no operation declares lost: ${lost.join('; ')}`,
      {
        help: 'Nothing was written. This is a bug in aludel: please report the entity change.',
        details: { dialect: dialect.name, direction, lost },
      },
    )
  }
  return after
}

function expectSchema(request: ProofRequest, direction: string, found: Schema, wanted: Schema): void {
  const differences = compare(withTextsOf(withoutExtraExtensions(found, wanted), wanted, request), wanted)
  if (differences.length === 0) return
  throw new AludelError(
    'ALUDEL_PROOF',
    `${direction} does not produce the ${direction === 'down' ? 'original schema' : 'wanted schema'} on ${request.dialect.name}`,
    {
      help: [
        `From the schema after ${direction} to the ${direction === 'down' ? 'original' : 'wanted'} one:`,
        ...differences.slice(0, 10).map((operation) => `  ${describeOperation(operation)}`),
        'Nothing was written.',
      ].join('\n'),
      details: { dialect: request.dialect.name, direction, differences: differences.map(describeOperation) },
    },
  )
}

/** The tables, and those that reference them, whose rows would need a row in an empty table. */
function withReferencing(tables: readonly ObjectName[], { tables: all }: Schema): ReadonlySet<string> {
  const found = new Set(tables.map(keyOf))
  for (let size = -1; size !== found.size;) {
    size = found.size
    for (const table of all)
      if (table.foreignKeys.some(({ references }) => found.has(keyOf(references)))) found.add(keyOf(table))
  }
  return found
}

function isTouched(table: Table, operations: readonly Operation[]): boolean {
  return operations.some((operation) => {
    if ('table' in operation && keyOf(operation.table) === keyOf(table)) return true
    if (operation.op !== 'alterEnum') return false
    return table.columns.some((column) => column.enum !== undefined && keyOf(column.enum) === keyOf(operation.from))
  })
}
