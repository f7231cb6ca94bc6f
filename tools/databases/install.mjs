import { existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root, run } from '../lib/process.mjs'

const cache = join(root, 'node_modules', '.cache', 'databases')

/** Drivers with native code, which the project has built already. */
const drivers = ['better-sqlite3', 'sqlite3', 'bindings', 'file-uri-to-path']

/**
 * Installs packages of npm into the cache, unless they are there. Their install scripts do not run.
 *
 * @param {string} name
 * @param {Readonly<Record<string, string>>} packages versions by name; the drivers for SQLite are those of the project
 * @returns {Promise<string>} the folder in which they are installed
 * @throws {Error} if they cannot be installed
 */
export async function install(name, packages) {
  const what = Object.entries(packages).map(([library, version]) => `${library}@${version}`)
  const folder = join(cache, name)
  const done = join(folder, `${what.join(' ').replaceAll('/', '+')}.installed`)
  if (existsSync(done)) return folder
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true }))
  if (what.length > 0) {
    const args = ['install', '--prefix', folder, '--ignore-scripts', '--no-audit', '--no-fund', '--save-exact', ...what]
    if ((await run('npm', args, { quiet: true, cwd: folder })) !== 0)
      throw new Error(`${what.join(' ')} cannot be installed`)
    for (const driver of drivers) {
      rmSync(join(folder, 'node_modules', driver), { recursive: true, force: true })
      symlinkSync(join(root, 'node_modules', driver), join(folder, 'node_modules', driver))
    }
  }
  writeFileSync(done, '')
  return folder
}
