// The process of warm.mjs: runs the command lines that it is sent, one after the other.
import { createRequire } from 'node:module'
import { join, sep } from 'node:path'
import process from 'node:process'
import native from '../testing/native.cjs'
import { stampAt } from './snapshot.mjs'

/** @typedef {import('../testing/native.cjs').Run} Run */

/** What the command line has loaded, by file. */
const { cache } = createRequire(import.meta.url)

/** @type {Map<string, string | undefined>} what is known of each loaded file of the installation */
const loaded = new Map()

process.on('message', (/** @type {Run} */ run) => void answer(run))
process.on('disconnect', () => process.exit())

/** @param {Run} run */
async function answer(run) {
  if ([...loaded].some(([file, stamp]) => stampAt(file) !== stamp)) return process.send?.('stale')
  const { code, output } = await native.runCommandLine(run)
  remember(join(run.installation, 'packages') + sep)
  return process.send?.({ code, output: output.trimEnd() })
}

/**
 * A document may build the packages anew. What has been loaded of them stays in this process, so that another one must run what
 * follows.
 *
 * @param {string} folder
 */
function remember(folder) {
  for (const file of Object.keys(cache)) {
    if (file.startsWith(folder) && !loaded.has(file)) loaded.set(file, stampAt(file))
  }
}
