import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root, run } from '../lib/process.mjs'
import { messageOf } from './measure.mjs'

/**
 * The programs to compare with that are no dependencies of the project: together they take 200 MB, and only `npm run bench`
 * needs them. What a program needs beside itself is listed with it.
 */
export const peerVersions = {
  dbmate: { dbmate: '2.36.0' },
  'node-pg-migrate': { 'node-pg-migrate': '9.0.0', pg: '8.23.1' },
  'drizzle-kit': { 'drizzle-kit': '0.31.11', 'drizzle-orm': '0.45.4' },
  prisma: { prisma: '7.10.1' },
}

/** @typedef {keyof typeof peerVersions} PeerName */

const cache = join(root, 'node_modules', '.cache', 'bench-peers')

/**
 * Installs a program into the cache, unless it is there.
 *
 * @param {PeerName} name
 * @returns {Promise<string>} the folder in which it is installed
 * @throws {Error} if it cannot be installed
 */
async function installPeer(name) {
  const what = Object.entries(peerVersions[name]).map(([library, version]) => `${library}@${version}`)
  const folder = join(cache, name)
  const done = join(folder, `${what.join(' ').replaceAll('/', '+')}.installed`)
  if (existsSync(done)) return folder
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true }))
  const code = await run('npm', ['install', '--prefix', folder, '--no-audit', '--no-fund', ...what], {
    quiet: true,
    cwd: folder,
  })
  if (code !== 0) throw new Error(`${what.join(' ')} cannot be installed`)
  writeFileSync(done, '')
  return folder
}

/**
 * A peer that is installed on demand. One that cannot be installed is skipped; one that does not work fails when it is run.
 *
 * @param {import('./setting.mjs').Setting} setting
 * @param {{ name: string, goal?: number }} peer
 * @param {PeerName} program
 * @param {(folder: string) => Promise<import('./measure.mjs').Peer | import('./measure.mjs').SkippedPeer>} make receives the folder in
 *   which it is installed
 * @returns {Promise<import('./measure.mjs').Peer | import('./measure.mjs').SkippedPeer>}
 */
export async function installed(setting, peer, program, make) {
  if (!setting.install) return { ...peer, skipped: 'not installed with --quick' }
  let folder
  try {
    setting.say(`installing ${program}, unless it is there`)
    folder = await installPeer(program)
  } catch (error) {
    return { ...peer, skipped: messageOf(error) }
  }
  try {
    return await make(folder)
  } catch (error) {
    return { ...peer, prepare: () => Promise.reject(error) }
  }
}
