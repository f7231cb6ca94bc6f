/**
 * A separate process with an embedded server:
 *
 *     node --require register.cjs embedded-process.ts wait|exit|throw|forget
 *
 * Prints one line of JSON about the server, and ends as the argument says; with `wait` it waits to be killed.
 */
import { readFileSync, readlinkSync } from 'node:fs'
import path from 'node:path'

import { Client } from 'pg'

import { startEmbedded } from '../../../src/dialect/postgres/embedded'

async function main(): Promise<void> {
  const before = listeners()
  const { close: _close, username, ...server } = await startEmbedded()
  const added = listeners().filter((name) => !before.includes(name))
  // Loading TypeORM would take longer than everything else here.
  const client = new Client({ ...server, user: username })
  client.on('error', () => undefined)
  await client.connect()
  const { rows } = await client.query<{ data: string }>(`SELECT current_setting('data_directory') AS data`)
  const data = rows[0]?.data ?? ''
  const pid = Number(readFileSync(path.join(data, 'postmaster.pid'), 'utf8').split('\n')[0])
  process.stdout.write(`${JSON.stringify({ pid, folders: foldersOf(pid, data), added })}\n`)
  switch (process.argv[2]) {
    case 'wait':
      setInterval(() => undefined, 1000)
      return
    case 'exit':
      process.exit(7)
      return
    case 'throw':
      setImmediate(() => {
        throw new Error('boom')
      })
      return
    default:
      // Nothing keeps the process alive once its own connections are closed.
      await client.end()
  }
}

/** The process events, such as `exit` and signals, that have listeners. */
function listeners(): string[] {
  return process.eventNames().map(String)
}

/** The folders of the server: that of its data and, on Linux, that of its log. */
function foldersOf(pid: number, data: string): string[] {
  const folders = [path.resolve(data, '../..')]
  if (process.platform === 'linux') folders.push(path.dirname(readlinkSync(`/proc/${String(pid)}/fd/1`)))
  return [...new Set(folders)]
}

main().catch((error: unknown) => {
  process.stderr.write(`${String(error)}\n`)
  process.exitCode = 1
})
