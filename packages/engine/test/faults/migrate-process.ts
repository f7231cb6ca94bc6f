/**
 * A separate process that upgrades a database to the head, for faults of whole processes:
 *
 *     node --require register.cjs migrate-process.ts JSON
 *
 * Prints one line of JSON for each event: `{"event":"waiting","holder":…}`, `{"event":"paused"}`,
 * `{"event":"done","messages":[…]}`, `{"event":"failed","code":…}`. A line on standard input ends a pause.
 */
import { once } from 'node:events'

import { DataSource, type DataSourceOptions } from 'typeorm'

import type { LockKind } from '../../src/dialect/roles/locks'
import { isAludelError } from '../../src/errors'
import { dialectOf, optionsOf } from '../run/databases'
import { revision, run, type TestRevision } from '../run/revisions'

export interface ProcessOptions {
  readonly dialect: 'sqlite' | 'postgres'
  readonly address: string
  /** One run for each, all at the same time. Default is one run with a session lock. */
  readonly locks?: readonly LockKind[]
  readonly leaseMs?: number
  readonly lockTimeoutMs?: number
  /** The statement before which it pauses; 1 is the first. */
  readonly pauseBefore?: number
  /** The revision of that statement. Default is 2, the second one. */
  readonly pauseIn?: number
}

/** The same revisions in every process. */
export function faultRevisions(pauseBefore?: number, pauseIn = 2): readonly TestRevision[] {
  return ['a', 'b', 'c', 'd'].map((table, number) =>
    revision(
      `make ${table}`,
      async (queryRunner) => {
        for (const [index, sql] of [
          `CREATE TABLE "${table}" ("n" integer NOT NULL)`,
          `INSERT INTO "${table}" VALUES (1)`,
          `INSERT INTO "${table}" VALUES (2)`,
        ].entries()) {
          if (number === pauseIn - 1 && pauseBefore === index + 1) {
            say({ event: 'paused' })
            await once(process.stdin, 'data')
          }
          await queryRunner.query(sql)
        }
      },
      [],
      { number },
    ),
  )
}

function say(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`)
}

/**
 * Upgrades the database to the head in one run for each of the locks, each on its own connection.
 *
 * @param messages receives the messages of the applied revisions
 * @param report receives the lines that a separate process would print
 */
export async function migrateAtOnce(
  options: ProcessOptions,
  messages: string[],
  report: (line: object) => void = () => undefined,
): Promise<void> {
  const { locks = ['session'] } = options
  await Promise.all(locks.map((lock) => migrate(options, lock, messages, report)))
}

async function migrate(
  options: ProcessOptions,
  lock: LockKind,
  messages: string[],
  report: (line: object) => void,
): Promise<void> {
  const { dialect, address, leaseMs, lockTimeoutMs = 300_000, pauseBefore, pauseIn } = options
  const dataSource = await new DataSource({
    ...optionsOf(dialect, address),
    ...(dialect === 'postgres' ? { poolErrorHandler: () => undefined } : {}),
  } as DataSourceOptions).initialize()
  const queryRunner = dataSource.createQueryRunner()
  let holder: string | undefined
  try {
    await run({ dialect: dialectOf(dialect), dataSource, queryRunner }, faultRevisions(pauseBefore, pauseIn), {
      lockTimeoutMs,
      actor: `faults@${String(process.pid)}`,
      lockKind: lock,
      ...(leaseMs === undefined ? {} : { leaseMs }),
      listener: (event) => {
        if (event.type === 'stepDone') messages.push(event.step.revision.message)
        if (event.type === 'waiting' && event.holder !== holder)
          report({ event: 'waiting', holder: (holder = event.holder) })
      },
    })
  } finally {
    await queryRunner.release()
    await dataSource.destroy()
  }
}

async function main(): Promise<void> {
  const messages: string[] = []
  try {
    await migrateAtOnce(JSON.parse(process.argv[2] ?? '') as ProcessOptions, messages, say)
    say({ event: 'done', messages })
  } catch (error) {
    if (!isAludelError(error)) throw error
    say({ event: 'failed', code: error.code, messages })
  }
  process.stdin.destroy()
}

if (require.main === module) {
  main().catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`)
    process.exitCode = 1
  })
}
