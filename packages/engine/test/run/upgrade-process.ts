/**
 * A process of its own that brings a database to the head, for tests of several at once:
 *
 *     node --require ./register.cjs upgrade-process.ts sqlite|postgres ADDRESS [STATEMENT_TO_STOP_AT]
 *
 * Prints the messages of the revisions that it has run, as JSON. With a statement number it says `stopped` when it comes
 * to that statement of the first revision, and waits there to be killed.
 */
import { DataSource } from 'typeorm'

import { dialectOf, optionsOf } from './databases'
import { run } from './revisions'
import { crowdRevisions } from './crowd'

async function main(): Promise<void> {
  const [name, address, stop] = process.argv.slice(2)
  if ((name !== 'sqlite' && name !== 'postgres') || address === undefined) throw new Error('sqlite|postgres ADDRESS')
  const dataSource = await new DataSource(optionsOf(name, address)).initialize()
  const queryRunner = dataSource.createQueryRunner()
  const done: string[] = []
  await run(
    { dialect: dialectOf(name), dataSource, queryRunner },
    crowdRevisions(stop === undefined ? undefined : Number(stop)),
    {
      lockTimeoutMs: 300_000,
      listener: (event) => {
        if (event.type === 'stepDone') done.push(event.step.revision.message)
      },
    },
  )
  await queryRunner.release()
  await dataSource.destroy()
  process.stdout.write(`${JSON.stringify(done)}\n`)
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`)
  process.exitCode = 1
})
