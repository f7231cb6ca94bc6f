/**
 * A separate process that runs the revision of {@link backfill}, for tests that kill it:
 *
 *     node --require ./register.cjs batches-process.ts sqlite|postgres ADDRESS WHERE STATEMENT
 *
 * It prints a line for each batch, and kills itself with SIGKILL instead of sending the given statement (1 is the first one of
 * the connection), or before the last statement of the revision. It reports a wrong count (more than all rows, or fewer than
 * before) on standard error.
 */
import { DataSource } from 'typeorm'

import type { DialectName } from '../../src/dialect/registry'
import { dialectOf, optionsOf } from '../run/databases'
import { run } from '../run/revisions'
import { backfill, lastStatement } from './backfill'

/** Functions that {@link runBackfill} calls. */
interface Listener {
  /** Before each query on the connection of the run. */
  query?(): void
  /** After each batch. */
  batch?(done: number, total: number | null): void
  /** Before the last statement of the revision. */
  last?(): void
  /** When a batch counts more rows than exist, or fewer than before. */
  wrong(what: string): void
}

/** Runs the revision on a new connection. */
export async function runBackfill(
  name: DialectName,
  address: string,
  withCondition: boolean,
  listener: Listener,
): Promise<void> {
  const dataSource = await new DataSource(optionsOf(name, address)).initialize()
  const queryRunner = dataSource.createQueryRunner()
  const query = queryRunner.query.bind(queryRunner)
  queryRunner.query = (...call: Parameters<typeof query>) => {
    listener.query?.()
    return query(...call)
  }
  const counted = new Map<string, number>()
  try {
    await run({ dialect: dialectOf(name), dataSource, queryRunner }, [backfill(withCondition)], {
      lockTimeoutMs: 300_000,
      listener: (event) => {
        if (event.type === 'statement' && event.sql === lastStatement) listener.last?.()
        if (event.type !== 'batch') return
        const { name: call, done, total } = event
        const before = counted.get(call) ?? 0
        if (done < before || total === null || done > total)
          listener.wrong(`${call}: ${String(done)} after ${String(before)}, of ${String(total)}\n`)
        counted.set(call, done)
        listener.batch?.(done, total)
      },
    })
  } finally {
    await queryRunner.release()
    await dataSource.destroy()
  }
}

async function main(): Promise<void> {
  const [name, address, condition, statement] = process.argv.slice(2)
  if ((name !== 'sqlite' && name !== 'postgres') || address === undefined) throw new Error('sqlite|postgres ADDRESS …')
  const die = (): void => {
    process.kill(process.pid, 'SIGKILL')
  }
  let sent = 0
  await runBackfill(name, address, condition === 'true', {
    query: () => {
      sent += 1
      if (sent === Number(statement)) die()
    },
    last: die,
    batch: (done, total) => process.stdout.write(`${String(done)} ${String(total)}\n`),
    wrong: (what) => process.stderr.write(what),
  })
}

if (require.main === module) {
  main().catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`)
    process.exitCode = 1
  })
}
