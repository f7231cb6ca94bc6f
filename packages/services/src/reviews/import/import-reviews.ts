import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { DataSource, EntityManager } from 'typeorm'
import { messageOf, ReviewError } from '../../errors'
import { inTransaction } from '../../transaction'
import { suffix } from '../file-name'
import { checkField } from '../review'
import type { CompleteReview } from '../review'
import { NewReviews } from '../new-reviews'
import { batchSize, storeReviews } from '../store'
import type { StoreCounts } from '../store'
import { pathOf } from './path'
import { readReviewFile } from './read-review-file'

/** A part of a file that was not imported. */
export interface ImportFailure {
  /** The name of the file, without its directory. */
  readonly file: string
  /** The place in it, for example `$.ECU001["Replay attack"].final_decision`; `$` is the whole file. */
  readonly path: string
  readonly reason: string
}

/** The result of an import. */
export interface ImportSummary {
  /** Number of review files that were read, including failed ones. */
  readonly files: number
  /** Number of inserted decisions. */
  readonly imported: number
  /** Number of updated decisions. */
  readonly updated: number
  /** Number of decisions that were already stored with the same content. */
  readonly unchanged: number
  /** Everything that was not imported, in the order of the files and within them. */
  readonly failed: readonly ImportFailure[]
  /** Only if the import was stopped: the file that was being read, of which nothing was imported. */
  readonly aborted?: ImportFailure
}

/** The progress of an import. */
export interface ImportProgress {
  /** The name of the current file. */
  readonly file: string
  /** Its number, from 1. */
  readonly fileNumber: number
  /** Number of files. */
  readonly files: number
  /** Bytes read, of all files together. */
  readonly bytes: number
  readonly totalBytes: number
  /** Decisions found so far. */
  readonly reviews: number
}

/** Options of {@link importReviews}. */
export interface ImportOptions {
  /** Only count, and write nothing. Default is false. */
  readonly dryRun?: boolean
  /** Called for every 64 KiB, and at the end of each file. */
  readonly onProgress?: (progress: ImportProgress) => void
  /** Stops the import: the current file is rolled back, those before it stay. */
  readonly signal?: AbortSignal
}

/**
 * Imports every `<analysis id>_reviews.json` of a directory into `review_decisions`.
 *
 * Each file is read in chunks and stored in batches, in one transaction, so large files need little memory. Running the
 * import again changes nothing; a changed file updates its decisions; decisions are never deleted.
 *
 * Parts that cannot be imported are listed in `failed`, and the rest is imported:
 *
 * - an entry with an invalid, missing or unknown field: one failure for each field; the entry is not imported
 * - a file that is truncated or not JSON: complete entries before that place are imported
 * - a repeated entry: the first one is imported; a second one with other contents is a failure. A repeated component has
 *   the threats of both
 *
 * @param dataSource initialized, with the entity `ReviewDecision`
 * @throws {ReviewError} when the directory cannot be read, or a statement fails; `details.summary` has the result so far
 *
 * @example
 * const summary = await importReviews(dataSource, 'reviews')
 * if (summary.failed.length > 0) for (const { file, path, reason } of summary.failed) console.error(file, path, reason)
 */
export async function importReviews(
  dataSource: DataSource,
  directory: string,
  options: ImportOptions = {},
): Promise<ImportSummary> {
  const files = await listFiles(directory)
  const totalBytes = files.reduce((sum, file) => sum + file.bytes, 0)
  const total = { files: 0, imported: 0, updated: 0, unchanged: 0 }
  const failed: ImportFailure[] = []
  let bytesBefore = 0
  let reviewsBefore = 0

  for (const [index, file] of files.entries()) {
    const run = new FileImport(file, directory, options, (bytes, reviews) =>
      options.onProgress?.({
        file: file.name,
        fileNumber: index + 1,
        files: files.length,
        bytes: bytesBefore + bytes,
        totalBytes,
        reviews: reviewsBefore + reviews,
      }),
    )
    try {
      await run.start(dataSource)
    } catch (error) {
      if (error instanceof Aborted) return { ...total, failed, aborted: { file: file.name, ...error.place } }
      throw new ReviewError(`cannot import ${join(directory, file.name)}: ${messageOf(error)}`, {
        help: 'Nothing of this file was imported; the files before it were.',
        details: { file: file.name, summary: { ...total, failed } },
        cause: error,
      })
    }
    total.files += 1
    total.imported += run.counts.imported
    total.updated += run.counts.updated
    total.unchanged += run.counts.unchanged
    failed.push(...run.failed)
    bytesBefore += file.bytes
    reviewsBefore += run.reviews
  }
  return { ...total, failed }
}

