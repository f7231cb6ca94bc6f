/**
 * A separate process that takes the lock for several holders at once:
 *
 *     node --require register.cjs lock-process.ts URL HOLDERS
 *
 * It prints `ready` and waits for a line on standard input. Then each holder adds one to a counter, slowly and protected only
 * by the lock. Then it prints `counted`, waits for another line, takes the lock, prints `held` and waits to be killed.
 */
import { createInterface } from 'node:readline'
import { setTimeout as wait } from 'node:timers/promises'

import { DataSource } from 'typeorm'

import { lock } from '../../../src/dialect/postgres/lock'

async function main(): Promise<void> {
  const [url, holders] = process.argv.slice(2)
  const dataSource = await new DataSource({
    type: 'postgres',
    url: url ?? '',
    applicationName: 'lock-process',
  }).initialize()
  const options = { key: 'test', timeoutMs: 300_000 }
  const count = async (): Promise<void> => {
    const runner = dataSource.createQueryRunner()
    const held = await lock(runner, options)
    const [row] = (await runner.query('SELECT "n" FROM "counter"')) as { n: number }[]
    await wait(30)
    await runner.query('UPDATE "counter" SET "n" = $1', [(row?.n ?? 0) + 1])
    await held.release()
    await runner.release()
  }
  const lines = createInterface(process.stdin)[Symbol.asyncIterator]()
  process.stdout.write('ready\n')
  await lines.next()
  await Promise.all(Array.from({ length: Number(holders) }, count))
  process.stdout.write('counted\n')
  if ((await lines.next()).done === true) {
    await dataSource.destroy()
    return
  }
  await lock(dataSource.createQueryRunner(), options)
  process.stdout.write('held\n')
  await wait(3_600_000)
}

main().catch((error: unknown) => {
  process.stderr.write(`${String(error)}\n`)
  process.exit(1)
})
