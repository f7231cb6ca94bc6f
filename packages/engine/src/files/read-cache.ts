import { existsSync, statSync } from 'node:fs'
import path from 'node:path'

import type { Revision } from '../revision/revision'
import { cacheFileOf, readCacheFile, sumOf, writeCacheFile } from './cache-file'

/** Raised whenever what is read from a file changes. */
const formatVersion = 3

/** Where nothing is cached yet, a directory with fewer files is not worth a folder for it. */
const worthwhile = 200

/**
 * Milliseconds. Clocks of file systems are coarse: a file that changed this shortly before it was read may change again
 * and keep its times. So its times are not trusted, only its content.
 */
const coarseness = 2500

/** Size, modification time, inode change time, inode: at least one differs after a file is written or replaced. */
export type Stamp = readonly [size: number, mtimeMs: number, ctimeMs: number, ino: number]

/** As stored: path and checksum are the same for a whole entry, and {@link restore} adds them again. */
type Kept = Omit<Revision, 'path' | 'checksum'> & { path?: string; checksum?: string }

/** One file: its stamp, null if not trusted; SHA-256 of its text; its revisions. */
type Entry = readonly [stamp: Stamp | null, checksum: string, revisions: readonly Kept[]]

/** A file that must be parsed because its text is not in the cache. */
export interface Unparsed {
  readonly file: string
  readonly text: string
  readonly checksum: string
  readonly stamp: Stamp | null
}

/** Counts the work done, for tests. */
export interface ReadCounts {
  /** Files whose text was read. */
  read: number
  /** Files that were parsed as well. */
  parsed: number
}

/**
 * The revisions in the files of one directory, from the last read. A file with the same size, times and inode is not
 * opened; a file with the same text is not parsed. So nothing has to be invalidated, and a result is never older than its
 * file. A cache that is missing, damaged, from another version or not writable is ignored; it is never an error.
 */
export class DirectoryCache {
  readonly #file: string | null
  readonly #head: readonly [number, string, string]
  readonly #before: ReadonlyMap<string, Entry>
  readonly #after = new Map<string, Entry>()
  #changed = false

  /**
   * @param cacheDirectory null: no cache
   * @param directory absolute; files are direct members of it
   * @param files number of revision files in it
   * @param version of the tool: another one may read the files differently
   */
  constructor(
    cacheDirectory: string | null,
    private readonly directory: string,
    files: number,
    version: string,
    private readonly counts: ReadCounts = { read: 0, parsed: 0 },
  ) {
    this.#head = [formatVersion, version, directory]
    this.#file =
      cacheDirectory === null || files === 0 || (files < worthwhile && !hasPlace(cacheDirectory))
        ? null
        : cacheFileOf(cacheDirectory, 'revisions', directory)
    this.#before = this.#file === null ? new Map() : readCacheFile(this.#file, this.#head)
  }

  /**
   * The revisions of a file if they are cached; otherwise its text, to be parsed and passed to {@link learn}.
   *
   * @param read returns the text of a file
   */
  find(file: string, read: (file: string) => string): readonly Revision[] | Unparsed {
    const name = this.#nameOf(file)
    const known = this.#before.get(name)
    const stamp = this.#file === null ? null : stampOf(file)
    if (known !== undefined && stamp !== null && sameStamp(known[0], stamp)) {
      this.#after.set(name, known)
      return restore(file, known)
    }
    this.counts.read++
    const text = read(file)
    const checksum = sumOf(text)
    // Taken before the text was read: if the file changed in between, the next stamp differs.
    const believed = stamp !== null && Date.now() - Math.max(stamp[1], stamp[2]) > coarseness ? stamp : null
    if (known?.[1] !== checksum) return { file, text, checksum, stamp: believed }
    const entry: Entry = [believed, checksum, known[2]]
    this.#changed ||= believed !== null
    this.#after.set(name, entry)
    return restore(file, entry)
  }

  /** Adds the revisions of a file that {@link find} did not know. */
  learn({ file, checksum, stamp }: Unparsed, revisions: readonly Revision[]): void {
    this.counts.parsed++
    this.#changed = true
    this.#after.set(this.#nameOf(file), [stamp, checksum, revisions])
  }

  /** The stamps of all files, in their order; undefined unless all are trusted. Call it after all files were read. */
  get stamps(): readonly (readonly [name: string, stamp: Stamp])[] | undefined {
    if (this.#file === null) return undefined
    const stamps: (readonly [string, Stamp])[] = []
    for (const [name, [stamp]] of this.#after) {
      if (stamp === null) return undefined
      stamps.push([name, stamp])
    }
    return stamps.sort(([a], [b]) => (a < b ? -1 : 1))
  }

  /** Cheaper than `path.relative`; called thousands of times. */
  #nameOf(file: string): string {
    return file.slice(this.directory.length + (this.directory.endsWith(path.sep) ? 0 : 1))
  }

  /** Writes the cache. Call it after all files were read. */
  save(): void {
    if (this.#file === null || (!this.#changed && this.#after.size === this.#before.size)) return
    const entries = [...this.#after].map(([name, [stamp, checksum, revisions]]): [string, Entry] => [
      name,
      [stamp, checksum, revisions.map((revision) => ({ ...revision, path: undefined, checksum: undefined }))],
    ])
    writeCacheFile(this.#file, this.#head, entries)
  }
}

/** Changes the parsed objects in place: copying thousands of them would be most of the work. */
function restore(file: string, [, checksum, revisions]: Entry): readonly Revision[] {
  return revisions.map((kept) => {
    kept.path = file
    kept.checksum = checksum
    return kept as Revision
  })
}

/** The stamp of a file; null if it cannot be had, and reading the file then reports the reason. */
export function stampOf(file: string): Stamp | null {
  try {
    const { size, mtimeMs, ctimeMs, ino } = statSync(file)
    return [size, mtimeMs, ctimeMs, ino]
  } catch {
    return null
  }
}

function sameStamp(a: Stamp | null, b: Stamp): boolean {
  return a?.every((value, index) => value === b[index]) === true
}

/** Whether there is a folder for caches: `node_modules`, of which the cache is `.cache/aludel`. */
function hasPlace(cacheDirectory: string): boolean {
  return existsSync(path.dirname(path.dirname(cacheDirectory)))
}
