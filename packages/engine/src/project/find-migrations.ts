import { readFile } from 'node:fs/promises'
import path from 'node:path'

import { skippedFolders } from './find-data-source'

const extensions = '{ts,mts,cts,js,mjs,cjs}'
/** A folder of migrations, or a file with a timestamp, in any of the usual forms. */
const patterns = [`**/*migration*/**/*.${extensions}`, `**/*[0-9][0-9][0-9][0-9][0-9][0-9]*.${extensions}`]
/** Directories below `root` in which to look. */
const depth = 8

/**
 * The directories of the files below `root` that declare classes of these names. Their code is not executed.
 *
 * @returns absolute paths, in the order of the names
 */
export async function directoriesOfClasses(names: readonly string[], root: string): Promise<readonly string[]> {
  const { glob } = await import('tinyglobby')
  const options = { ignore: skippedFolders, deep: depth, caseSensitiveMatch: false, absolute: true }
  const files = await glob(patterns, { cwd: root, ...options })
  const found = new Map<string, string>()
  for (const file of files.sort()) {
    const text = await readFile(file, 'utf8').catch(() => '')
    for (const [, name] of text.matchAll(/\bclass\s+([\p{L}_$][\p{L}\d_$]*)/gu)) {
      if (name !== undefined && !found.has(name)) found.set(name, path.dirname(path.normalize(file)))
    }
  }
  return [...new Set(names.flatMap((name) => found.get(name) ?? []))]
}
