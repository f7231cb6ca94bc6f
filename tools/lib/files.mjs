import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './process.mjs'

const notOurs = new Set(['node_modules', 'dist', 'coverage', 'data', '.git', '.nx', '.cache'])

/**
 * The files of the project: those under version control, and new ones that are not ignored. Without a Git checkout (in an
 * unpacked archive), all files except installed and built ones.
 *
 * @returns {string[]} paths relative to the root, with forward slashes, sorted
 */
export function projectFiles() {
  const list = existsSync(join(root, '.git')) ? listed() : walked('')
  return list.filter((path) => existsSync(join(root, path))).sort()
}

function listed() {
  const args = ['ls-files', '-z', '--cached', '--others', '--exclude-standard']
  const output = execFileSync('git', args, { cwd: root, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 })
  return output.split('\0').filter((path) => path !== '')
}

/**
 * @param {string} folder
 * @returns {string[]}
 */
function walked(folder) {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`
    if (entry.isDirectory()) return notOurs.has(entry.name) ? [] : walked(path)
    // The compiler may write these while the files are listed.
    return entry.isFile() && !path.endsWith('.tsbuildinfo') ? [path] : []
  })
}
