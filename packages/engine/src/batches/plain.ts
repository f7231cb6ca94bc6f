import type { QueryRunner } from 'typeorm'

import { dialectNameOf, loadDialect } from '../dialect/registry'
import type { CursorStore, Progressed } from './host'
import { runBatches } from './loop'
import { define, type BatchedOptions, type BatchedResult } from './options'

/** Keeps nothing: every call begins at the first row. */
export const inMemory: CursorStore = {
  read: (): Promise<Progressed | undefined> => Promise.resolve(undefined),
  begin: () => Promise.resolve(),
  claim: () => Promise.resolve(),
  move: () => Promise.resolve(),
}

/**
 * `batched` without a journal: under TypeORM's own runner, or in a revision that is replayed on a shadow database. Inside a
 * transaction all batches are part of it.
 */
export function runPlain(queryRunner: QueryRunner, options: BatchedOptions): Promise<BatchedResult> {
  const definition = define(options)
  return runBatches(
    {
      dialect: loadDialect(dialectNameOf(queryRunner.connection.options.type)),
      name: definition.name ?? definition.table,
      store: inMemory,
      ownTransactions: !queryRunner.isTransactionActive,
      query: (sql, parameters) => queryRunner.query(sql, parameters),
      now: Date.now,
      sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
      stopIfInterrupted: () => undefined,
      committed: () => undefined,
      progress: () => undefined,
      report: () => undefined,
    },
    definition,
  )
}
