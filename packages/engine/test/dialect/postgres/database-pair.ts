import type { DataSource } from 'typeorm'

import type { Statement } from '../../../src/dialect/roles/ddl'
import { render } from '../../../src/dialect/postgres/render'
import { describeOperation, reverseOperations } from '../../../src/operations'
import { compare } from '../../../src/difference/compare'
import type { Schema } from '../../../src/schema/schema'
import { dropSchemas } from '../../support/drop-schemas'
import { read, runScript, TestDatabases } from './support'

/** A database to migrate, and one with the wanted schema. */
interface DatabasePair {
  readonly live: DataSource
  readonly wanted: DataSource
}

/** Two databases that exist from the first test of a file to its last. */
export function databasePair(): DatabasePair {
  const databases = new TestDatabases()
  const pair = {} as { live: DataSource; wanted: DataSource }
  beforeAll(async () => {
    pair.live = await databases.open({ poolSize: 1 })
    pair.wanted = await databases.open({ poolSize: 1 })
  })
  afterAll(() => databases.close())
  return pair
}

/** Runs statements in one transaction, as the executor does. When one fails, the error lists all of them. */
export async function apply(database: DataSource, statements: readonly Statement[]): Promise<void> {
  const runner = database.createQueryRunner()
  await runner.startTransaction()
  try {
    for (const { sql } of statements) await runner.query(sql)
    await runner.commitTransaction()
  } catch (error) {
    await runner.rollbackTransaction()
    const text = statements
      .map(({ sql, comment }) => `${comment === undefined ? '' : `-- ${comment}\n`}${sql};`)
      .join('\n')
    throw new Error(`${String(error)}\n${text}`, { cause: error })
  } finally {
    await runner.release()
  }
}

/** Describes the operations that lead from one schema to the other. */
export function differences(from: Schema, to: Schema): string[] {
  return compare(from, to).map(describeOperation)
}

/** Statements to run before the change, and before it is reverted. */
export interface Rows {
  readonly up?: string
  readonly down?: string
}

/** Applies, reverts and reapplies a change, and compares the schema after each. */
export async function applyRevertReapply(
  { live, wanted }: DatabasePair,
  before: string,
  after: string,
  rows: Rows = {},
): Promise<void> {
  for (const [database, script] of [
    [live, before],
    [wanted, after],
  ] as const) {
    await dropSchemas(database)
    await runScript(database, script)
  }
  const [from, to] = [await read(live), await read(wanted)]
  const operations = compare(from, to)
  const [up, down] = [render(operations, from), render(reverseOperations(operations), to)]
  for (const [statements, goal, script] of [
    [up, to, rows.up],
    [down, from, rows.down],
    [up, to, undefined],
  ] as const) {
    if (script !== undefined) await runScript(live, script)
    await apply(live, statements)
    expect(differences(await read(live), goal)).toEqual([])
  }
}
