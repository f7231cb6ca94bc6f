import { AludelError, isAludelError } from '../errors'
import { changesColumnType } from '../operations'
import { keepsEveryValue } from '../operations/columns/type-change'
import type { Operation } from '../operations/operation'
import { displayName, sameName, type Schema } from '../schema/schema'
import type { DialectDiff } from './diff'
import { explainKept } from './explain-kept'

/**
 * Adds what to do to the error of a proof that failed because values cannot be converted implicitly, because of an
 * expression of the user, or because of an unmanaged object. Returns any other error unchanged.
 */
export function explainProof(error: unknown, diff: DialectDiff, reverse: readonly Operation[]): unknown {
  if (!isAludelError(error, 'ALUDEL_PROOF')) return error
  const { statement, direction } = error.details
  if (statement === undefined) return error
  const down = direction === 'down'
  const operations = down ? reverse : diff.operations
  const { dialect } = diff
  const prefix = down ? 'down:' : ''

  const valued = operations.find(
    (operation) =>
      'values' in operation &&
      [operation.values?.using, operation.values?.backfill].some((sql) => sql !== undefined && statement.includes(sql)),
  )
  if (valued !== undefined) {
    return new AludelError('ALUDEL_PROOF', error.message, {
      ...options(error),
      help: [
        error.help ?? '',
        `The expression applies to every database. For this one alone: --using "${dialect.name}:${prefix}table.column=…".`,
      ].join('\n'),
    })
  }

  const kept = explainKept(error, diff, operations)
  if (kept !== undefined) return kept

  const altered = operations.filter(
    (operation) =>
      operation.op === 'alterColumn' &&
      operation.values?.using === undefined &&
      changesColumnType(operation.from, operation.to) &&
      statement.includes(dialect.sql.quote(operation.table.name)) &&
      statement.includes(`${dialect.sql.quote(operation.to.name)} TYPE `),
  )
  // One statement may change several columns: a type that can store every value is not the one that failed.
  const failed =
    altered.find((operation) => operation.op === 'alterColumn' && !keepsEveryValue(operation.from, operation.to)) ??
    altered[0]
  return failed?.op === 'alterColumn' ? conversionError(failed, diff, down, error) : error
}

/**
 * Refuses a change between unrelated types before anything is proved: no value could be converted.
 *
 * @throws AludelError `ALUDEL_CONVERSION`
 */
export function refuseUnrelatedTypes(diff: DialectDiff, reverse: readonly Operation[]): void {
  for (const operations of [diff.operations, reverse]) {
    const unrelated = operations.find(
      (operation) =>
        operation.op === 'alterColumn' &&
        operation.values?.using === undefined &&
        operation.to.generated === undefined &&
        !diff.dialect.ddl.converts(operation.from, operation.to),
    )
    if (unrelated?.op === 'alterColumn') throw conversionError(unrelated, diff, operations === reverse)
  }
}

function conversionError(
  altered: Extract<Operation, { op: 'alterColumn' }>,
  diff: DialectDiff,
  down: boolean,
  error?: AludelError<'ALUDEL_PROOF'>,
): AludelError {
  const { table, from, to } = altered
  const column = `${displayName(table)}.${to.name}`
  const prefix = down ? 'down:' : ''
  const schema = down ? diff.to : diff.from
  const columns = [column, ...referencing(schema, altered)]
  return new AludelError(
    'ALUDEL_CONVERSION',
    `${diff.dialect.name} cannot cast ${from.type} to ${to.type} implicitly: ${column}${down ? ' in the downgrade' : ''}`,
    {
      ...(error && options(error)),
      help: [
        ...(error === undefined ? [] : [`${error.message}.`]),
        'Give the conversion, in SQL over the columns of the table:',
        ...columns.map((name) => `  --using "${prefix}${name}=<SQL expression>"`),
        ...(columns.length > 1
          ? [
              'Columns of a foreign key need the same conversion, so that their values still match, such as md5("id"::text)::uuid.',
            ]
          : []),
        'Nothing was written.',
      ].join('\n'),
    },
  )
}

function options<E extends AludelError<'ALUDEL_PROOF'>>(
  error: E,
): { readonly details: E['details']; readonly cause: E } {
  return { details: error.details, cause: error }
}

/** The columns that reference the altered column. */
function referencing(schema: Schema, { table, from }: Extract<Operation, { op: 'alterColumn' }>): string[] {
  const names = schema.tables.flatMap((other) =>
    other.foreignKeys.flatMap((key) => {
      if (!sameName(key.references, table)) return []
      const at = key.references.columns.indexOf(from.name)
      const column = key.columns[at]
      return column === undefined ? [] : [`${displayName(other)}.${column}`]
    }),
  )
  return [...new Set(names)]
}
