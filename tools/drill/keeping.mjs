import { requireSameSchema, requireThat } from './checks.mjs'
import { aludel, succeed } from './command.mjs'
import { dropping, first } from './project.mjs'
import { startWriter } from './writer-process.mjs'

/** @typedef {import('./run.mjs').Drill} Drill */
/** @typedef {import('./run.mjs').Line} Line */
/** @typedef {import('./run.mjs').Fingerprint} Fingerprint */

const upgrade = ['upgrade', dropping, '--keep-dropped', '--backup', 'never']
const downgrade = ['downgrade', first, '--yes', '--backup', 'never']

/** Rows that are inserted while something is kept, with ids above this number. */
const newRows = 10
const newFrom = 1_000_000_000

/**
 * Tables whose rows change from one upgrade to the next, and their sequences: a number that was taken stays taken when the transaction
 * is rolled back.
 */
const own = /\b(?:accounts|entries|marks|aludel_journal|migrations)(?:_id_seq)?\b/

/** @param {Drill} drill */
const insertNew = ({ drilled }) =>
  Promise.all(
    Array.from({ length: newRows }, (_row, at) =>
      drilled.query(
        `INSERT INTO items (id, parent_id, ${drilled.textColumn}) VALUES (${newFrom + at}, 1, 'new ${at}')`,
      ),
    ),
  )

/**
 * Rows that were inserted since are all there; and removes them, so that the database is as it was.
 *
 * @param {Drill} drill
 * @param {Line} line
 */
async function takeNew({ drilled }, line) {
  const [found] = await drilled.query(
    `SELECT count(*) AS n FROM items WHERE id >= ${newFrom} AND ${drilled.textColumn} = 'new ' || (id - ${newFrom})`,
  )
  const missing = newRows - Number(found?.['n'])
  line.lost += Math.max(0, missing)
  requireThat(missing === 0, `${missing} rows that were inserted since are missing`)
  await drilled.query(`DELETE FROM items WHERE id >= ${newFrom}`)
}

/**
 * An upgrade keeps what it drops while a writer is at work, rows are inserted, and the downgrade gives everything back.
 *
 * @param {Drill} drill
 * @param {Line} line
 */
export async function keepAndGive(drill, line) {
  const { drilled } = drill
  const { folder, dialect, address } = drilled
  const writer = startWriter(dialect, address)
  try {
    await writer.until(20)
    const up = await succeed(folder, upgrade)
    requireThat(up.json.kept?.length > 3, `too little was kept: ${up.output}`)
    await insertNew(drill)
    await writer.until(writer.last() + 20)
    const down = await succeed(folder, downgrade)
    await writer.until(writer.last() + 20)
    line.runs += 1
    drill.took.keep = up.ms
    drill.took.giveBack = down.ms
    requireThat(
      JSON.stringify(down.json.givenBack) === JSON.stringify(up.json.kept),
      `other things were given back than were kept: ${down.output}`,
    )
  } finally {
    await writer.stop()
  }
  await takeNew(drill, line)
  await expectBefore(drill, line)
  const [entries] = await drilled.query('SELECT count(*) AS rows, coalesce(max(n), 0) AS last FROM entries')
  const missing = Math.max(Number(entries?.['last']), writer.last()) - Number(entries?.['rows'])
  line.lost += Math.max(0, missing)
  requireThat(missing === 0, `${missing} entries that were committed meanwhile are missing`)
}

/**
 * Kills upgrades that keep, and downgrades that give back, while a writer is at work. After each kill, the next command must find the
 * database before or after the revision, with all rows.
 *
 * @param {Drill} drill
 * @param {Line} line
 */
export async function killKeeping(drill, line) {
  const { drilled, took } = drill
  const { folder, dialect, address } = drilled
  const killed = { upgrade: 0, downgrade: 0 }
  /** @type {readonly string[] | undefined} */
  let kept
  const writer = startWriter(dialect, address)
  try {
    await writer.until(5)
    while (killed.upgrade < drill.kills || killed.downgrade < drill.kills) {
      const direction = (await currentOf(folder)) === first ? 'upgrade' : 'downgrade'
      const work = direction === 'upgrade' ? 'keep' : 'giveBack'
      const isKilled = killed[direction] < drill.kills
      const { signal, code, ms, errors, output } = await aludel(folder, direction === 'upgrade' ? upgrade : downgrade, {
        ...(isKilled && { killAfterMs: drill.moment(took[work]) }),
      })
      line.runs += 1
      requireThat(signal !== null || code === 0, `a ${direction} failed: ${errors}${output}`)
      if (signal !== null) {
        line.kills += 1
        killed[direction] += 1
        if (await drilled.isInterrupted()) line.left += 1
        // Whatever the server still does for the killed process, nothing is to be mended.
        await currentOf(folder)
        await drilled.settle()
      } else took[work] = ms
      if ((await currentOf(folder)) === first) {
        if (direction === 'downgrade') await takeNew(drill, line)
        await expectBefore(drill, line)
      } else {
        if (direction === 'upgrade') await insertNew(drill)
        const now = keptIn(await drilled.fingerprint())
        kept ??= now
        const [missing, more] = [without(kept, now), without(now, kept)]
        line.lost += missing.length
        requireThat(
          missing.length + more.length === 0,
          `after a ${direction}, what is kept is not what was kept before: missing ${list(missing)}; more ${list(more)}`,
        )
      }
      requireThat(line.lost === 0, line.problem ?? 'rows are lost')
    }
  } finally {
    await writer.stop()
  }
  if ((await currentOf(folder)) !== first) {
    await succeed(folder, downgrade)
    await takeNew(drill, line)
  }
  await expectBefore(drill, line)
}

/**
 * The revision of the database, which has nothing to be mended: the command has mended it, or there was nothing.
 *
 * @param {string} folder
 * @returns {Promise<string>}
 */
async function currentOf(folder) {
  const { json, output } = await succeed(folder, ['current', '--verbose'])
  requireThat((json.findings ?? []).length === 0, `something is left to be mended: ${output}`)
  requireThat(json.current.join() === first || json.current.join() === dropping, `it is at ${json.current.join()}`)
  return json.current.join()
}

/**
 * Rows, schema and registry are as before the upgrade.
 *
 * @param {Drill} drill
 * @param {Line} line
 */
async function expectBefore(drill, line) {
  const { drilled } = drill
  await drill.compare(line, { isMoving: true })
  requireSameSchema(await drilled.schema(), drill.schema)
  const { json } = await succeed(drilled.folder, ['kept', 'list'])
  requireThat(json.kept.length === 0, `${json.kept.length} things are still kept`)
}

/**
 * @param {readonly string[]} all
 * @param {readonly string[]} those
 */
const without = (all, those) => all.filter((one) => !those.includes(one))

/** @param {readonly string[]} found */
const list = (found) => (found.length === 0 ? 'nothing' : found.join(', '))

/**
 * The contents of all tables, whatever the numbers of the kept ones.
 *
 * @param {Fingerprint} found
 */
function keptIn(found) {
  return Object.entries(found)
    .filter(([name]) => !own.test(name) && !/^aludel_kept$|^aludel_kept\.entries/.test(name))
    .map(([name, { rows, hash }]) => `${name.replace(/aludel_kept.*/, 'kept')} ${rows} ${hash}`)
    .sort()
}
