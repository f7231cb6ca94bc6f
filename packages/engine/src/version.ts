import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'

/** The version of this package, for the journal and `--version`. */
export const toolVersion: string = readVersion()

function readVersion(): string {
  // Read at run time, so that package.json is the only place that contains it.
  // Compiled modules are one folder below it, the bundle of them two.
  const folders = [path.join(__dirname, '..'), path.join(__dirname, '..', '..')]
  const file = folders.map((folder) => path.join(folder, 'package.json')).find((it) => existsSync(it)) ?? ''
  const manifest: unknown = JSON.parse(readFileSync(file, 'utf8'))
  return typeof manifest === 'object' && manifest !== null && 'version' in manifest
    ? String(manifest.version)
    : 'unknown'
}
