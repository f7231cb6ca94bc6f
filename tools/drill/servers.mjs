import { requireThat, same } from './checks.mjs'
import { aludel, succeed } from './command.mjs'
import { fingerprintAt, openPostgres, queryAt } from './postgres.mjs'
import { first } from './project.mjs'

/** @typedef {import('./run.mjs').Line} Line */
/** @typedef {import('./run.mjs').Fingerprint} Fingerprint */

/**
 * A backup of one server, restored on another.
 *
 * @param {object} options
 * @param {{ readonly major: number, readonly url: string }} options.from
 * @param {{ readonly major: number, readonly url: string }} options.to
 * @param {number} options.rows
 * @returns {Promise<Line>}
 */
export async function betweenServers({ from, to, rows }) {
  /** @type {Line} */
  const line = {
    ...{ database: 'postgres', runs: 0, kills: 0, left: 0, lost: 0 },
    scenario: from.major === to.major ? `on PostgreSQL ${from.major}` : `from PostgreSQL ${from.major} to ${to.major}`,
  }
  const drilled = await openPostgres({ server: from.url, rows })
  const url = new URL(to.url)
  url.pathname = `/${drilled.database}`
  const env = { DRILL_URL: url.href }
  try {
    await succeed(drilled.folder, ['upgrade', first])
    await drilled.fill()
    const before = await drilled.fingerprint()
    const made = await aludel(drilled.folder, ['backup', 'create'])
    line.runs += 1
    if (made.code !== 0) {
      requireThat(made.json?.error?.code === 'ALUDEL_BACKUP_TOOLS', `the backup failed: ${made.output}`)
      line.skipped = `refused: ${made.json.error.message}`
      return line
    }
    const restored = await aludel(drilled.folder, ['backup', 'restore', made.json.id, '--yes', '--disconnect'], { env })
    if (restored.code === 0) {
      const there = await fingerprintAt(url.href)
      const rowsOf = (/** @type {Fingerprint} */ found) =>
        Object.fromEntries(Object.entries(found).filter(([name]) => !/aludel_journal/.test(name)))
      requireThat(same(rowsOf(there), rowsOf(before)), 'rows differ between the servers')
    } else {
      requireThat(restored.json?.error !== undefined, `it ended without an error: ${restored.errors}`)
      line.skipped = `refused: ${restored.json.error.message}`
      const names = (await queryAt(to.url, 'SELECT datname::text AS name FROM pg_database')).map((row) =>
        String(row['name']),
      )
      const left = names.filter(
        (name) => name.startsWith(drilled.database) && (from.url !== to.url || name !== drilled.database),
      )
      requireThat(left.length === 0, `it left ${left.join(', ')}`)
    }
  } catch (error) {
    line.problem = error instanceof Error ? error.message : String(error)
  } finally {
    const names = await queryAt(
      to.url,
      `SELECT datname::text AS name FROM pg_database WHERE datname LIKE '${drilled.database}%'`,
    )
    for (const { name } of names) await queryAt(to.url, `DROP DATABASE IF EXISTS "${String(name)}" WITH (FORCE)`)
    await drilled.close()
  }
  return line
}
