/**
 * A separate process that restores a backup, and kills itself with SIGKILL at one of its points:
 *
 *     node --require ./register.cjs restore-killed-process.ts sqlite|postgres ADDRESS ROOT REVISIONS ID POINT
 *
 * A point is right before a statement that is sent to a database, or before a change of a file. With POINT 0 it is not killed, and
 * prints how many points there are; there may be some more on a busy machine. With POINT `swapped` it is killed right after the
 * database was replaced.
 */
import { createRequire } from 'node:module'

import Database from 'better-sqlite3'
import { Client } from 'pg'
import { DataSource } from 'typeorm'

import { Migrator } from '../../src/migrator'
import { optionsOf } from '../run/databases'

let points = 0
let killedAt: number | 'swapped' = 0

function point(): void {
  points += 1
  if (points === killedAt) process.kill(process.pid, 'SIGKILL')
}

type Methods = Record<string, (...given: unknown[]) => unknown>

/**
 * Calls `point` before each call of these methods.
 *
 * @param swaps whether the database is replaced when this call has ended
 */
function watch(
  target: object,
  names: readonly string[],
  swaps: (name: string, given: readonly unknown[]) => boolean = () => false,
): void {
  const methods = target as Methods
  for (const name of names) {
    const method = methods[name]
    if (method === undefined) throw new Error(`there is no ${name}`)
    methods[name] = function watched(this: unknown, ...given) {
      point()
      const answer: unknown = Reflect.apply(method, this, given)
      if (killedAt === 'swapped' && swaps(name, given))
        void Promise.resolve(answer).then(() => process.kill(process.pid, 'SIGKILL'))
      return answer
    }
  }
}

async function main(): Promise<void> {
  const [name, address, root, revisions, id, at] = process.argv.slice(2)
  if (
    (name !== 'sqlite' && name !== 'postgres') ||
    address === undefined ||
    root === undefined ||
    revisions === undefined
  )
    throw new Error('sqlite|postgres ADDRESS ROOT REVISIONS ID POINT')
  killedAt = at === 'swapped' ? at : Number(at)
  // The functions that the sources import, as they are when they are called.
  const files = createRequire(__filename)('node:fs/promises') as typeof import('node:fs/promises')
  const handle = await files.open(__filename)
  watch(Object.getPrototypeOf(handle) as object, ['write', 'sync'])
  await handle.close()
  watch(
    files,
    ['open', 'rename', 'rm', 'link', 'chmod', 'chown'],
    (method, given) => method === 'rename' && given[1] === address,
  )
  watch(Database.prototype as object, ['prepare', 'close'])
  watch(Client.prototype as object, ['query', 'end'], (_method, given) => given[0] === 'COMMIT')
  points = 0

  const migrator = new Migrator({
    dataSource: new DataSource(optionsOf(name, address)),
    revisions,
    root,
    cacheDirectory: null,
    onEvent: (event) => {
      // Whoever kills it from outside counts from here.
      if (event.type === 'progress') process.stdout.write(`${event.message}\n`)
    },
  })
  await migrator.restoreBackup(id)
  await migrator.close()
  process.stdout.write(`points ${String(points)}\n`)
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`)
  process.exitCode = 1
})
