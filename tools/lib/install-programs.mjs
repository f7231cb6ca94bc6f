import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root, run } from './process.mjs'

/**
 * Installs packages of npm beside the project, which does not depend on them, unless they are there in these versions.
 *
 * @param {string} folder for them, below `node_modules/.cache`
 * @param {Readonly<Record<string, string>>} packages versions by name; may be none
 * @param {object} [options]
 * @param {readonly string[]} [options.args] of `npm install`
 * @param {(folder: string) => void} [options.complete] adds to what was installed
 * @returns {Promise<string>} the folder in which they are installed
 * @throws {Error} if they cannot be installed
 */
export async function installPrograms(folder, packages, { args = [], complete } = {}) {
  const place = join(root, 'node_modules', '.cache', folder)
  const what = Object.entries(packages).map(([library, version]) => `${library}@${version}`)
  const done = join(place, `${what.join(' ').replaceAll('/', '+')}.installed`)
  if (existsSync(done)) return place
  rmSync(place, { recursive: true, force: true })
  mkdirSync(place, { recursive: true })
  writeFileSync(join(place, 'package.json'), JSON.stringify({ private: true }))
  if (what.length > 0) {
    const install = ['install', '--prefix', place, '--no-audit', '--no-fund', ...args, ...what]
    if ((await run('npm', install, { quiet: true, cwd: place })) !== 0)
      throw new Error(`${what.join(' ')} cannot be installed`)
    complete?.(place)
  }
  writeFileSync(done, '')
  return place
}
