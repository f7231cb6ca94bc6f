import { execFileSync } from 'node:child_process'
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import process from 'node:process'

/** @typedef {'sqlite' | 'postgres'} DialectName */

/**
 * Where a program works: a folder of its own, and an empty database.
 *
 * @typedef {object} Place
 * @property {string} folder
 * @property {string} libraries the folder with its `node_modules`, which the folder has as well
 * @property {DialectName} dialect
 * @property {string} target the path of a SQLite file, or a URL
 * @property {(files: Readonly<Record<string, string>>) => void} write writes files, by their path in the folder
 * @property {(command: string, args: readonly string[], env?: Readonly<Record<string, string>>) => string} run runs a program to its end,
 *   and returns what it printed; one of the libraries goes by its name in `node_modules/.bin`
 */

/**
 * A program that migrates databases.
 *
 * @typedef {object} Program
 * @property {string} name that of its fixtures
 * @property {Readonly<Record<string, string>>} packages of npm
 * @property {readonly DialectName[]} dialects
 * @property {(place: Place) => void | Promise<void>} make runs its migrations
 * @property {(place: Place) => string | undefined} last what it shows as its last migration, in the words of `adopt`
 * @property {import('./rows.mjs').Rows} rows
 * @property {string} [version] of a program that is no package of npm
 */

/**
 * @param {string} folder
 * @param {string} libraries
 * @returns {Pick<Place, 'write' | 'run'>}
 */
export function runnerOf(folder, libraries) {
  const modules = join(libraries, 'node_modules')
  mkdirSync(modules, { recursive: true })
  symlinkSync(modules, join(folder, 'node_modules'))
  return {
    write(files) {
      for (const [path, text] of Object.entries(files)) {
        mkdirSync(dirname(join(folder, path)), { recursive: true })
        writeFileSync(join(folder, path), text)
      }
    },
    run(command, args, env = {}) {
      try {
        return execFileSync(command, args, {
          cwd: folder,
          encoding: 'utf8',
          stdio: ['ignore', 'pipe', 'pipe'],
          env: { ...process.env, PATH: `${join(modules, '.bin')}:/usr/bin:${process.env['PATH'] ?? ''}`, ...env },
        })
      } catch (error) {
        const { stdout = '', stderr = '' } = /** @type {{ stdout?: string, stderr?: string }} */ (error)
        throw new Error(`${command} ${args.join(' ')} failed\n${stdout}${stderr}`, { cause: error })
      }
    },
  }
}
