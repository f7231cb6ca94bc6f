import { readFile } from 'node:fs/promises'
import path from 'node:path'

import type { Context } from '../context'
import { AludelError } from '../errors'
import type { RevisionFileSpec } from '../files/write'
import { resolve } from '../revision/identifier'
import type { Revision } from '../revision/revision'

/** Where a new revision goes: its parents, its timestamp, the language of its file. */

export interface PlaceOptions {
  readonly head?: string
  readonly splice?: boolean
  readonly dependsOn?: readonly string[]
}

/**
 * Parents of a new revision: the one head, or what `head` names.
 *
 * @throws AludelError `ALUDEL_MULTIPLE_HEADS`, `ALUDEL_NOT_A_HEAD`, `ALUDEL_UNKNOWN_REVISION` …
 */
export async function parentsFor(context: Context, options: PlaceOptions): Promise<readonly string[]> {
  const { graph } = await context.files()
  const parents = resolve(graph, options.head ?? 'head', { purpose: 'parent' }).ids
  const inner = options.splice === true ? [] : parents.filter((id) => !graph.isHead(id))
  if (inner.length > 0) {
    throw new AludelError('ALUDEL_NOT_A_HEAD', `revision ${inner.join(', ')} is not a head`, {
      help: 'A new revision there begins a branch: say so with --splice.',
      details: { revision: inner },
    })
  }
  return parents
}

/**
 * The timestamp of a new revision, in milliseconds: now, but after every other, because TypeORM's own runner
 * orders by timestamp alone.
 */
export function nextTimestamp(now: Date, revisions: readonly Revision[]): number {
  return revisions.reduce((latest, revision) => Math.max(latest, revision.timestamp + 1), now.getTime())
}

/** That of the newest revision, else the project's, else TypeScript. */
export async function fileLanguage(context: Context, directory: string): Promise<RevisionFileSpec['language']> {
  const { graph } = await context.files()
  const newest = graph.all.filter((revision) => path.dirname(revision.path) === directory).at(-1)
  const extension = context.options.language ?? (newest === undefined ? 'ts' : path.extname(newest.path).slice(1))
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
