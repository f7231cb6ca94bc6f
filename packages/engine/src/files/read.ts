import { readdir } from 'node:fs/promises'
import path from 'node:path'

import { isTemporary, sweepTemporary } from '../dialect/temporary-files'
import { AludelError, isAludelError, messageOf } from '../errors'
import { duplicateError } from '../revision/build'
import { compareRevisions, type Revision } from '../revision/revision'

import { fingerprint, isRevisionFile, type StampedFiles } from './fingerprint'
import { pauses } from './pauses'
import { chainPlain } from './plain'
import type { SourceFile } from './read-file'
import { DirectoryCache, type ReadCounts, type Unparsed } from './read-cache'
import { readTextSync } from './text-file'

/** The content of revision directories. */
interface ReadResult {
  /** By timestamp, then by name: the load order of a graph. */
  readonly revisions: readonly Revision[]
  /** One sentence each. */
  readonly warnings: readonly string[]
  /** Paths of files without a revision, such as helpers: they are not read any further. */
  readonly skipped: readonly string[]
  /** See {@link fingerprint}; absent if a file changed so recently that it may change again and look the same. */
  readonly fingerprint?: string
}

/** How {@link readRevisions} reads. */
interface ReadOptions {
  /** Caches the content of directories; null (default): every file is read and parsed. */
  readonly cacheDirectory?: string | null
  /** Version of the tool: a cache of another version is ignored. */
  readonly version?: string
  /** Counts the work done. */
  readonly counts?: ReadCounts
}

/**
 * Reads the revisions of directories without executing a file: `.ts`, `.js` and their module kinds, not in
 * subdirectories. Skips declarations, tests, hidden files, and files without a migration, as TypeORM does. But a file that
 * must be meant as one, see {@link mistakeIn}, is an error: its name begins with a 13-digit timestamp, or it has a class
 * with `up` or `down` or with a static `revision`.
 *
 * A class without a field `revision` is a plain TypeORM migration: its id is derived from its name, its parent is the
 * revision before it by timestamp.
 *
 * @param directories absolute, or relative to the working directory
 * @throws ALUDEL_REVISION_DIRECTORY a directory is missing or cannot be read
 * @throws ALUDEL_REVISION_SYNTAX a file does not parse
 * @throws ALUDEL_REVISION_INVALID a file is meant as a revision and exports no migration, or has invalid static
 *   fields
 * @throws ALUDEL_DUPLICATE_REVISION two migrations with one class name
 * @example
 * const { revisions, warnings } = await readRevisions(['src/migrations'])
 */
export async function readRevisions(directories: readonly string[], options: ReadOptions = {}): Promise<ReadResult> {
  const { cacheDirectory = null, version = '', counts } = options
  const found: Revision[] = []
  const skipped: string[] = []
  const stamps: StampedFiles[] = []
  const all = new Set(directories.map((one) => path.resolve(one)))
  const pause = pauses()
  for (const directory of all) {
    const files = await listFiles(directory)
    const cache = new DirectoryCache(cacheDirectory, directory, files.length, version, counts)
    const unparsed: Unparsed[] = []
    for (const file of files) {
      await pause()
      const known = cache.find(file, readSource)
      if ('file' in known) unparsed.push(known)
      else if (known.length === 0) skipped.push(file)
      else found.push(...known)
    }
    // Imported only when needed, because loading the parser takes longer than all the rest.
    const parse = unparsed.length === 0 ? undefined : await openParser()
    for (const one of unparsed) {
      await pause()
      const revisions = parse?.({ path: one.file, ...one }) ?? []
      cache.learn(one, revisions)
      if (revisions.length === 0) skipped.push(one.file)
      found.push(...revisions)
    }
    cache.save()
    if (cache.stamps !== undefined) stamps.push(cache.stamps)
  }
  const sorted = found.sort(compareRevisions)
  refuseSameNames(sorted)
  return {
    revisions: chainPlain(sorted),
    warnings: warnAboutOrder(sorted),
    skipped: skipped.sort(),
    fingerprint: stamps.length > 0 && stamps.length === all.size ? fingerprint(stamps) : undefined,
  }
}

/** Loaded with the parser. */
// eslint-disable-next-line @typescript-eslint/no-require-imports
const readFile = () => require('./read-file') as typeof import('./read-file')

async function openParser(): Promise<(source: SourceFile) => readonly Revision[]> {
  const parser = await import('oxc-parser')
  const { revisionsOf } = readFile()
  return (source) => revisionsOf(parser, source)
}

async function listFiles(directory: string): Promise<readonly string[]> {
  let entries
  try {
    entries = await readdir(directory, { withFileTypes: true })
    const left = entries.flatMap(({ name }) => (isTemporary(name) ? [name] : []))
    // An interrupted replacement may have moved revisions away.
    if (left.length > 0 && (await sweepTemporary(directory, left)))
      entries = await readdir(directory, { withFileTypes: true })
  } catch (cause) {
    const missing = typeof cause === 'object' && cause !== null && 'code' in cause && cause.code === 'ENOENT'
    throw new AludelError(
      'ALUDEL_REVISION_DIRECTORY',
      missing
        ? `the revision directory ${directory} does not exist`
        : `the revision directory ${directory} cannot be read: ${messageOf(cause)}`,
      { help: 'Name it with --revisions or in the config file, or create it.', details: { directory }, cause },
    )
  }
  return entries
    .filter((entry) => !entry.isDirectory() && isRevisionFile(entry.name))
    .map((entry) => directory + (directory.endsWith(path.sep) ? '' : path.sep) + entry.name)
    .sort()
}

function readSource(file: string): string {
  try {
    // For a thousand small files, promises cost ten times as much as reading.
    return readTextSync(file)
  } catch (cause) {
    if (isAludelError(cause)) throw cause
    throw new AludelError('ALUDEL_REVISION_DIRECTORY', `${file} cannot be read: ${messageOf(cause)}`, {
      details: { path: file },
      cause,
    })
  }
}

function refuseSameNames(sorted: readonly Revision[]): void {
  const seen = new Map<string, Revision>()
  for (const revision of sorted) {
    const first = seen.get(revision.name)
    seen.set(revision.name, revision)
    if (first === undefined) continue
    throw duplicateError(first, revision, 'class')
  }
}

/** One warning for each timestamp that several plain migrations have. */
function warnAboutOrder(sorted: readonly Revision[]): readonly string[] {
  const groups = new Map<number, Revision[]>()
  for (const revision of sorted)
    if (revision.plain) groups.set(revision.timestamp, [...(groups.get(revision.timestamp) ?? []), revision])
  return [...groups.values()].flatMap((group) => {
    const [first, second] = group
    if (first === undefined || second === undefined) return []
    const names = group.map(({ name }) => name)
    const last = names.pop() ?? ''
    return [
      `${names.join(', ')} and ${last} have the same timestamp: they run in the order of their names. To settle it, write ` +
        `\`static readonly revision = '${second.id}'\` and \`static readonly downRevision = '${first.id}'\` into ${second.name}` +
        (group.length > 2 ? ', and the same into those that follow' : ''),
    ]
  })
}
