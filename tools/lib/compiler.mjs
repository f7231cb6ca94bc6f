import { join } from 'node:path'
import process from 'node:process'
import { root, run } from './process.mjs'

/**
 * The compiler of TypeScript 7, which is written in Go and takes a fifth of the time of TypeScript 6. TypeScript 6 is installed
 * too, since typescript-eslint uses its API.
 */
const compiler = join(root, 'node_modules', 'typescript-native', 'bin', 'tsc')

/**
 * Builds projects and those they reference, unless they are up to date.
 *
 * @param {string[]} projects folders or files, relative to the root
 * @returns {Promise<number>} the exit code
 */
export function compile(projects) {
  return run(process.execPath, [compiler, '-b', ...projects])
}
