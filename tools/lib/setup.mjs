import { installIfNeeded } from './install.mjs'
import { withLock } from './lock.mjs'
import { run } from './process.mjs'

/**
 * Installs the dependencies, as far as they are not.
 *
 * @returns {Promise<number>} the exit code
 */
export function install() {
  return withLock('setup', installIfNeeded)
}

/**
 * Builds the packages, as far as they are not.
 *
 * @param {object} [options]
 * @param {boolean} [options.quiet] show what the compiler prints only when it fails
 * @returns {Promise<number>} the exit code
 */
export function build({ quiet = false } = {}) {
  return run('node', ['tools/run.mjs', 'workspace:build', '--', 'node', 'tools/build.mjs'], { quiet })
}

/**
 * What every command begins with: the dependencies installed, and the packages built, as far as they are not.
 *
 * @param {object} [options]
 * @param {boolean} [options.quiet] show what the compiler prints only when it fails
 * @returns {Promise<number>} the exit code of what failed, 0 when nothing did
 */
export async function setUp({ quiet = false } = {}) {
  return (await install()) || build({ quiet })
}
