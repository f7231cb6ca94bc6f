import type { QueryRunner } from 'typeorm'

import type { BatchedOptions, BatchedResult } from './options'

/** An implementation of `batched` by the runner of a revision. */
export type BatchedHook = (options: BatchedOptions) => Promise<BatchedResult>

/** A global symbol, because a revision may import another copy of this package than the runner. */
const key = Symbol.for('aludel.batched.1')

/** The hook of the runner of the revision; undefined for TypeORM's own runner and on a shadow database. */
export function hookOf(queryRunner: QueryRunner): BatchedHook | undefined {
  return (queryRunner.data as Record<symbol, BatchedHook | undefined>)[key]
}

/** The `data` of an object that replaces a query runner. */
export function dataWith(hook: BatchedHook): object {
  return { [key]: hook }
}

/** Sets a hook on a query runner while `work` runs. It is in `data`, which is visible through every proxy of the runner. */
export async function withHook<T>(queryRunner: QueryRunner, hook: BatchedHook, work: () => Promise<T>): Promise<T> {
  const data = queryRunner.data as Record<symbol, unknown>
  const before = data[key]
  data[key] = hook
  try {
    return await work()
  } finally {
    data[key] = before
  }
}
