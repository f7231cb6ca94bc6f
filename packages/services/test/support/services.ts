import { entities } from '@aludel/models'
import type { DataSource } from 'typeorm'
import { dialectNames, makeDatabase, openWithTables } from '../../../../tools/testing/databases'
import type { DialectName, TestDatabase } from '../../../../tools/testing/databases'

export { dialectNames }
export type { DialectName }

/** A database with the tables of the entities, and two processes' connections to it. */
export interface TwoConnections {
  readonly dataSource: DataSource
  /** Another one, with sessions of its own. */
  readonly other: DataSource
  readonly database: TestDatabase
  close(): Promise<void>
}

export async function openTwice(dialect: DialectName): Promise<TwoConnections> {
  const made = await makeDatabase(dialect)
  // Both connections are in this process, where a driver that waits for the other one would keep it from going on.
  const database = {
    ...made,
    options: { ...made.options, ...(dialect === 'sqlite' && { timeout: 20, busyTimeout: 20 }) },
  } as TestDatabase
  const dataSource = await openWithTables(database, entities)
  const other = new (dataSource.constructor as typeof DataSource)({ ...dataSource.options, synchronize: false })
  await other.initialize()
  return {
    dataSource,
    other,
    database,
    close: async () => {
      for (const one of [dataSource, other]) await one.destroy()
      await database.drop()
    },
  }
}

/** The codes of the errors, and how many calls succeeded. */
export async function outcomes(calls: readonly Promise<unknown>[]): Promise<{ done: number; codes: unknown[] }> {
  const settled = await Promise.allSettled(calls)
  return {
    done: settled.filter(({ status }) => status === 'fulfilled').length,
    codes: settled.flatMap((one) =>
      one.status === 'rejected' ? [(one.reason as { code?: unknown }).code ?? one.reason] : [],
    ),
  }
}
