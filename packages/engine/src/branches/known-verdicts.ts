import { cacheFileOf, readCacheFile, sumOf, writeCacheFile } from '../files/cache-file'
import type { Conflict } from '../results'
import type { Revision } from '../revision/revision'

/** Must be incremented whenever the same revisions get another verdict, or {@link Verdict} changes. */
const formatVersion = 2

/** Entries that are kept beside those of the current command. */
const maxOlder = 200

/** The revisions below both heads, and those below only one of them, in run order. */
export interface Fork {
  readonly common: readonly Revision[]
  readonly branches: readonly [readonly Revision[], readonly Revision[]]
}

/** Whether two branches commute in one dialect. */
export interface Verdict {
  readonly conflicts: readonly Conflict[]
  /** Ids of the revisions of both branches that write rows, or may. */
  readonly writing: readonly string[]
}

/** Everything that a verdict depends on, except the version of the tool. */
export interface Compared extends Fork {
  readonly dialect: string
  /** Version of the shadow server. */
  readonly server: string
  /** The tables of TypeORM and of this tool. */
  readonly ignoreTables: readonly string[]
  /** Patterns of objects that are not compared. */
  readonly ignore: readonly string[]
}

/**
 * The verdicts of earlier commands, by the content of the revisions: those of the same files on the same version of the server
 * are not replayed and compared again. Nothing has to be invalidated. A cache that is missing, damaged, from another version or
 * not writable is ignored.
 */
export class KnownVerdicts {
  readonly #file: string | null
  readonly #head: readonly [number, string]
  readonly #before: ReadonlyMap<string, Verdict>
  readonly #after = new Map<string, Verdict>()
  #changed = false

  /**
   * @param directory of the cache; null: none is kept
   * @param name of the project: those with other names have other files
   * @param version of the tool: another one may compare differently
   */
  constructor(directory: string | null, name: string, version: string) {
    this.#head = [formatVersion, version]
    this.#file = directory === null ? null : cacheFileOf(directory, 'branches', name)
    this.#before = this.#file === null ? new Map() : readCacheFile(this.#file, this.#head)
  }

  find(compared: Compared): Verdict | undefined {
    const key = keyOf(compared)
    const known = this.#after.get(key) ?? this.#before.get(key)
    if (known === undefined) return undefined
    this.#after.set(key, known)
    return located(known, compared)
  }

  /** A verdict with an error is not kept: something other than the revisions may have caused it. */
  keep(compared: Compared, verdict: Verdict): void {
    if (verdict.conflicts.some(({ kind }) => kind === 'fails')) return
    this.#changed = true
    this.#after.set(keyOf(compared), verdict)
  }

  /** Writes the verdicts that were found or added, and some of the others, the newest first. */
  save(): void {
    if (this.#file === null || !this.#changed) return
    const older = [...this.#before].filter(([key]) => !this.#after.has(key)).slice(0, maxOlder)
    writeCacheFile(this.#file, this.#head, [...this.#after, ...older])
    this.#changed = false
  }
}

/** The verdict with the paths that the files have now, which are not part of the key. */
function located({ conflicts, writing }: Verdict, { branches }: Compared): Verdict {
  const paths = new Map(branches.flat().map(({ id, path: file }) => [id, file]))
  const side = (one: Conflict['sides'][0]): Conflict['sides'][0] =>
    one.map((known) => ({ ...known, path: paths.get(known.revision) ?? known.path }))
  return {
    conflicts: conflicts.map((one) => ({ ...one, sides: [side(one.sides[0]), side(one.sides[1])] })),
    writing,
  }
}

function keyOf({ common, branches, ...rest }: Compared): string {
  const content = [common, ...branches].map((list) => list.map(({ id, name, checksum }) => [id, name, checksum]))
  const { dialect, server, ignoreTables, ignore } = rest
  return sumOf(JSON.stringify([dialect, server, ignoreTables, ignore, content]))
}
