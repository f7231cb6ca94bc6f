import { cacheFileOf, readCacheFile, sumOf, writeCacheFile } from './cache-file'

/** Raised whenever what is read from a file changes. */
const formatVersion = 1

/** For fewer files, reading and parsing them is about as fast. */
const worthwhile = 100

/** Characters; longer results are read from their file each time. */
const longest = 100_000

/** For a key of {@link CachedPlans.keyOf}: the checksum of the text, and what was read from it. */
type Entry = readonly [text: string, value: unknown]

/**
 * What plans have read from the files of revisions, by the content of the files: a file with the same text is not parsed again.
 * Nothing has to be invalidated. A cache that is missing, damaged, from another version or not writable is ignored.
 */
export class CachedPlans {
  readonly #file: string
  readonly #head: readonly [number, string]
  readonly #before: ReadonlyMap<string, Entry>
  readonly #after = new Map<string, Entry>()
  #changed = false

  private constructor(directory: string, name: string, version: string) {
    this.#head = [formatVersion, version]
    this.#file = cacheFileOf(directory, 'plans', name)
    this.#before = readCacheFile(this.#file, this.#head)
  }

  /**
   * @param directory of the cache; null: none is kept
   * @param name of the project: those with other names have other files
   * @param files number of files that the plan reads
   * @param version of the tool: another one may read the files differently
   * @returns undefined if a cache is not worth it
   */
  static open(directory: string | null, name: string, files: number, version: string): CachedPlans | undefined {
    return directory === null || files < worthwhile ? undefined : new CachedPlans(directory, name, version)
  }

  /** @param aspects what else the result depends on: the name of the class, the direction, the dialect */
  keyOf(text: string, aspects: readonly string[]): string {
    return sumOf(JSON.stringify([sumOf(text), ...aspects]))
  }

  find(key: string): unknown {
    const known = this.#before.get(key)
    if (known !== undefined) this.#after.set(key, known)
    return known?.[1]
  }

  /** @param value is stored as JSON */
  keep(key: string, text: string, value: unknown): void {
    if (text.length > longest) return
    this.#changed = true
    this.#after.set(key, [sumOf(text), value])
  }

  /** Writes what was read, and keeps what is known of these texts in other respects: an upgrade must not forget a downgrade. */
  save(): void {
    if (!this.#changed) return
    const texts = new Set([...this.#after.values()].map(([text]) => text))
    for (const [key, entry] of this.#before)
      if (texts.has(entry[0]) && !this.#after.has(key)) this.#after.set(key, entry)
    writeCacheFile(this.#file, this.#head, [...this.#after])
  }
}
