import { createHash, randomUUID } from 'node:crypto'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import path from 'node:path'

import type { DialectName } from '../dialect/registry'
import type { Revision } from '../revision/revision'
import type { Schema } from '../schema/schema'

/** Raised whenever what introspection reads changes, so that an older reading is not taken for today's. */
const formatVersion = 4

/**
 * Schemas of replayed revisions, kept by content: the same revisions on the same server version always give the same
 * schema, so nothing ever has to be invalidated. A cache that cannot be read or written is no cache, never an error.
 */
export class ReplayCache {
  /** @param directory where the files are; null for no cache */
  constructor(private readonly directory: string | null) {}

  key(
    dialect: DialectName,
    serverVersion: string,
    revisions: readonly Revision[],
    ignoreTables: readonly string[],
  ): string {
    const hash = createHash('sha256')
    hash.update(JSON.stringify([formatVersion, dialect, serverVersion, ignoreTables]))
    for (const revision of revisions) hash.update(`\n${revision.name} ${revision.checksum}`)
    return hash.digest('hex')
  }

  async get(key: string): Promise<Schema | null> {
    if (this.directory === null) return null
    try {
      return JSON.parse(await readFile(path.join(this.directory, `${key}.json`), 'utf8')) as Schema
    } catch {
      return null
    }
  }

  async set(key: string, schema: Schema): Promise<void> {
    if (this.directory === null) return
    const file = path.join(this.directory, `${key}.json`)
    const partial = `${file}.${randomUUID()}`
    try {
      await mkdir(this.directory, { recursive: true })
      // Written beside and renamed: two processes may write the same key.
      await writeFile(partial, JSON.stringify(schema))
      await rename(partial, file)
    } catch {
      // Somebody's read-only checkout; the next run replays again.
    }
  }
}
