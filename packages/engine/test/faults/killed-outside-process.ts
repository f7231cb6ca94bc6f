/**
 * A separate process that runs a revision outside a transaction, and kills itself with SIGKILL before or after a query
 * of the session: of the revision, of the journal, BEGIN, COMMIT:
 *
 *     node --require ./register.cjs killed-outside-process.ts sqlite|postgres ADDRESS QUERY before|after
 *
 * QUERY counts from the first query for the journal (1 is the first). Prints `done` if it is not killed.
 */
import { DataSource } from 'typeorm'

import { dialectOf, optionsOf } from '../run/databases'
import { run } from '../run/revisions'
import { outsideRevision } from './outside-revision'

async function main(): Promise<void> {
  const [name, address, query, when] = process.argv.slice(2)
  if ((name !== 'sqlite' && name !== 'postgres') || address === undefined) throw new Error('sqlite|postgres ADDRESS')
  const dataSource = await new DataSource(optionsOf(name, address)).initialize()
  const queryRunner = dataSource.createQueryRunner()
  const original = queryRunner.query.bind(queryRunner) as (...call: unknown[]) => Promise<unknown>
  let seen = 0
  const die = (): void => {
    process.kill(process.pid, 'SIGKILL')
  }
  Object.assign(queryRunner, {
    query: async (...call: unknown[]) => {
      if (seen > 0 || String(call[0]).startsWith('INSERT INTO "aludel_journal"')) seen += 1
      const dies = seen > 0 && seen === Number(query)
      if (dies && when === 'before') die()
      const result = await original(...call)
      if (dies) die()
      return result
    },
  })
  await run({ dialect: dialectOf(name), dataSource, queryRunner }, [outsideRevision(name)], { lockTimeoutMs: 300_000 })
  await queryRunner.release()
  await dataSource.destroy()
  process.stdout.write('done\n')
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`)
  process.exitCode = 1
})
