import type { QueryRunner } from 'typeorm'

import { hookOf } from './hook'
import type { BatchedOptions, BatchedResult } from './options'

/**
 * Updates a large table in batches: by ranges of a key, each batch in its own transaction together with a cursor, so that
 * no lock is held for long and nothing is done twice if the process is killed. For revisions with
 * `readonly transaction = false`; the next `upgrade` resumes after the last batch.
 *
 * With `where`, which the update must make false, the table is paged through until no row matches, so rows that others
 * insert meanwhile are found whatever their keys are. Without it, every key is visited once, and rows that are inserted
 * before the cursor are not.
 *
 * It also works with TypeORM's own runner, but without the cursor: an interrupted call begins at the first row again.
 *
 * @returns what was done, including earlier runs of the revision
 * @throws AludelError
 * - `ALUDEL_BATCHED` an option is wrong, the key is not unique or may be null, rows match `where` after their update, or
 *   the call was changed after an earlier run started it
 * - `ALUDEL_TRANSACTION_MODE` the revision is transactional
 *
 * @example
 * import { batched } from '@aludel/engine/migration'
 *
 * await batched(queryRunner, {
 *   table: 'recommendations', key: 'id', where: `"severity" = 'normal'`, update: { severity: `'medium'` },
 * })
 *
 * @example
 * // If no expression can do it, a function does, in the transaction of the batch.
 * await batched(queryRunner, {
 *   table: 'users', key: 'id', where: '"slug" IS NULL', size: 500, pauseMs: 50,
 *   update: async ({ keys, query }) => {
 *     for (const id of keys) await query('UPDATE "users" SET "slug" = $1 WHERE "id" = $2', [slugFor(id), id])
 *   },
 * })
 */
export async function batched(queryRunner: QueryRunner, options: BatchedOptions): Promise<BatchedResult> {
  const hook = hookOf(queryRunner)
  if (hook !== undefined) return hook(options)
  // A runner with a hook does not need it.
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  const { runPlain } = require('./plain') as typeof import('./plain')
  return runPlain(queryRunner, options)
}
