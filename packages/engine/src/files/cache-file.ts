import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'

import { sweepTemporary, temporaryBeside } from '../dialect/temporary-files'

/**
 * Reads a file of the cache.
 *
 * @returns its document; undefined if it is missing or damaged, or cannot be read
 */
export function readCacheFile(file: string): unknown {
  try {
    const text = readFileSync(file, 'utf8')
    const end = text.indexOf('\n')
    const document = text.slice(end + 1)
    return sumOf(document) === text.slice(0, end) ? JSON.parse(document) : undefined
  } catch {
    return undefined
  }
}

/** Writes a file of the cache. Never fails: in a read-only checkout or on a full disk, the next command does the work again. */
export function writeCacheFile(file: string, value: unknown): void {
  const partial = temporaryBeside(file)
  void sweepTemporary(path.dirname(file))
  const document = JSON.stringify(value)
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

function sumOf(document: string): string {
  return createHash('sha256').update(document).digest('hex')
}
