import { rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { installPrograms } from '../lib/install-programs.mjs'
import { root } from '../lib/process.mjs'

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
  return installPrograms(`databases/${name}`, packages, {
    args: ['--ignore-scripts', '--save-exact'],
    complete: (folder) => {
      for (const driver of drivers) {
        rmSync(join(folder, 'node_modules', driver), { recursive: true, force: true })
        symlinkSync(join(root, 'node_modules', driver), join(folder, 'node_modules', driver))
      }
    },
  })
}
