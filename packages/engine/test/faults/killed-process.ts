/**
 * A separate process that upgrades or downgrades a database, and is killed at a statement:
 *
 *     node --require ./register.cjs killed-process.ts sqlite|postgres ADDRESS REVISIONS upgrade|downgrade TARGET STATEMENT
 *
 * It kills itself with SIGKILL right before that statement of the run (1 is the first). With 0 it does not, but its parent may
 * kill it at any moment. SIGKILL leaves no chance to clean up, which is the point.
 */
import { DataSource } from 'typeorm'

import { Migrator } from '../../src/migrator'
import { optionsOf } from '../run/databases'

async function main(): Promise<void> {
  const [name, address, revisions, direction, target, statement] = process.argv.slice(2)
  if ((name !== 'sqlite' && name !== 'postgres') || address === undefined || revisions === undefined)
    throw new Error('sqlite|postgres ADDRESS REVISIONS upgrade|downgrade TARGET STATEMENT')
  let seen = 0
  const dataSource = new DataSource(optionsOf(name, address))
  const migrator = new Migrator({
    dataSource,
    revisions,
    root: revisions,
    cacheDirectory: null,
    lockTimeoutMs: 300_000,
    onEvent: (event) => {
      if (event.type === 'locked') process.stdout.write('locked\n')
      if (event.type !== 'statement') return
      seen += 1
      if (seen === Number(statement)) process.kill(process.pid, 'SIGKILL')
    },
  })
  try {
    if (direction === 'downgrade') await migrator.downgrade(target, { backup: 'never' })
    else await migrator.upgrade(target, { backup: 'never' })
  } finally {
    await migrator.close()
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`)
  process.exitCode = 1
})
