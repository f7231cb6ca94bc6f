import { SourceMap, type SourceMapPayload } from 'node:module'

import type { ModuleLoader } from './load'
import { readText } from './text-file'
import { compilingLoaders, transformModule } from './transform'

/** A place in a file; both from 1. */
export interface Place {
  readonly line: number
  readonly column: number
}

/**
 * The place in a TypeScript file that a place of its compiled code comes from. Node maps the places in stacks only of code that it has
 * loaded itself.
 *
 * @param load the loader of the file
 * @returns undefined if it cannot be found out; the same place for JavaScript, and for a loader of somebody else
 */
export async function originalPlace(
  file: string,
  { line, column }: Place,
  load: ModuleLoader,
): Promise<Place | undefined> {
  if (!compilingLoaders.has(load) || !/\.[cm]?tsx?$/.test(file)) return { line, column }
  try {
    const { code } = transformModule(await import('@swc/core'), await readText(file), file, { map: true })
    const inline = /\/\/# sourceMappingURL=data:application\/json;base64,([\w+/=]+)\s*$/.exec(code)?.[1]
    if (inline === undefined) return undefined
    const map = JSON.parse(Buffer.from(inline, 'base64').toString('utf8')) as SourceMapPayload
    const found = new SourceMap(map).findEntry(line - 1, column - 1)
    return 'originalLine' in found ? { line: found.originalLine + 1, column: found.originalColumn + 1 } : undefined
  } catch {
    // The compiler that Babel replaces does not load, or the file was changed since.
    return undefined
  }
}
