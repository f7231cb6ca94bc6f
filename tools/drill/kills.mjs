import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { requireSameSchema, requireThat } from './checks.mjs'
import { aludel, succeed } from './command.mjs'

/** @typedef {import('./run.mjs').Drill} Drill */
/** @typedef {import('./run.mjs').Line} Line */

/**
 * @param {Drill} drill
 * @param {Line} line
 */
export async function killBackups(drill, line) {
  const { drilled } = drill
  const { folder } = drilled
  const backups = join(folder, 'backups')
  const known = new Set(readdirSync(backups))
  while (line.kills < drill.kills) {
    const { signal, ms } = await aludel(folder, ['backup', 'create'], { killAfterMs: drill.moment(drill.took.backup) })
    line.runs += 1
    if (signal !== null) line.kills += 1
    // On a machine that does other things as well, the time that it takes changes.
    else drill.took.backup = ms
    const fresh = readdirSync(backups).filter((name) => !known.has(name))
    const complete = fresh.filter((name) => /^[^.].*\.json$/.test(name)).map((name) => name.slice(0, -'.json'.length))
    if (signal !== null && fresh.length > 0 && complete.length === 0) line.left += 1
    for (const id of complete) {
      // What has a manifest is whole.
      const { code, output } = await aludel(folder, ['backup', 'verify', id])
      requireThat(code === 0, `a killed process left the backup ${id}, which is damaged: ${output}`)
      for (const name of fresh.filter((one) => one.startsWith(id))) rmSync(join(backups, name), { force: true })
    }
  }
  await drill.compare(line)
  const { json } = await succeed(folder, ['backup', 'create'])
  const left = readdirSync(backups).filter(
    (name) => !known.has(name) && !name.startsWith(json.id) && name.startsWith('.'),
  )
  requireThat(left.length === 0, `${left.length} unfinished files are left: ${left.join(', ')}`)
}

/**
 * @param {Drill} drill
 * @param {Line} line
 */
export async function killRestores(drill, line) {
  const { drilled } = drill
  const { folder } = drilled
  while (line.kills < drill.kills) {
    const marks = Number((await drilled.query('SELECT count(*) AS n FROM marks'))[0]?.['n'])
    if (marks === 0) await drilled.query('INSERT INTO marks VALUES (1)')
    const args = [
      'backup',
      'restore',
      drill.id,
      '--yes',
      '--disconnect',
      ...(line.runs % 2 === 0 ? [] : ['--drop-old']),
    ]
    const { signal, code, ms, errors, output } = await aludel(folder, args, {
      killAfterMs: drill.moment(drill.took.restore),
    })
    line.runs += 1
    if (signal !== null) line.kills += 1
    else drill.took.restore = ms
    requireThat(signal !== null || code === 0, `a restore failed: ${errors}${output}`)
    const left = (await drilled.beside()).filter((name) => drilled.isUnfinished(name))
    if (left.length > 0) line.left += 1
    // One whole database, whichever of the two.
    await drill.compare(line, { isMoving: true })
    for (const name of await drilled.beside()) {
      if (!drilled.isUnfinished(name)) await compareKept(drill, line, name)
    }
    requireThat(line.lost === 0, line.problem ?? 'rows are lost')
  }
  await succeed(folder, ['backup', 'restore', drill.id, '--yes', '--disconnect', '--drop-old'])
  await drill.compare(line)
  requireSameSchema(await drilled.schema(), drill.schema)
  await drill.dropLeft(line)
}

/**
 * What was replaced is whole, and is not needed any more.
 *
 * @param {Drill} drill
 * @param {Line} line
 * @param {string} name
 */
async function compareKept(drill, line, name) {
  await drill.compare(line, { isMoving: true, name })
  await drill.drilled.remove(name)
}
