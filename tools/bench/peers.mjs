import { installPrograms } from '../lib/install-programs.mjs'
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
    folder = await installPrograms(`bench-peers/${program}`, peerVersions[program])
  } catch (error) {
    return { ...peer, skipped: messageOf(error) }
  }
  try {
    return await make(folder)
  } catch (error) {
    return { ...peer, prepare: () => Promise.reject(error) }
  }
}
