// A PostgreSQL server for tests and measurements: the embedded server of the engine, which any account may start (even root) from
// any folder, and which always ends with the process that started it.
// `node tools/postgres.mjs` runs a server for development until it is interrupted.
import process from 'node:process'
import { isProgram } from './lib/process.mjs'

/**
 * @typedef {object} Server
 * @property {string} url of the superuser, on the database `postgres`
 * @property {() => Promise<void>} stop ends the server and deletes its files
 */

/**
 * Starts a server. The engine must be built.
 *
 * @param {string} [native] the folder of its programs; default: the embedded server of the engine
 * @returns {Promise<Server>}
 */
export async function startPostgres(native) {
  /** @type {typeof import('../packages/engine/dist/dialect/postgres/embedded.js')} */
  const { startEmbedded } = await import('../packages/engine/dist/dialect/postgres/embedded.js')
  // Many test files use it at once, each with a pool or two, and some leave tables full of dead rows.
  const settings = { max_connections: '300', autovacuum: 'on' }
  const server = await withVariables(allocator, () => startEmbedded(settings, native === undefined ? {} : { native }))
  const { host, port, username, password, database } = server
  const url = `postgres://${username}:${password}@${host}:${port}/${database}`
  await warmTemplate(url)
  return { url, stop: () => server.close() }
}

/**
 * Makes malloc of glibc use huge pages and keep freed memory in the processes of the server. A session that reads a catalog for
 * the first time touches thousands of pages, and on virtual machines each can cost 20 µs, which is more than half of the server's
 * time. Other C libraries ignore the variable.
 */
const allocator = {
  GLIBC_TUNABLES: [
    'glibc.malloc.hugetlb=1',
    ...['top_pad=16777216', 'trim_threshold=67108864', 'mmap_threshold=33554432'].map((it) => `glibc.malloc.${it}`),
  ].join(':'),
}

/**
 * @template T
 * @param {NodeJS.ProcessEnv} variables for the processes that `work` starts
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
 * Adds a catalog cache to template0. The first session of a database reads its catalogs and caches them in pg_internal.init, which
 * takes longer than creating the database. A copy of the template's files includes that file, so it is written once here, and not
 * for each of the thousands of databases and shadows of a test run.
 *
 * @param {string} url of the superuser
 */
async function warmTemplate(url) {
  // Imported here because this module is loaded before anything is installed.
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
  // The server alone does not keep this process alive.
  const alive = setInterval(() => undefined, 1 << 30)
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
    process.once(signal, () => void server.stop().finally(() => clearInterval(alive)))
  }
  // Last, because a reader of this output may end this process at once.
  console.log(`export ALUDEL_TEST_POSTGRES_URL=${server.url}`)
}
