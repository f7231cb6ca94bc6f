import { createHash } from 'node:crypto'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import path from 'node:path'

import type { DialectName } from '../dialect/registry'
import { sweepTemporary, temporaryBeside } from '../dialect/temporary-files'
import type { Revision } from '../revision/revision'
import type { Schema } from '../schema/schema'
import { toolVersion } from '../version'

/**
 * Must be incremented if introspection returns something else, or the schema sync of the entities is corrected, so that older
 * files are not used.
 */
const formatVersion = 6

/**
 * Cache of the schemas of replayed revisions and of entities, keyed by their content: the same revisions, or declarations, on the
 * same server with the same default schemas always produce the same schema, so no entry is ever invalidated. Errors of reading and writing are ignored.
 */
export class SchemaCache {
  /** @param directory the directory of the files; null for no cache */
  constructor(private readonly directory: string | null) {}

  /** @param setting see `ShadowServer.setting` */
  key(dialect: DialectName, setting: string, revisions: readonly Revision[], ignoreTables: readonly string[]): string {
    const hash = createHash('sha256')
    hash.update(JSON.stringify([formatVersion, dialect, setting, ignoreTables]))
    for (const revision of revisions) hash.update(`\n${revision.name} ${revision.checksum}`)
    return hash.digest('hex')
  }

  /** @param declared what `declaredSum` returns */
  entityKey(dialect: DialectName, setting: string, declared: string, ignoreTables: readonly string[]): string {
    const hash = createHash('sha256')
    hash.update(JSON.stringify([formatVersion, 'entities', toolVersion, dialect, setting, ignoreTables, declared]))
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
    const partial = temporaryBeside(file)
    try {
      await mkdir(this.directory, { recursive: true })
      await sweepTemporary(this.directory)
      // Renamed when complete, because two processes may write the same key.
      await writeFile(partial, JSON.stringify(schema))
      await rename(partial, file)
    } catch {
      // For example a read-only checkout: the next run replays again.
    }
  }
}
