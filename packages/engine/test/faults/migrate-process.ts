/**
 * A process of its own that brings a database to the head, for faults that only a process can have:
 *
 *     node --require register.cjs migrate-process.ts JSON
 *
 * Prints one line of JSON for each thing that happens: `{"event":"waiting","holder":…}`, `{"event":"paused"}`,
 * `{"event":"done","messages":[…]}`, `{"event":"failed","code":…}`. When it pauses it goes on at a line on its standard
 * input.
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
  /** One run for each, all at the same time; default: one with a lock of its session. */
  readonly locks?: readonly LockKind[]
  readonly leaseMs?: number
  readonly lockTimeoutMs?: number
  /** Statement before which it pauses. */
  readonly pauseBefore?: number
  /** The revision of that statement; default: 2, the second one. */
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
 * Brings the database to the head by as many runs as there are locks, each on a connection of its own.
 *
 * @param messages gets what they applied
 * @param report gets the lines that a process of its own would print
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
