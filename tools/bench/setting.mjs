import { chmodSync, mkdirSync, mkdtempSync, rmSync, statfsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bundledServer, matchingServer, installServer } from '../lib/older-servers.mjs'
import { root } from '../lib/process.mjs'
import { postgresPlace, query, sqlitePlace } from './databases.mjs'

/** @typedef {import('./databases.mjs').BenchDatabase} BenchDatabase */
/** @typedef {import('./databases.mjs').Place} Place */

/**
 * How much work the scenarios do.
 *
 * @typedef {object} Sizes
 * @property {number} few revisions
 * @property {number} revisions
 * @property {number} many revisions
 * @property {number} entities
 * @property {number} branched revisions in two branches
 * @property {number} rows of a table
 * @property {number} decisions to import
 */

/** @type {Sizes} */
export const fullSizes = {
  few: 100,
  revisions: 1000,
  many: 10_000,
  entities: 500,
  branched: 70,
  rows: 1_000_000,
  decisions: 1_000_000,
}

/** @type {Sizes} */
export const quickSizes = {
  few: 10,
  revisions: 100,
  many: 1000,
  entities: 50,
  branched: 20,
  rows: 50_000,
  decisions: 20_000,
}

/**
 * `fast` the server of the tests: no waiting for disks, in memory · `durable` with the defaults of PostgreSQL, on a disk ·
 * `matching` as `durable`, of the newest version that the `pg_dump` here can dump · `logged` as `fast`, and logs every statement
 *
 * @typedef {'fast' | 'durable' | 'matching' | 'logged'} ServerKind
 */

/**
 * What the scenarios are measured with: folders, servers, sizes.
 *
 * @typedef {object} Setting
 * @property {Sizes} sizes
 * @property {boolean} install whether peers may be installed
 * @property {(text: string) => void} say tells what takes long
 * @property {(warmUp: () => Promise<void>) => Promise<void>} warm fills the caches of the tool for files that were just written, by
 *   running commands
 * @property {(name: string) => string} folder a new folder on a disk
 * @property {Place} sqlite
 * @property {(kind: ServerKind) => Promise<string>} server the URL of a server, which is started when it is first needed
 * @property {(kind: ServerKind, title?: string) => Promise<Place>} postgres
 * @property {() => Promise<void>} close stops the servers and deletes the folders
 */

/**
 * @param {object} options
 * @param {Sizes} options.sizes
 * @param {boolean} options.install
 * @param {(text: string) => void} options.say
 * @param {boolean} [options.warm] whether to fill the caches of the tool; default true
 * @param {Partial<Record<ServerKind, string>>} [options.running] URLs of servers that are running
 * @returns {Setting}
 */
export function openSetting({ sizes, install, say, warm = true, running = {} }) {
  const home = mkdtempSync(join(diskFolder(), 'aludel-bench-'))
  // A server that root starts runs as another user.
  chmodSync(home, 0o755)
  let folders = 0
  const folder = (/** @type {string} */ name) => {
    const path = join(home, `${(folders += 1)}-${name}`)
    mkdirSync(path)
    return path
  }
  /** @type {Map<ServerKind, Promise<{ url: string, stop: () => Promise<void> }>>} */
  const servers = new Map()
  /** @type {Set<BenchDatabase>} databases on servers that go on running */
  const left = new Set()
  /** @param {ServerKind} kind */
  const server = async (kind) => {
    const url = running[kind]
    if (url !== undefined) return url
    const started = servers.get(kind) ?? startServer(kind, home)
    servers.set(kind, started)
    return (await started).url
  }
  return {
    sizes,
    install,
    say,
    warm: async (warmUp) => {
      if (!warm) return
      await new Promise((resolve) => setTimeout(resolve, distrustMs))
      await warmUp()
    },
    folder,
    sqlite: sqlitePlace(folder('sqlite')),
    server,
    postgres: async (kind, title) => {
      const place = postgresPlace(await server(kind), title)
      return running[kind] === undefined ? place : remembering(place, left)
    },
    close: async () => {
      for (const database of left) await database.drop()
      for (const started of servers.values()) await (await started.catch(() => undefined))?.stop()
      rmSync(home, { recursive: true, force: true })
    },
  }
}

/**
 * @param {Place} place
 * @param {Set<BenchDatabase>} left receives each database until it is dropped
 * @returns {Place}
 */
const remembering = (place, left) => ({
  ...place,
  create: async (template) => {
    const database = await place.create(template)
    const drop = async () => {
      left.delete(remembered)
      await database.drop()
    }
    const remembered = { ...database, drop }
    left.add(remembered)
    return remembered
  },
})

/**
 * @param {ServerKind} kind
 * @param {string} home
 */
async function startServer(kind, home) {
  const server = await start(kind, home)
  // The engine stores a password with one round of hashing, which makes connecting faster than it is elsewhere, and which some
  // programs refuse.
  const { password } = new URL(server.url)
  await query(server.url, `ALTER ROLE postgres PASSWORD '${password}'`)
  return server
}

/**
 * @param {ServerKind} kind
 * @param {string} home
 * @returns {Promise<{ url: string, stop: () => Promise<void> }>}
 */
async function start(kind, home) {
  // Imported here because it needs the packages, which this module does not.
  const { startPostgres } = await import('../postgres.mjs')
  if (kind === 'fast') return startPostgres()
  /** @type {typeof import('../../packages/engine/dist/dialect/postgres/embedded.js')} */
  const { startEmbedded } = await import('../../packages/engine/dist/dialect/postgres/embedded.js')
  const started =
    kind === 'logged'
      ? await startEmbedded({ ...defaults, ...logging })
      : await startEmbedded(defaults, { inside: home, ...(kind === 'matching' && (await matching())) })
  const { host, port, username, password, database } = started
  return {
    url: `postgres://${username}:${password}@${host}:${port}/${database}`,
    stop: () => started.close(),
  }
}

/** Where the programs of such a server are. */
async function matching() {
  const major = matchingServer()
  return major === undefined || major === bundledServer ? {} : { native: await installServer(String(major)) }
}

/** The defaults of PostgreSQL, for what the embedded server of the engine changes. */
const defaults = {
  fsync: 'on',
  synchronous_commit: 'on',
  full_page_writes: 'on',
  autovacuum: 'on',
  wal_level: 'replica',
  max_wal_senders: '10',
  max_wal_size: '1GB',
  min_wal_size: '80MB',
  max_connections: '100',
  shared_buffers: '128MB',
  jit: 'on',
}

/** The log is a file that `pg_read_file` reads. */
const logging = {
  fsync: 'off',
  logging_collector: 'on',
  log_statement: 'all',
  log_line_prefix: '%p ',
}

/** How long the cache does not trust a file that was changed, and a little more: see files/read-cache.ts. */
const distrustMs = 3000

/** The file system in memory on Linux: https://man7.org/linux/man-pages/man2/statfs.2.html */
const tmpfs = 0x01021994

/** A folder whose files are on a disk. */
function diskFolder() {
  if (statfsSync(tmpdir()).type !== tmpfs) return tmpdir()
  const folder = join(root, '.cache')
  mkdirSync(folder, { recursive: true })
  return folder
}
