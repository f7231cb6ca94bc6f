import type { Dialect } from '../dialect/dialect'
import { needsOf, needText } from '../difference/needs'
import type { RevisionBody } from '../files/render'
import { recordEffects, type RecordedEffects } from '../files/recorded-effects'
import { destroysOf, reverseOperations, subjectOf } from '../operations'
import type { Operation } from '../operations/operation'
import type { Schema } from '../schema/schema'
import { type Effects, type Loss, lossIn, sumOfEffects } from '../sql/effects'
import { trimStatement } from '../sql/text'
import type { DialectDiff } from './diff'

/**
 * The statements of a revision with their effects. Losses are those of the operations, which know more than a statement
 * shows (a change of type may lose nothing); locks and rewrites are read from the statements.
 */
export async function withEffects(diff: DialectDiff, body: RevisionBody): Promise<RevisionBody> {
  const { from, to, operations } = diff
  const effects = {
    up: await effectsOf(diff, body.up, operations, from),
    down: await effectsOf(diff, body.down, reverseOperations(operations), to),
  }
  return { ...body, effects }
}

/** Like `withEffects`, for statements without operations: all effects are read from the statements. */
export async function withReadEffects(
  dialect: Dialect,
  body: RevisionBody,
  { from, to }: { readonly from: Schema; readonly to: Schema },
): Promise<RevisionBody> {
  const up = await readFrom(dialect, body.up, from)
  const down = await readFrom(dialect, body.down, to)
  return {
    ...body,
    effects: { up: recordEffects(up.statements, up, []), down: recordEffects(down.statements, down, []) },
  }
}

async function effectsOf(
  { dialect }: DialectDiff,
  body: RevisionBody['up'],
  operations: readonly Operation[],
  from: Schema,
): Promise<RecordedEffects> {
  const { statements, ...read } = await readFrom(dialect, body, from)
  const needs = [...new Set(needsOf(operations, from).map(needText))]
  return recordEffects(statements, { ...read, destroys: operations.flatMap(lossesOf) }, needs)
}

async function readFrom(
  dialect: Dialect,
  body: RevisionBody['up'],
  from: Schema,
): Promise<Effects & { readonly statements: readonly string[] }> {
  const statements = body.map(({ sql }) => trimStatement(sql)).filter((sql) => sql !== '')
  const columnsOf = (name: string): readonly string[] | undefined =>
    from.tables.find((table) => table.name === name)?.columns.map((column) => column.name)
  const effects = sumOfEffects(await dialect.sql.readEffects(() => Promise.resolve(columnsOf)), statements)
  return { ...effects, locks: dialect.sql.locksTables ? effects.locks : [], statements }
}

/** What the operation destroys. Values that do not fit a narrower type or an enum are not lost: the revision stops at them. */
export function lossesOf(operation: Operation): readonly Loss[] {
  if (operation.op === 'alterEnum' || (operation.op === 'alterColumn' && stopsAtViolations(operation))) return []
  const { table } = subjectOf(operation)
  return destroysOf(operation).map((text) => lossIn(text, table))
}

function stopsAtViolations({ from, to, values }: Extract<Operation, { op: 'alterColumn' }>): boolean {
  return values?.using === undefined && from.generated === undefined && to.generated === undefined
}
