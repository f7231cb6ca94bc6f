/**
 * A process of its own that takes the lock:
 *
 *     node --require register.cjs lock-process.ts URL count|hold
 *
 * `count` adds one to a counter, slowly and without any protection but the lock. `hold` says `held` and waits to be
 * killed.
 */
import { setTimeout as wait } from 'node:timers/promises'

import { DataSource } from 'typeorm'

import { lock } from '../../../src/dialect/postgres/lock'

async function main(): Promise<void> {
  const [url, mode] = process.argv.slice(2)
  const dataSource = await new DataSource({
    type: 'postgres',
    url: url ?? '',
    poolSize: 1,
    applicationName: 'lock-process',
  }).initialize()
  const runner = dataSource.createQueryRunner()
  const held = await lock(runner, { key: 'test', timeoutMs: 300_000 })
  if (mode === 'hold') {
    process.stdout.write('held\n')
    await wait(3_600_000)
  }
  const [row] = (await runner.query('SELECT "n" FROM "counter"')) as { n: number }[]
  await wait(30)
  await runner.query('UPDATE "counter" SET "n" = $1', [(row?.n ?? 0) + 1])
  await held.release()
  await runner.release()
  await dataSource.destroy()
}

main().catch((error: unknown) => {
  process.stderr.write(`${String(error)}\n`)
  process.exitCode = 1
})
