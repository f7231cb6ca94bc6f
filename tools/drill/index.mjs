import { bundledServer, matchingServer, installServer, olderServers, toolsMajor } from '../lib/older-servers.mjs'
import { startPostgres } from '../postgres.mjs'
import { openPostgres, queryAt } from './postgres.mjs'
import { fullDiskPostgres, fullDiskSqlite } from './disks.mjs'
import { report } from './report.mjs'
import { Drill } from './run.mjs'
import { betweenServers } from './servers.mjs'
import { openSqlite } from './sqlite.mjs'

/** @typedef {import('./run.mjs').Line} Line */

/**
 * @typedef {object} DrillOptions
 * @property {readonly ('sqlite' | 'postgres')[]} databases
 * @property {number} rows
 * @property {number} kills
 * @property {number} seed
 * @property {boolean} servers whether older and newer servers are part of it
 */

/** Rows of the largest table where the database is on a small disk, or on several servers. */
const fewRows = 20_000

/**
 * @param {DrillOptions} options
 * @returns {Promise<number>} the exit code
 */
export async function runDrill({ databases, rows, kills, seed, servers }) {
  console.log(`${rows} rows, ${kills} kills of each command on each database, seed ${seed}\n`)
  const say = (/** @type {string} */ text) => console.log(text)
  const how = { kills, random: randomOf(seed), say }
  /** @type {Line[]} */
  const lines = []
  if (databases.includes('sqlite')) {
    for (const wal of [false, true]) {
      const drilled = await openSqlite({ rows, wal })
      try {
        lines.push(...(await new Drill(drilled, how).run()))
        lines.push(await fullDiskSqlite(drilled))
      } finally {
        await drilled.close()
      }
    }
  }
  if (databases.includes('postgres')) lines.push(...(await drillPostgres({ rows, servers, how })))
  return report(lines)
}

/**
 * @param {object} options
 * @param {number} options.rows
 * @param {boolean} options.servers
 * @param {ConstructorParameters<typeof Drill>[1]} options.how
 * @returns {Promise<Line[]>}
 */
async function drillPostgres({ rows, servers, how }) {
  const own = matchingServer()
  if (own === undefined) {
    const tools = toolsMajor()
    const skipped = tools === undefined ? 'pg_dump is not in PATH' : `there is no server for pg_dump ${tools}`
    return [{ database: 'postgres', scenario: 'all', runs: 0, kills: 0, left: 0, lost: 0, skipped }]
  }
  /** @type {Line[]} */
  const lines = []
  /** @type {Map<number, import('../postgres.mjs').Server>} */
  const started = new Map()
  const serverOf = async (/** @type {number} */ major) => {
    const server =
      started.get(major) ??
      (await startPostgres(major === bundledServer ? undefined : await installServer(String(major))))
    started.set(major, server)
    return { major, url: server.url }
  }
  try {
    const { url } = await serverOf(own)
    await queryAt(url, 'SELECT 1')
    const drilled = await openPostgres({ server: url, rows })
    try {
      lines.push(...(await new Drill(drilled, how).run()))
    } finally {
      await drilled.close()
    }
    lines.push(await fullDiskPostgres(url, Math.min(rows, fewRows)))
    if (servers) {
      const majors = [...Object.keys(olderServers).map(Number), bundledServer]
      const pairs = [
        ...majors
          .filter((major) => major < own)
          .slice(0, 1)
          .flatMap(
            (major) =>
              /** @type {const} */ ([
                [major, major],
                [major, own],
                [own, major],
              ]),
          ),
        ...majors
          .filter((major) => major > own)
          .slice(-1)
          .flatMap(
            (major) =>
              /** @type {const} */ ([
                [own, major],
                [major, major],
              ]),
          ),
      ]
      for (const [from, to] of pairs) {
        how.say(`postgres: from ${from} to ${to}`)
        lines.push(
          await betweenServers({ from: await serverOf(from), to: await serverOf(to), rows: Math.min(rows, fewRows) }),
        )
      }
    }
  } finally {
    for (const server of started.values()) await server.stop()
  }
  return lines
}

/**
 * Random numbers from 0 to 1 that depend only on the seed: mulberry32.
 *
 * @param {number} seed
 */
function randomOf(seed) {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
