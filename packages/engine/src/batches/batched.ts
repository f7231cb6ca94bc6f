import type { QueryRunner } from 'typeorm'

import { hookOf } from './hook'
import type { BatchedOptions, BatchedResult } from './options'

/**
 * Updates a large table in batches: by ranges of a key, each batch in a transaction of its own together with a cursor, so
 * that no lock is held for long and nothing is done twice when the process is killed. For revisions with
 * `readonly transaction = false`; the next `upgrade` goes on behind the last batch.
 *
 * With `where`, which the update has to make false, the table is gone through until no row meets it, so that rows which
 * others insert meanwhile are found wherever their keys lie. Without it every key is visited once, and rows that are inserted
 * behind the cursor are not.
 *
 * With TypeORM's own runner it works as well, without the cursor: a call that was cut off begins at the first row again.
 *
 * @returns what was done, by earlier runs of the revision as well
 * @throws AludelError
 * - `ALUDEL_BATCHED` an option is wrong, the key is not unique or may be null, rows meet `where` after their update, or
 *   the call was changed since an earlier run had begun with it
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
 * // What no expression says is done by a function, in the transaction of the batch.
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
  // A runner with a hook brings all of this with it, and has loaded it.
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  const { runPlain } = require('./plain') as typeof import('./plain')
  return runPlain(queryRunner, options)
}
