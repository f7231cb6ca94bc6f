// The process of warm.mjs: runs the command lines that it is sent, one after the other.
const { statSync } = require('node:fs')
const { join, sep } = require('node:path')
const process = require('node:process')
const { runCommandLine } = require('../testing/native.cjs')

/** @typedef {import('../testing/native.cjs').Run} Run */

/** @type {Map<string, string>} what is known of each loaded file of the installation */
const loaded = new Map()

process.on('message', (/** @type {Run} */ run) => void answer(run))
process.on('disconnect', () => process.exit())

/** @param {Run} run */
async function answer(run) {
  if ([...loaded].some(([file, stamp]) => stampOf(file) !== stamp)) return process.send?.('stale')
  const { code, output } = await runCommandLine(run)
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
  for (const file of Object.keys(require.cache)) {
    if (file.startsWith(folder) && !loaded.has(file)) loaded.set(file, stampOf(file))
  }
}

/** @param {string} file */
function stampOf(file) {
  const stat = statSync(file, { bigint: true, throwIfNoEntry: false })
  return stat ? `${stat.ino} ${stat.size} ${stat.mtimeNs} ${stat.ctimeNs}` : ''
}
