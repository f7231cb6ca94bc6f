/**
 * A process of its own with an embedded server:
 *
 *     node --require register.cjs embedded-process.ts wait|exit|throw|forget
 *
 * Prints one line of JSON about the server, and ends as told: `wait` to be killed.
 */
import { readFileSync, readlinkSync } from 'node:fs'
import path from 'node:path'

import { DataSource } from 'typeorm'

import { startEmbedded } from '../../../src/dialect/postgres/embedded'

async function main(): Promise<void> {
  const { close: _close, ...connection } = await startEmbedded()
  const dataSource = await new DataSource({
    type: 'postgres',
    ...connection,
    poolErrorHandler: () => undefined,
  }).initialize()
  const [row] = await dataSource.query<{ data: string }[]>(`SELECT current_setting('data_directory') AS data`)
  const data = row?.data ?? ''
  const pid = Number(readFileSync(path.join(data, 'postmaster.pid'), 'utf8').split('\n')[0])
  process.stdout.write(`${JSON.stringify({ pid, folders: foldersOf(pid, data) })}\n`)
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
      await dataSource.destroy()
  }
}

/** The folders of the server: where its data is, and, where the system tells, where what it says is written. */
function foldersOf(pid: number, data: string): string[] {
  const folders = [path.resolve(data, '../..')]
  if (process.platform === 'linux') folders.push(path.dirname(readlinkSync(`/proc/${String(pid)}/fd/1`)))
  return [...new Set(folders)]
}

main().catch((error: unknown) => {
  process.stderr.write(`${String(error)}\n`)
  process.exitCode = 1
})
