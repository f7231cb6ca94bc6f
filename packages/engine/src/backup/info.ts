import type { BackupResult } from '../results'
import type { Manifest } from './manifest'

/** A backup as a result for the caller and for `--json`. */
export function infoOf(manifest: Manifest, path: string): BackupResult {
  const { id, bytes, createdAt, revision, kind, reason, database, tables, program, toolVersion } = manifest
  return {
    id,
    path,
    bytes,
    createdAt,
    revision,
    kind,
    reason,
    database: { dialect: database.dialect, name: database.name, version: database.serverVersion },
    tables,
    program,
    toolVersion,
  }
}