/** Thrown inside a transaction to roll it back. */
class Aborted extends Error {
  constructor(readonly place: { readonly path: string; readonly reason: string }) {
    super(place.reason)
  }
}

interface ReviewFile {
  readonly name: string
  readonly bytes: number
  /** Why it cannot be read. */
  readonly reason?: string
}

async function listFiles(directory: string): Promise<ReviewFile[]> {
  let names: string[]
  try {
    names = await readdir(directory)
  } catch (error) {
    throw new ReviewError(`cannot read the directory ${directory}: ${messageOf(error)}`, { cause: error })
  }
  // sorted, because the order of the file system is arbitrary
  const selected = names.filter((name) => name.endsWith(suffix)).sort()
  return Promise.all(selected.map((name) => inspect(directory, name)))
}

async function inspect(directory: string, name: string): Promise<ReviewFile> {
  try {
    const found = await stat(join(directory, name))
    if (found.isFile()) return { name, bytes: found.size }
    return { name, bytes: 0, reason: `is ${found.isDirectory() ? 'a directory' : 'something else'}, not a file` }
  } catch (error) {
    return { name, bytes: 0, reason: `cannot be read: ${messageOf(error)}` }
  }
}

/** The import of one file. */
class FileImport {
  readonly failed: ImportFailure[] = []
  counts: StoreCounts = { imported: 0, updated: 0, unchanged: 0 }
  reviews = 0
  readonly #file: ReviewFile
  readonly #directory: string
  readonly #options: ImportOptions
  readonly #onProgress: (bytes: number, reviews: number) => void
  #batch: CompleteReview[] = []
  /** The batch that is being stored. */
  #storing: Promise<void> = Promise.resolve()

  constructor(
    file: ReviewFile,
    directory: string,
    options: ImportOptions,
    onProgress: (bytes: number, reviews: number) => void,
  ) {
    this.#file = file
    this.#directory = directory
    this.#options = options
    this.#onProgress = onProgress
  }

  async start(dataSource: DataSource): Promise<void> {
    this.#stopIfAborted(pathOf())
    if (this.#file.reason !== undefined) return this.#fail(pathOf(), this.#file.reason)
    const analysisId = this.#file.name.slice(0, -suffix.length)
    const issues = checkField('analysisId', analysisId)
    for (const { reason } of issues) this.#fail(pathOf(), `the analysis id in the file's name ${reason}`)
    if (issues.length === 0) await inTransaction(dataSource, (manager) => this.#read(manager, analysisId))
  }

  async #read(manager: EntityManager, analysisId: string): Promise<void> {
    const added = await NewReviews.of(manager, analysisId)
    try {
      for await (const chunk of readReviewFile(join(this.#directory, this.#file.name), analysisId)) {
        this.#stopIfAborted(chunk.path)
        for (const { path, reason } of chunk.faults) this.#fail(path, reason)
        this.reviews += chunk.reviews.length
        this.#batch.push(...chunk.reviews)
        while (this.#batch.length >= batchSize) {
          await this.#store(manager, this.#batch.splice(0, batchSize), added)
          this.#stopIfAborted(chunk.path)
        }
        this.#onProgress(chunk.bytes, this.reviews)
      }
      await this.#store(manager, this.#batch, added)
    } finally {
      // also after an error: nothing else may use the connection before
      await this.#storing
    }
    this.#stopIfAborted(pathOf())
  }

  /** Waits for the batch before, and stores this one while the file is being read further. */
  async #store(
    manager: EntityManager,
    reviews: readonly CompleteReview[],
    added: NewReviews | undefined,
  ): Promise<void> {
    await this.#storing
    this.#storing = reviews.length === 0 ? Promise.resolve() : this.#count(manager, reviews, added)
    // it is reported where it is awaited
    this.#storing.catch(() => undefined)
  }

  async #count(
    manager: EntityManager,
    reviews: readonly CompleteReview[],
    added: NewReviews | undefined,
  ): Promise<void> {
    const write = this.#options.dryRun !== true
    const inserted = added === undefined ? 0 : write ? await added.insert(reviews) : reviews.length
    // fewer only if somebody else stores the same analysis
    const rest =
      inserted === reviews.length
        ? { imported: 0, updated: 0, unchanged: inserted }
        : await storeReviews(manager, reviews, write)
    this.counts = {
      imported: this.counts.imported + rest.imported + inserted,
      updated: this.counts.updated + rest.updated,
      unchanged: this.counts.unchanged + rest.unchanged - inserted,
    }
  }

  #fail(path: string, reason: string): void {
    this.failed.push({ file: this.#file.name, path, reason })
  }

  #stopIfAborted(path: string): void {
    if (this.#options.signal?.aborted) throw new Aborted({ path, reason: 'the import was stopped' })
  }
}
