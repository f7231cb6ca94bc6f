import { AludelError } from '../errors'
import type { BatchedHook } from './hook'

/** What stands for `batched` in a revision that is transactional. */
export const refuseInTransaction: BatchedHook = () =>
  Promise.reject(
    new AludelError('ALUDEL_TRANSACTION_MODE', 'batched commits each batch, and the revision is one transaction', {
      help: 'Give the revision `readonly transaction = false`, and nothing else to do than its batches.',
    }),
  )
