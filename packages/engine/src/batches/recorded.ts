import type { Dialect } from '../dialect/dialect'
import type { BatchedHook } from './hook'
import { define, type BatchedResult } from './options'
import { wholeUpdate } from './statements'

/**
 * `batched` as a plan or a script has it: one statement that leaves the same rows.
 *
 * @param record takes the statement
 * @param refuse makes the error for a call with a function, which no statement can replace
 */
export function recordedBatches(
  dialect: Dialect,
  record: (sql: string, parameters: unknown[]) => Promise<unknown>,
  refuse: (what: string) => Error,
): BatchedHook {
  return async (options): Promise<BatchedResult> => {
    const definition = define(options)
    const { update } = definition
    if (typeof update === 'function') throw refuse('batched with a function')
    const { sql, parameters } = wholeUpdate(dialect, definition, update)
    await record(sql, [...parameters])
    return { rows: 0, batches: 0, passes: 0 }
  }
}
