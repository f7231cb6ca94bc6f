import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { open, readFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import path from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'

import { binariesIn, type User } from './embedded-binaries'
import type { Folders } from './embedded-folders'

/**
 * Settings for data that is not worth keeping: no waiting for disks, no background work, little memory.
 * Few connections suffice: one shadow database has a small pool, and two or three are open at a time.
 */
export const serverSettings = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  autovacuum: 'off',
  wal_level: 'minimal',
  max_wal_senders: '0',
  max_wal_size: '128MB',
  min_wal_size: '32MB',
  max_connections: '60',
  shared_buffers: '32MB',
  jit: 'off',
} as const

const startTimeoutMs = 60_000
const portAttempts = 5

/** Starts a server on an existing data directory, and waits until it accepts connections, also as a standby. */
export async function start(
  native: string,
  folders: Folders,
  data: string,
  user: User | undefined,
  settings: Readonly<Record<string, string>>,
): Promise<{ port: number; server: ChildProcess }> {
  const logFile = path.join(folders.home, 'log')
  for (let attempt = 1; ; attempt++) {
    const port = await freePort()
    const log = await open(logFile, 'w')
    const options = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
    const server = spawn(binariesIn(native).postgres, ['-D', data, '-p', String(port), ...options], {
      ...user,
      cwd: path.dirname(data),
      env: environment(),
      stdio: ['ignore', log.fd, log.fd],
      // Ctrl-C must reach only this process, which then stops the server.
      detached: true,
      windowsHide: true,
    })
    await log.close()
    if (await isReady(server, data)) {
      server.unref()
      return { port, server }
    }
    const words = await readFile(logFile, 'utf8').catch(() => '')
    await stop(server)
    // Another process took the port between finding it and using it.
    if (attempt < portAttempts && /Address already in use|could not bind/i.test(words)) continue
    throw new Error(words.trim() === '' ? 'it ended without a message' : words.trim())
  }
}

/**
 * Waits until the server reports that it is ready (line 8 of its pid file); false when it ends before. Line 1 is the pid:
 * a server that died on the same data has left such a file, too.
 */
async function isReady(server: ChildProcess, data: string): Promise<boolean> {
  let failed = false
  server.once('error', () => (failed = true))
  server.once('exit', () => (failed = true))
  const until = performance.now() + startTimeoutMs
  while (!failed && performance.now() < until) {
    const lines = await readFile(path.join(data, 'postmaster.pid'), 'utf8').catch(() => '')
    const [pid, , , , , , , state] = lines.split('\n').map((line) => line.trim())
    if (Number(pid) === server.pid && state === 'ready') return true
    await wait(10)
  }
  return false
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('no free port')
  return address.port
}

/** Shuts the server down immediately: its data is not kept. */
export async function stop(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null || server.pid === undefined) return
  server.ref()
  const exited = once(server, 'exit')
  server.kill('SIGQUIT')
  const timer = setTimeout(() => server.kill('SIGKILL'), 10_000)
  await exited
  clearTimeout(timer)
}

/** The environment without the user's own settings for PostgreSQL, and with English messages. */
export function environment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) => !name.startsWith('PG') && !name.startsWith('LC_') && name !== 'LANG',
  )
  return { ...Object.fromEntries(kept), LC_ALL: 'C' }
}
