import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'

/**
 * The state of a path at the time of the snapshot.
 *
 * @typedef {object} Entry
 * @property {'folder' | 'file' | 'link'} kind
 * @property {number} mode permissions
 * @property {bigint} modified in nanoseconds
 * @property {Buffer | string | undefined} content of a file; target of a link
 * @property {string} stamp metadata of the file, which differs as soon as the file is changed
 */

/** Longer than a tick of any file system's clock. */
const tickMs = 20

/**
 * The content of a folder at one moment, which can be restored any number of times. It is kept in memory, where no command can
 * change it.
 *
 * Git could do this, except for its own files; rsync is not available everywhere.
 */
export class Snapshot {
  /**
   * By path; a folder precedes its content.
   *
   * @type {Map<string, Entry>}
   */
  #entries = new Map()
  #folder

  /** @param {string} folder */
  constructor(folder) {
    this.#folder = folder
    this.#take('')
    letClockTick()
  }

  /**
   * Restores content, permissions and modification times of files, links and folders. It writes only what was changed. Files are
   * compared by their change time, which no program can set, so that a change that keeps size and modification time is found too.
   */
  restore() {
    this.#clear('')
    for (const [path, entry] of this.#entries) {
      if (!this.#isIntact(path, entry)) this.#write(path, entry)
    }
    letClockTick()
  }

  /** @param {string} path */
  #take(path) {
    const stat = this.#stat(path)
    const kind = stat && kindOf(stat)
    if (stat === undefined || kind === undefined) throw new Error(`${path}: neither a file, a link nor a folder`)
    const place = join(this.#folder, path)
    const content = kind === 'file' ? readFileSync(place) : kind === 'link' ? readlinkSync(place) : undefined
    this.#entries.set(path, { kind, mode: permissions(stat), modified: stat.mtimeNs, content, stamp: stampOf(stat) })
    if (kind === 'folder') for (const name of readdirSync(place)) this.#take(join(path, name))
  }

  /**
   * Deletes paths that the snapshot does not contain, or contains as another kind.
   *
   * @param {string} path of a folder
   */
  #clear(path) {
    const place = join(this.#folder, path)
    const stat = this.#stat(path)
    if (stat === undefined) return
    if (kindOf(stat) !== 'folder') return rmSync(place)
    // Its permissions may prevent reading or deleting its content.
    const mode = this.#entries.get(path)?.mode ?? 0o700
    if (permissions(stat) !== mode) chmodSync(place, mode)
    for (const name of readdirSync(place)) {
      const inside = join(path, name)
      const wanted = this.#entries.get(inside)?.kind
      const found = this.#kindOf(inside)
      if (found === 'folder') this.#clear(inside)
      if (wanted === undefined || found !== wanted) rmSync(join(place, name), { recursive: true })
    }
  }

  /**
   * @param {string} path
   * @param {Entry} entry
   */
  #isIntact(path, entry) {
    const stat = this.#stat(path)
    if (stat === undefined) return false
    return entry.kind === 'folder' || stampOf(stat) === entry.stamp
  }

  /**
   * @param {string} path
   * @param {Entry} entry
   */
  #write(path, entry) {
    const { kind, mode, modified, content = '' } = entry
    const place = join(this.#folder, path)
    if (kind === 'folder') {
      mkdirSync(place)
      return chmodSync(place, mode)
    }
    // A new file, because the old one may have another hard link.
    rmSync(place, { force: true })
    if (kind === 'link') symlinkSync(content.toString(), place)
    else {
      writeFileSync(place, content)
      chmodSync(place, mode)
      const seconds = Number(modified) / 1e9
      utimesSync(place, seconds, seconds)
    }
    const stat = this.#stat(path)
    if (stat) entry.stamp = stampOf(stat)
  }

  /** @param {string} path */
  #kindOf(path) {
    const stat = this.#stat(path)
    return stat && kindOf(stat)
  }

  /** @param {string} path */
  #stat(path) {
    return lstatSync(join(this.#folder, path), { bigint: true, throwIfNoEntry: false })
  }
}

/**
 * @param {import('node:fs').BigIntStats} stat
 * @returns {Entry['kind'] | undefined}
 */
function kindOf(stat) {
  if (stat.isDirectory()) return 'folder'
  if (stat.isFile()) return 'file'
  return stat.isSymbolicLink() ? 'link' : undefined
}

/** @param {import('node:fs').BigIntStats} stat */
function permissions(stat) {
  return Number(stat.mode & 0o7777n)
}

/**
 * Metadata of a file as a text that differs as soon as the file is changed.
 *
 * @param {string} path
 * @returns {string | undefined} `undefined` if there is no file
 */
export function stampAt(path) {
  const stat = lstatSync(path, { bigint: true, throwIfNoEntry: false })
  return stat && stampOf(stat)
}

/** @param {import('node:fs').BigIntStats} stat */
function stampOf({ ino, mode, size, mtimeNs, ctimeNs }) {
  return [ino, mode, size, mtimeNs, ctimeNs].join(' ')
}

/** Waits, so that no later change has the time of an earlier one. */
function letClockTick() {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, tickMs)
}
