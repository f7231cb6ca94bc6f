import type { QueryRunner } from 'typeorm'

import { type DialectDiff, livePair } from '../../create/diff'
import { withEffects } from '../../create/effects'
import { lintParts } from '../../create/lint-parts'
import { operationToJson } from '../../difference/merge-dialects'
import { orderOperations } from '../../difference/order'
import { planChanges } from '../../difference/plan-changes'
import type { Dialect } from '../../dialect/dialect'
import { declaredEnums } from '../../dialect/typeorm-decorators'
import type { Operation } from '../../operations/operation'
import type { MigratorContext } from '../../project/context'
import type { AdoptConversion, AdoptedValue, AdoptObstacle } from '../../results'
import { displayName, keyOf, sameName } from '../../schema/schema'
import type { Loss } from '../../sql/effects'
import type { Match } from '../../inspect/match/match'
import type { Live } from '../survey'
import { Answers, type ConvertAnswers } from './answers'
import { type ColumnChange, readChanges, type TableChange, withBackfills, withChanges } from './column-changes'
import { renameEnumTypes } from './enum-types'
import { changedValues, type EnumValues, readEnumValues } from './enum-values'
import { objectObstacles } from './object-obstacles'
import { rowObstacles } from './row-obstacles'
import { sharedColumns } from './shared-columns'

/** A conversion of a database, and what keeps it from happening. */
export interface ConversionPlan {
  readonly conversion: AdoptConversion
  /** Empty if no row and no value would be lost. */
  readonly obstacles: readonly AdoptObstacle[]
  /** Of the tables that it changes. */
  readonly changes: readonly TableChange[]
  readonly enums: readonly EnumValues[]
  /** What a backup is made for: values that are replaced. */
  readonly losses: readonly Loss[]
}

/**
 * Finds out how a database gets the schema of a revision with all its rows. Reads the rows, and changes nothing.
 *
 * @throws AludelError `ALUDEL_USAGE` for answers about nothing
 */
export async function planConversion(
  context: MigratorContext,
  dialect: Dialect,
  runner: QueryRunner,
  { schema: wanted }: Pick<Match, 'schema'>,
  found: Live,
  given: ConvertAnswers,
): Promise<ConversionPlan> {
  context.reporter.progress('reading the rows that a conversion would change')
  const answers = new Answers(given, [dialect.name])
  const { to: live } = await livePair(context, dialect, wanted, found.schema)
  const columns = sharedColumns(live, wanted, context.ignored)
  const declared = declaredEnums()
  const enums = await readEnumValues(dialect, runner, { live, wanted, columns, declared, answers })
  const renames = renameEnumTypes(live, columns, enums)
  const entityTypes = entityTypesOf(runner)
  const changes = await readChanges(dialect, runner, { columns, enums, renamed: renames.columns, entityTypes, answers })
  const rest = planChanges(renames.schema, wanted, [], { unmanaged: context.ignored })
  const operations = orderOperations(
    [...renames.operations, ...withChanges(withBackfills(rest.operations, answers), changes)],
    live,
    rest.to,
  )
  const obstacles = [
    ...objectObstacles(operations, live),
    ...(await rowObstacles(dialect, runner, { live, operations, changes, enums })),
  ]
  answers.expectAllUsed()
  const diff: DialectDiff = { dialect, from: live, to: rest.to, operations, unmanaged: context.ignored }
  const conversion = await describeConversion(context, diff, changes, enums)
  const touched = tablesIn(operations, enums)
  return {
    ...{ conversion, obstacles, enums },
    changes: changes.filter(({ table }) => touched.has(keyOf(table))),
    losses: lossesOf(changes, enums),
  }
}

/** The keys of the tables that operations change, or whose values do. */
function tablesIn(operations: readonly Operation[], enums: readonly EnumValues[]): ReadonlySet<string> {
  return new Set([
    ...operations.flatMap((operation) => ('table' in operation ? [keyOf(operation.table)] : [])),
    ...enums.filter((one) => changedValues(one).size > 0).map(({ column }) => keyOf(column.table)),
  ])
}

/** By `table.column`, the type that an entity declares. */
function entityTypesOf({ connection }: QueryRunner): ReadonlyMap<string, string> {
  return new Map(
    connection.entityMetadatas.flatMap(({ schema, tableName, columns }) =>
      columns.flatMap(({ databaseName, type }): [string, string][] =>
        typeof type === 'string'
          ? [[`${displayName({ name: tableName, ...(schema !== undefined && { schema }) })}.${databaseName}`, type]]
          : [],
      ),
    ),
  )
}

