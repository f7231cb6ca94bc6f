/**
 * One session of the superuser for each worker, which creates and drops databases: connecting takes the server longer than creating
 * a database. It stays open between test files, and does not keep the process alive.
 */
const process = require('node:process')
const { Client } = require('pg')

/** @type {Promise<import('pg').Client> | undefined} */
let session

/**
 * @param {string} sql
 * @returns {Promise<Record<string, unknown>[]>} its rows
 */
async function queryServer(sql) {
  session ??= connect()
  const client = await session
  return (await client.query(sql)).rows
}

async function connect() {
  const client = new Client({ connectionString: process.env['ALUDEL_TEST_POSTGRES_URL'], keepAlive: true })
  // If the server or a test ends the session, the next query opens another.
  client.on('error', () => undefined)
  client.on('end', () => {
    session = undefined
  })
  await client.connect()
  const { stream } = /** @type {{ connection: { stream: import('node:net').Socket } }} */ (
    /** @type {unknown} */ (client)
  ).connection
  stream.unref()
  return client
}

module.exports = { queryServer }
