import { readFile } from 'node:fs/promises'
import path from 'node:path'

import type { RevisionFileSpec } from './render'

/** Extensions of revision files, by language. */
export const extensions: Readonly<Record<RevisionFileSpec['language'], string>> = {
  ts: '.ts',
  'js-esm': '.js',
  'js-cjs': '.js',
  mjs: '.mjs',
  cjs: '.cjs',
}

/**
 * The language of a file with this extension in this directory: `.js` is a module if the package says so.
 *
 * @param extension without the dot; an unknown one is TypeScript
 */
export async function languageOf(extension: string, directory: string): Promise<RevisionFileSpec['language']> {
  switch (extension) {
    case 'mjs':
      return 'mjs'
    case 'cjs':
      return 'cjs'
    case 'js':
      return (await isModulePackage(directory)) ? 'js-esm' : 'js-cjs'
    default:
      return 'ts'
  }
}

async function isModulePackage(directory: string): Promise<boolean> {
  for (let current = directory; ; current = path.dirname(current)) {
    try {
      const manifest: unknown = JSON.parse(await readFile(path.join(current, 'package.json'), 'utf8'))
      return typeof manifest === 'object' && manifest !== null && 'type' in manifest && manifest.type === 'module'
    } catch {
      if (path.dirname(current) === current) return false
    }
  }
}
