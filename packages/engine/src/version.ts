import { readFileSync } from 'node:fs'
import path from 'node:path'

/** The version of this package, for the journal and `--version`. */
export const toolVersion: string = readVersion()

function readVersion(): string {
  // Read at run time, so that package.json is the only place that contains it.
  const manifest: unknown = JSON.parse(readFileSync(path.join(__dirname, '..', 'package.json'), 'utf8'))
  return typeof manifest === 'object' && manifest !== null && 'version' in manifest
    ? String(manifest.version)
    : 'unknown'
}
