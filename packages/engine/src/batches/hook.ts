import type { QueryRunner } from 'typeorm'

import type { BatchedOptions, BatchedResult } from './options'

/** What stands for `batched` where somebody who runs a revision wants it done in his own way. */
export type BatchedHook = (options: BatchedOptions) => Promise<BatchedResult>

/** The revision may come with another copy of this package than the runner. */
const key = Symbol.for('aludel.batched.1')

/** The hook of whoever runs the revision; undefined for TypeORM's own runner and on a shadow database. */
export function hookOf(queryRunner: QueryRunner): BatchedHook | undefined {
  return (queryRunner.data as Record<symbol, BatchedHook | undefined>)[key]
}

/** For an object that stands for a query runner and has its `data`. */
export function dataWith(hook: BatchedHook): object {
  return { [key]: hook }
}

/** Hangs a hook on a query runner while `work` is done; `data` is seen through every object put around the runner. */
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
