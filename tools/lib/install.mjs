import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root, run } from './process.mjs'

const lockFile = join(root, 'package-lock.json')
const installedLockFile = join(root, 'node_modules', '.package-lock.json')
const stampFile = join(root, 'node_modules', '.aludel-install')

/**
 * Installs the dependencies of the lockfile, unless they are installed. This check does not start npm, so that a second
 * `npm start` takes seconds.
 *
 * @returns {Promise<number>} the exit code of npm, 0 if there was nothing to do
 */
export async function installIfNeeded() {
  const wanted = fingerprint()
  if (existsSync(stampFile) ? readFileSync(stampFile, 'utf8') === wanted : isInstalled()) return 0
  console.log('Installing the dependencies. Where no prebuilt SQLite is to be had, it is compiled: 2 minutes.')
  // Not `npm ci`: it refuses a lockfile without the optional packages for other platforms, some of which were never published.
  // `npm install` uses every version and hash of the lockfile, and `--no-save` does not change it.
  const code = await run('npm', ['install', '--no-save', '--no-audit', '--no-fund'])
  if (code === 0) writeFileSync(stampFile, wanted)
  return code
}

/** Identifies an installation by the lockfile and the binary interface of native packages. */
function fingerprint() {
  const lock = createHash('sha256').update(readFileSync(lockFile)).digest('hex')
  return [lock, process.versions.modules, process.platform, process.arch].join(' ')
}

/** Whether node_modules, installed by hand and thus without our stamp, matches the lockfile. */
function isInstalled() {
  if (!existsSync(installedLockFile)) return false
  const wanted = packagesOf(lockFile)
  const installed = packagesOf(installedLockFile)
  return Object.entries(wanted).every(([path, entry]) => {
    if (!path.startsWith('node_modules/') || entry.optional) return true
    return installed[path]?.version === entry.version
  })
}

/**
 * @param {string} file a package-lock.json
 * @returns {Record<string, { version?: string, optional?: boolean }>}
 */
function packagesOf(file) {
  return JSON.parse(readFileSync(file, 'utf8')).packages
}
