import { readdirSync } from 'node:fs'
import path from 'node:path'

import { isTemporary } from '../dialect/temporary-files'
import { sumOf } from './cache-file'
import { type Stamp, stampOf } from './read-cache'

/** Names and stamps of the revision files of one directory, by name. */
export type StampedFiles = readonly (readonly [name: string, stamp: Stamp])[]

/** Whether a file of this name may hold a revision: not a declaration, a test, or a hidden file. */
export function isRevisionFile(name: string): boolean {
  return /\.[cm]?[jt]s$/.test(name) && !/(^\.)|\.d\.[cm]?ts$|\.(test|spec)\.[cm]?[jt]s$/.test(name)
}

/** A sum of the files of directories, as they look from outside. If it is the same, what is in them is the same. */
export function fingerprint(directories: readonly StampedFiles[]): string {
  return sumOf(
    directories.map((files) => files.map(([name, stamp]) => `${name}\0${stamp.join()}`).join('\0')).join('\0\0'),
  )
}

/**
 * The {@link fingerprint} of directories now; no file is opened.
 *
 * @param directories absolute
 * @returns undefined if a directory or a file cannot be looked at, or if an interrupted command has left files there, which
 *   reading the directory clears
 */
export function fingerprintOf(directories: readonly string[]): string | undefined {
  const all: StampedFiles[] = []
  try {
    for (const directory of directories) {
      const names = readdirSync(directory)
      if (names.some((name) => name.startsWith('.') && isTemporary(name))) return undefined
      const files: (readonly [string, Stamp])[] = []
      for (const name of names.filter(isRevisionFile).sort()) {
        const stamp = stampOf(directory + path.sep + name)
        if (stamp === null) return undefined
        files.push([name, stamp])
      }
      all.push(files)
    }
  } catch {
    return undefined
  }
  return fingerprint(all)
}
