/**
 * A separate process that upgrades or downgrades several SQLite databases and is killed in the middle of all these runs:
 *
 *     node --require ./register.cjs sqlite-killed-process.ts JOBS
 *
 * Each run stops right before its statement. When all have stopped, the process kills itself with SIGKILL. JOBS is a JSON array
 * of {@link Job}.
 */
import { DataSource } from 'typeorm'

import { Migrator } from '../../src/migrator'
import { optionsOf } from '../run/databases'

export interface Job {
  readonly file: string
  readonly revisions: string
  readonly direction: 'upgrade' | 'downgrade'
  readonly target: string
  /** The statement of the run before which it stops; 1 is the first. */
  readonly statement: number
}

/** Size of SQLite's cache: so small that SQLite writes pages to the file during a rebuild. */
const pages = 10

const never = new Promise<never>(() => undefined)

/** Resolves when the run has stopped. */
async function stopBefore({ file, revisions, direction, target, statement }: Job): Promise<void> {
  const dataSource = await new DataSource(optionsOf('sqlite', file)).initialize()
  await dataSource.query(`PRAGMA cache_size = ${String(pages)}`)
  let stopped = false
  const createQueryRunner = dataSource.createQueryRunner.bind(dataSource)
  dataSource.createQueryRunner = (mode) => {
    const queryRunner = createQueryRunner(mode)
    const query = queryRunner.query.bind(queryRunner)
    queryRunner.query = (...call: Parameters<typeof query>) => (stopped ? never : query(...call))
    return queryRunner
  }
  await new Promise<void>((resolve, reject) => {
    let seen = 0
    const migrator = new Migrator({
      dataSource,
      revisions,
      root: revisions,
      cacheDirectory: null,
      onEvent: (event) => {
        if (event.type !== 'statement') return
        seen += 1
        if (seen !== statement) return
        stopped = true
        resolve()
      },
    })
    const options = { backup: 'never' } as const
    const run = direction === 'downgrade' ? migrator.downgrade(target, options) : migrator.upgrade(target, options)
    run.then(() => reject(new Error(`${file}: it did not stop`)), reject)
  })
}

async function main(): Promise<void> {
  for (const job of JSON.parse(process.argv[2] ?? '') as readonly Job[]) await stopBefore(job)
  process.kill(process.pid, 'SIGKILL')
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`)
  process.exitCode = 1
})
