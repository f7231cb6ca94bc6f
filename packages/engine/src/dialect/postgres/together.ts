import type { DataSource, QueryRunner } from 'typeorm'

import { replaceMethod } from '../replace-method'
import type { Together } from '../roles/shadow'
import { sendBatch } from './batch'
import { type Client, clientOf } from './client'
import { canJoin, noRows } from './flight'
import type { BatchedStatement } from './messages'

/** More of them would only wait in a longer buffer. */
const mostAtOnce = 200

/**
 * See `ShadowRole.together`. Statements that define something are answered at once, with no rows, and travel with the next one that
 * they do not include, or that needs an answer.
 */
export async function together(queryRunner: QueryRunner, work: () => Promise<unknown>): Promise<Together> {
  const joined = joinDefinitions(await clientOf(queryRunner))
  try {
    await work()
    await joined.depart()
    return { joined: joined.count() }
  } catch (error) {
    return { joined: joined.count(), error }
  } finally {
    joined.restore()
  }
}

/** The same for all query runners that a DataSource makes meanwhile. */
export async function togetherIn(dataSource: DataSource, work: () => Promise<unknown>): Promise<Together> {
  const clients = new Map<Client, ReturnType<typeof joinDefinitions>>()
  const create = dataSource.createQueryRunner.bind(dataSource)
  const restore = replaceMethod(dataSource, 'createQueryRunner', (...mode: Parameters<typeof create>) => {
    const runner = create(...mode)
    const connect = runner.connect.bind(runner) as () => Promise<Client>
    replaceMethod(runner, 'connect', async () => {
      const client = await connect()
      if (!clients.has(client)) clients.set(client, joinDefinitions(client))
      return client
    })
    return runner
  })
  const count = (): number => [...clients.values()].reduce((sum, joined) => sum + joined.count(), 0)
  try {
    await work()
    for (const joined of clients.values()) await joined.depart()
    return { joined: count() }
  } catch (error) {
    return { joined: count(), error }
  } finally {
    restore()
    for (const joined of clients.values()) joined.restore()
  }
}

function joinDefinitions(client: Client): {
  readonly count: () => number
  readonly depart: () => Promise<void>
  readonly restore: () => void
} {
  // `pg-native` has no messages.
  if (client.query === undefined || client.connection?.stream?.write === undefined)
    return { count: () => 0, depart: () => Promise.resolve(), restore: () => undefined }
  const query = client.query.bind(client)
  let waiting: BatchedStatement[] = []
  let count = 0
  const depart = async (): Promise<void> => {
    const sent = waiting
    waiting = []
    // Between the queries of a revision, an idle connection does not keep the process alive.
    if (sent.length > 0) client.ref?.()
    const failure = sent.length === 0 ? undefined : await sendBatch(client, sent)
    if (failure !== undefined) throw failure.error
  }
  const restore = replaceMethod(client, 'query', (...given: readonly unknown[]) => {
    const [text, values] = given as readonly [unknown, readonly unknown[] | undefined]
    // What the driver sends by itself, such as a batch, or with a callback.
    if (typeof text !== 'string' || typeof given.at(-1) === 'function') return query(...given)
    if (!canJoin(text, values)) return depart().then(() => query(...given))
    waiting.push({ text, values: [] })
    count += 1
    return waiting.length < mostAtOnce ? Promise.resolve(noRows) : depart().then(() => noRows)
  })
  return { count: () => count, depart, restore }
}
