// The process of warm.mjs: runs the command lines that it receives, one after the other.
import { createRequire } from 'node:module'
import { join, sep } from 'node:path'
import process from 'node:process'
import native from '../testing/native.cjs'
import { stampAt } from './snapshot.mjs'

/** @typedef {import('../testing/native.cjs').Run} Run */

/** The modules that the command line has loaded, by file. */
const { cache } = createRequire(import.meta.url)

/** @type {Map<string, string | undefined>} the stamp of each loaded file of the installation */
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
 * Whether a document rebuilt the packages. This process keeps the old modules, so another one must run the following commands.
 *
 * @param {string} folder
 */
function remember(folder) {
  for (const file of Object.keys(cache)) {
    if (file.startsWith(folder) && !loaded.has(file)) loaded.set(file, stampAt(file))
  }
}
