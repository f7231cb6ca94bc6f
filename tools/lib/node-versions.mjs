import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { root, run } from './process.mjs'

/** The major versions of Node that `engines` in package.json supports; npm installs the newest release of each. */
export const nodeLines = ['20', '22', '24']

/** The major version of the current Node. */
export const ownLine = String(process.versions.node.split('.')[0])

/**
 * Installs a Node with its headers into the cache, from the npm package for this platform, unless it is there.
 *
 * @param {string} line one of {@link nodeLines}
 * @returns {Promise<string>} its folder, with `bin` and `include`
 */
export async function installNode(line) {
  const name = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`
  const folder = join(root, 'node_modules', '.cache', `node-${line}`)
  const home = join(folder, 'node_modules', name)
  const done = join(folder, 'installed')
  if (existsSync(done)) return home
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n')
  console.log(`Installing ${name}@${line}.`)
  const code = await run('npm', ['install', '--prefix', folder, '--no-audit', '--no-fund', `${name}@${line}`], {
    quiet: true,
  })
  if (code !== 0) throw new Error(`${name}@${line} cannot be installed`)
  writeFileSync(done, '')
  return home
}
