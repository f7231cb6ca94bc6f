/**
 * One session of a superuser for each worker, in which databases are made and dropped: to connect takes the server longer than
 * to make a database. It stays open from one test file to the next, and keeps no process alive.
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
  // Ended by the server or by a test: the next query opens another.
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
