// A PostgreSQL server for tests and measurements: the engine's own embedded one, which any account may start (root too)
// from any folder, and which ends with the process that started it, however that ends.
// Alone it is a server to develop against, until interrupted: `node tools/postgres.mjs`.
import process from 'node:process'
import { isProgram } from './lib/process.mjs'

/**
 * @typedef {object} Server
 * @property {string} url of the superuser, on the database `postgres`
 * @property {() => Promise<void>} stop ends the server and deletes its files
 */

/**
 * Starts a server. The engine has to be built.
 *
 * @param {string} [native] the folder of its programs; default: the server that the engine brings along
 * @returns {Promise<Server>}
 */
export async function startPostgres(native) {
  /** @type {typeof import('../packages/engine/dist/dialect/postgres/embedded.js')} */
  const { startEmbedded } = await import('../packages/engine/dist/dialect/postgres/embedded.js')
  // Many test files are at it at once, each with a pool or two, and some leave tables full of dead rows.
  const settings = { max_connections: '300', autovacuum: 'on' }
  const server = await withVariables(allocator, () => startEmbedded(settings, native === undefined ? {} : { native }))
  const { host, port, username, password, database } = server
  const url = `postgres://${username}:${password}@${host}:${port}/${database}`
  await warmTemplate(url)
  return { url, stop: () => server.close() }
}

/**
 * How malloc of glibc takes memory in the server's processes: in huge pages, and it keeps what it has. A session that reads a
 * catalog for the first time touches thousands of pages, and on virtual machines each of them can cost 20 µs: more than half
 * of the server's time. Elsewhere nobody reads it.
 */
const allocator = {
  GLIBC_TUNABLES: [
    'glibc.malloc.hugetlb=1',
    ...['top_pad=16777216', 'trim_threshold=67108864', 'mmap_threshold=33554432'].map((it) => `glibc.malloc.${it}`),
  ].join(':'),
}

/**
 * @template T
 * @param {NodeJS.ProcessEnv} variables for the processes that are started meanwhile
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
async function withVariables(variables, work) {
  const before = Object.fromEntries(Object.keys(variables).map((name) => [name, process.env[name]]))
  Object.assign(process.env, variables)
  try {
    return await work()
  } finally {
    for (const [name, value] of Object.entries(before)) {
      if (value === undefined) delete process.env[name]
      else process.env[name] = value
    }
  }
}

/**
 * Makes template0 one that new databases are ready from. The first session of a database reads its catalogs and writes down
 * what it learned (pg_internal.init), which takes longer than to make the database. A copy of the template's files has that
 * file too, so it is written once here, and not for each of the thousands of databases and shadows of a test run.
 *
 * @param {string} url of the superuser
 */
async function warmTemplate(url) {
  // Imported only now: this module is loaded before anything is installed.
  const { default: pg } = await import('pg')
  const run = async (/** @type {string} */ database, /** @type {string[]} */ ...statements) => {
    const client = new pg.Client(new URL(`/${database}`, url).href)
    await client.connect()
    for (const sql of statements) await client.query(sql)
    await client.end()
  }
  await run('postgres', 'ALTER DATABASE template0 ALLOW_CONNECTIONS true')
  await run('template0', 'SELECT 1')
  await run('postgres', 'ALTER DATABASE template0 ALLOW_CONNECTIONS false')
}

if (isProgram(import.meta)) {
  const server = await startPostgres()
  // The server does not keep its process alive.
  const alive = setInterval(() => undefined, 1 << 30)
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
    process.once(signal, () => void server.stop().finally(() => clearInterval(alive)))
  }
  // Last: whoever has read it may end this process.
  console.log(`export ALUDEL_TEST_POSTGRES_URL=${server.url}`)
}
