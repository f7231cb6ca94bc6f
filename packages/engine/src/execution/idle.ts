import type { QueryRunner } from 'typeorm'

import type { Dialect } from '../dialect/dialect'

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
  const target = queryRunner as unknown as { query: Query }
  const own = Object.getOwnPropertyDescriptor(target, 'query')
  const original = target.query.bind(target)
  let inFlight = 0
  target.query = async (...call) => {
    if (inFlight++ === 0) socket.ref()
    try {
      return await original(...call)
    } finally {
      if (--inFlight === 0) socket.unref()
    }
  }
  socket.unref()
  try {
    return await work()
  } finally {
    socket.ref()
    if (own === undefined) Reflect.deleteProperty(target, 'query')
    else Object.defineProperty(target, 'query', own)
  }
}
