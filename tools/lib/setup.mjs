import { installIfNeeded } from './install.mjs'
import { withLock } from './lock.mjs'
import { run } from './process.mjs'

/**
 * Installs the dependencies, unless they are installed.
 *
 * @returns {Promise<number>} the exit code
 */
export function install() {
  return withLock('setup', installIfNeeded)
}

/**
 * Builds the packages, unless they are up to date.
 *
 * @param {object} [options]
 * @param {boolean} [options.quiet] show the output of the compiler only if it fails
 * @returns {Promise<number>} the exit code
 */
export function build({ quiet = false } = {}) {
  return run('node', ['tools/run.mjs', 'workspace:build', '--', 'node', 'tools/build.mjs'], { quiet })
}

/**
 * Installs the dependencies and builds the packages, unless they are up to date. Every command begins with it.
 *
 * @param {object} [options]
 * @param {boolean} [options.quiet] show the output of the compiler only if it fails
 * @returns {Promise<number>} the exit code of the step that failed, or 0
 */
export async function setUp({ quiet = false } = {}) {
  return (await install()) || build({ quiet })
}
