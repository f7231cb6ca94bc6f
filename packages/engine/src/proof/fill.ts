import type { QueryRunner } from 'typeorm'

import type { Dialect } from '../dialect/dialect'
import type { Schema } from '../schema/schema'
import { inTransaction } from '../shadow/replay'
import { tablesWithRows } from './rows'
import { insertSamples } from './samples'

/** Gives every empty table of a shadow database sample rows, as far as some can be made. */
export async function fillTables(dialect: Dialect, runner: QueryRunner, schema: Schema): Promise<void> {
  await inTransaction(runner, async () => {
    const filled = await tablesWithRows(dialect, runner, schema.tables)
    const empty = schema.tables.filter((table) => !filled.has(table))
    if (empty.length > 0) await insertSamples(dialect, runner, schema, empty)
  })
}