/** Rules about what rows may hold: here, the rows were counted. */
const answered: ReadonlySet<string> = new Set([
  'narrow-type',
  'null-rows',
  'cast-rows',
  'constraint-rows',
  'unique-rows',
])

async function describeConversion(
  context: MigratorContext,
  diff: DialectDiff,
  changes: readonly TableChange[],
  enums: readonly EnumValues[],
): Promise<AdoptConversion> {
  const { dialect, operations, from } = diff
  const body = await withEffects(diff, { up: dialect.ddl.render(operations, from), down: [] })
  const parts = [{ diffs: [diff], bodies: { [dialect.name]: body }, transactional: true }]
  // Nobody writes a revision, so its way back does not matter.
  const findings =
    (await lintParts(context, parts)).findings?.filter(
      ({ direction, rule }) => direction === 'upgrade' && !answered.has(rule),
    ) ?? []
  const { locks = [], rewrites = [] } = body.effects?.up ?? {}
  const columns = changes.flatMap((change) => change.columns)
  const touched = new Set([...rewrites, ...columns.filter(isChanged).map(({ column }) => displayName(column.table))])
  return {
    operations: operations.map((operation) => ({
      ...operationToJson(operation, [dialect.name]),
      // Where values would be lost, there is no conversion.
      destroys: operation.op === 'mapValue' || isAnswered(operation, columns),
    })),
    sql: body.up.map(({ sql }) => sql),
    tables: changes
      .map(({ table, rows }) => ({ table: displayName(table), rows }))
      .filter(({ table }) => touched.has(table)),
    values: enums.filter((one) => !isComputed(one, columns)).flatMap(adoptedValues),
    computed: columns.flatMap(({ column, using, why, reason, rows }) =>
      using === undefined || why === 'values' ? [] : [{ column: column.flag, using, reason: reason ?? '', rows }],
    ),
    fills: [
      ...columns.flatMap(({ column, fill, nulls }) =>
        fill === undefined ? [] : [{ column: column.flag, value: fill, rows: nulls }],
      ),
      ...operations.flatMap((operation) => filledColumn(operation, changes)),
    ],
    locks,
    rewrites,
    ...(findings.length > 0 && { findings }),
  }
}

/** The values that get another spelling. */
function adoptedValues(values: EnumValues): readonly AdoptedValue[] {
  const { column, rows } = values
  return [...changedValues(values)].map(([from, to]) => ({
    ...{ column: column.flag, from, to },
    rows: rows.get(from) ?? 0,
  }))
}

/** The rows that get a value in a new column. */
function filledColumn(operation: Operation, changes: readonly TableChange[]): AdoptConversion['fills'] {
  if (operation.op !== 'addColumn' || operation.values?.backfill === undefined) return []
  const { table, column, values } = operation
  const rows = changes.find((change) => sameName(change.table, table))?.rows ?? 0
  return [{ column: `${displayName(table)}.${column.name}`, value: values.backfill ?? '', rows }]
}

/** Whether the user has given the expression for the values of the column. */
function isAnswered(operation: Operation, columns: readonly ColumnChange[]): boolean {
  if (operation.op !== 'alterColumn') return false
  const { table, from } = operation
  return columns.some(
    ({ column, why }) => why === 'answer' && sameName(column.table, table) && column.from.name === from.name,
  )
}

function isComputed({ column }: EnumValues, columns: readonly ColumnChange[]): boolean {
  return columns.some((change) => change.column === column && change.why === 'answer')
}

function isChanged({ using, fill }: ColumnChange): boolean {
  return using !== undefined || fill !== undefined
}

/** The tables of which the values are replaced, for the backup. */
function lossesOf(changes: readonly TableChange[], enums: readonly EnumValues[]): readonly Loss[] {
  const columns = changes.flatMap((change) => change.columns)
  const flags = new Set([
    ...columns.filter(isChanged).map(({ column }) => column),
    ...enums.filter((one) => changedValues(one).size > 0).map(({ column }) => column),
  ])
  return [...flags].map(({ flag, table, from }): Loss => {
    const name = displayName(table)
    return { text: `old values of ${flag}`, table: name, kind: 'converted', column: from.name }
  })
}
