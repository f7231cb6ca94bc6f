import { appendFileSync, copyFileSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { requireThat } from './checks.mjs'
import { aludel } from './command.mjs'

/** @typedef {import('./run.mjs').Drill} Drill */
/** @typedef {import('./run.mjs').Line} Line */

/**
 * @param {Drill} drill
 * @param {Line} line
 */
export async function badFiles(drill, line) {
  const { drilled } = drill
  const { folder, dialect } = drilled
  const ending = dialect === 'sqlite' ? '.db' : '.dump'
  const good = join(folder, 'backups', drill.id + ending)
  const size = statSync(good).size
  const bad = join(folder, `bad${ending}`)
  const kinds = /** @type {const} */ ([
    ['truncated', () => truncateSync(bad, Math.floor(size / 2))],
    ['empty', () => truncateSync(bad, 0)],
    ['foreign', () => writeFileSync(bad, 'this is a letter')],
    [
      'of the other database',
      () => writeFileSync(bad, dialect === 'sqlite' ? 'PGDMP\u0001\u000e' : 'SQLite format 3\0'),
    ],
    ['damaged', () => overwrite(bad, size)],
  ])
  for (const [kind, spoil] of kinds) {
    copyFileSync(good, bad)
    spoil()
    const { code, json, output } = await aludel(folder, ['backup', 'restore', '--file', bad, '--yes'])
    line.runs += 1
    requireThat(code === 1 && json?.error !== undefined, `a file that is ${kind} was not refused: ${output}`)
  }
  rmSync(bad)
  const kept = readFileSync(good)
  appendFileSync(good, 'x')
  const { code, json } = await aludel(folder, ['backup', 'restore', drill.id, '--yes'])
  requireThat(code === 1 && json?.error?.code === 'ALUDEL_RESTORE', 'a backup that was changed was not refused')
  requireThat((await aludel(folder, ['backup', 'verify', drill.id])).code === 3, 'verify did not find a change')
  writeFileSync(good, kept)
  line.runs += 1
  await drill.compare(line)
  requireThat((await drilled.beside()).length === 0, 'something was left')
}

/**
 * @param {string} file
 * @param {number} size
 */
function overwrite(file, size) {
  const content = readFileSync(file)
  content.fill(0xa5, Math.floor(size * 0.4), Math.floor(size * 0.6))
  writeFileSync(file, content)
}
