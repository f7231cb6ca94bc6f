import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'

import { sweepTemporary, temporaryBeside } from '../dialect/temporary-files'

/** What the entries depend on: the format of the file, the version of the tool. Those of another head are ignored. */
type Head = readonly (string | number)[]

/**
 * The file of the cache for one directory or project.
 *
 * @param kind of its entries, with which its name begins
 * @param subject a path: those of others have other files
 */
export function cacheFileOf(directory: string, kind: string, subject: string): string {
  return path.join(directory, `${kind}-${sumOf(subject).slice(0, 16)}.json`)
}

/**
 * Reads a file of the cache.
 *
 * @returns its entries; none if it is missing or damaged, cannot be read, or has another head
 */
export function readCacheFile<Entry>(file: string, head: Head): ReadonlyMap<string, Entry> {
  try {
    const text = readFileSync(file, 'utf8')
    const end = text.indexOf('\n')
    const document = text.slice(end + 1)
    if (sumOf(document) !== text.slice(0, end)) return new Map()
    const [found, entries] = JSON.parse(document) as [Head, [string, Entry][]]
    return JSON.stringify(found) === JSON.stringify(head) ? new Map(entries) : new Map()
  } catch {
    return new Map()
  }
}

/** Writes a file of the cache. Never fails: in a read-only checkout or on a full disk, the next command does the work again. */
export function writeCacheFile(file: string, head: Head, entries: readonly (readonly [string, unknown])[]): void {
  const partial = temporaryBeside(file)
  void sweepTemporary(path.dirname(file))
  const document = JSON.stringify([head, entries])
  try {
    mkdirSync(path.dirname(file), { recursive: true })
    // Written to another name and renamed: two processes may write at once, and one may be killed.
    writeFileSync(partial, `${sumOf(document)}\n${document}`)
    renameSync(partial, file)
  } catch {
    try {
      rmSync(partial, { force: true })
    } catch {
      // It is swept later.
    }
  }
}

/** SHA-256 in hex digits. */
export function sumOf(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
