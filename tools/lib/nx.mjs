import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { root, run } from './process.mjs'

/** The names of the packages, which are also the names of their nx projects and folders. */
export const packageNames = readdirSync(join(root, 'packages'), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name)

/**
 * Runs targets of all projects in the order of their dependencies. Results of unchanged projects come from the cache.
 *
 * It uses no daemon and no cloud: a result depends only on this folder, and no process outlives the command.
 *
 * @param {string[]} targets
 * @param {object} [options]
 * @param {boolean} [options.quiet] show the output only if something fails
 * @returns {Promise<number>} the exit code
 */
export function runTargets(targets, { quiet = false } = {}) {
  return run('nx', ['run-many', '--outputStyle=static', '-t', ...targets], {
    env: { NX_DAEMON: 'false', NX_NO_CLOUD: 'true', NX_TUI: 'false' },
    quiet,
  })
}
