import { createHash } from 'node:crypto'
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'

/**
 * Describes a folder with one line for each path: its kind, permissions and content. It reads every file, unlike the code that is
 * tested with it.
 *
 * @param {string} folder
 * @param {string} [path] inside the folder
 * @returns {string[]}
 */
export function stateOf(folder, path = '') {
  const place = join(folder, path)
  const stat = lstatSync(place)
  const line = `${path} ${stat.mode.toString(8)}`
  if (stat.isSymbolicLink()) return [`${line} -> ${readlinkSync(place)}`]
  if (stat.isFile()) {
    const digest = createHash('sha256').update(readFileSync(place)).digest('hex')
    return [`${line} ${digest} ${Math.round(stat.mtimeMs)}`]
  }
  if (!stat.isDirectory()) return [line]
  return [
    line,
    ...readdirSync(place)
      .sort()
      .flatMap((name) => stateOf(folder, join(path, name))),
  ]
}
