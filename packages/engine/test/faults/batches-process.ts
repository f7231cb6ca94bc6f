/**
 * A process of its own that runs the revision of {@link backfill}, for tests that kill it:
 *
 *     node --require ./register.cjs batches-process.ts sqlite|postgres ADDRESS WHERE STATEMENT
 *
 * It prints a line for each batch, and ends itself with SIGKILL instead of sending that statement (1: the first that is sent
 * to the database at all), or before the last statement of the revision. 0: never. What is wrong with a line (more than all rows, fewer than before) is an error.
 */
import { DataSource } from 'typeorm'

import { dialectOf, optionsOf } from '../run/databases'
import { run } from '../run/revisions'
import { backfill, lastStatement } from './backfill'

async function main(): Promise<void> {
  const [name, address, condition, statement] = process.argv.slice(2)
  if ((name !== 'sqlite' && name !== 'postgres') || address === undefined) throw new Error('sqlite|postgres ADDRESS …')
  const dataSource = await new DataSource(optionsOf(name, address)).initialize()
  const queryRunner = dataSource.createQueryRunner()
  const query = queryRunner.query.bind(queryRunner)
  let sent = 0
  queryRunner.query = (...call: Parameters<typeof query>) => {
    sent += 1
    if (sent === Number(statement)) process.kill(process.pid, 'SIGKILL')
    return query(...call)
  }
  const last = new Map<string, number>()
  await run({ dialect: dialectOf(name), dataSource, queryRunner }, [backfill(condition === 'true')], {
    lockTimeoutMs: 300_000,
    listener: (event) => {
      if (event.type === 'statement' && event.sql === lastStatement && statement !== '0')
        process.kill(process.pid, 'SIGKILL')
      if (event.type !== 'batch') return
      const { name: call, done, total } = event
      const before = last.get(call) ?? 0
      if (done < before || total === null || done > total) {
        process.stderr.write(`${call}: ${String(done)} after ${String(before)}, of ${String(total)}\n`)
      }
      last.set(call, done)
      process.stdout.write(`${String(done)} ${String(total)}\n`)
    },
  })
  await queryRunner.release()
  await dataSource.destroy()
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`)
  process.exitCode = 1
})
