import { AludelError } from '../errors'
import type { BatchedHook } from './hook'

/** `batched` in a transactional revision: an error. */
export const refuseInTransaction: BatchedHook = () =>
  Promise.reject(
    new AludelError('ALUDEL_TRANSACTION_MODE', 'batched commits each batch, and the revision is one transaction', {
      help: 'Declare `readonly transaction = false` in the revision, and let it contain nothing but its batches.',
    }),
  )
