/**
 * A separate process that converts a database and is killed at a statement:
 *
 *     node --require ./register.cjs adopt-killed-process.ts sqlite|postgres ADDRESS REVISIONS BACKUPS STATEMENT
 *
 * It kills itself with SIGKILL right before that statement after the migration lock (1 is the first). With 0 it does not, and prints
 * how many there were.
 */
import { DataSource } from 'typeorm'

import { Migrator } from '../../src/migrator'
import { tasks } from '../adopt/foreign-tasks'
import { optionsOf } from '../run/databases'

async function main(): Promise<void> {
  const [name, address, revisions, backupDirectory, statement] = process.argv.slice(2)
  if ((name !== 'sqlite' && name !== 'postgres') || address === undefined || revisions === undefined)
    throw new Error('sqlite|postgres ADDRESS REVISIONS BACKUPS STATEMENT')
  let seen = 0
  let locked = false
  const dataSource = await new DataSource({ ...optionsOf(name, address), entities: [tasks(name)] }).initialize()
  const createQueryRunner = dataSource.createQueryRunner.bind(dataSource)
  dataSource.createQueryRunner = (mode) => {
    const queryRunner = createQueryRunner(mode)
    const query = queryRunner.query.bind(queryRunner)
    queryRunner.query = (...call: Parameters<typeof query>) => {
      if (locked) seen += 1
      if (locked && seen === Number(statement)) process.kill(process.pid, 'SIGKILL')
      return query(...call)
    }
    return queryRunner
  }
  const migrator = new Migrator({
    dataSource,
    revisions,
    root: revisions,
    shadow: { postgres: process.env['ALUDEL_TEST_POSTGRES_URL'] },
    lockTimeoutMs: 300_000,
    onEvent: (event) => {
      if (event.type === 'locked') locked = true
    },
  })
  try {
    await migrator.adopt({ convert: true, backupDirectory })
    process.stdout.write(`statements ${String(seen)}\n`)
  } finally {
    await migrator.close()
    await dataSource.destroy()
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`)
  process.exitCode = 1
})
