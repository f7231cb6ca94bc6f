import type { QueryRunner } from 'typeorm'

import type { Dialect } from '../dialect/dialect'
import { replaceMethod } from '../dialect/replace-method'

type Query = (...call: unknown[]) => Promise<unknown>

/**
 * Runs `work` so that the process may end while no query of it is in flight: what waits for anything else that can never
 * come is then noticed by `runProjectCode`, instead of being kept alive by an idle connection.
 */
export async function notKeptAlive<Result>(
  dialect: Dialect,
  queryRunner: QueryRunner,
  work: () => Promise<Result>,
): Promise<Result> {
  const socket = await dialect.running.socket(queryRunner)
  const original: Query = (queryRunner as unknown as { query: Query }).query.bind(queryRunner)
  let inFlight = 0
  const restore = replaceMethod(queryRunner, 'query', async (...call: unknown[]) => {
    if (inFlight++ === 0) socket.ref()
    try {
      return await original(...call)
    } finally {
      if (--inFlight === 0) socket.unref()
    }
  })
  socket.unref()
  try {
    return await work()
  } finally {
    socket.ref()
    restore()
  }
}
