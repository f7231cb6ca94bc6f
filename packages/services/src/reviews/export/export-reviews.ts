import type { ReviewDecision } from '@aludel/models'
import type { EntityManager } from 'typeorm'
import { ExportInterrupted } from '../../errors'
import { atOneMoment } from '../../source'
import type { Source } from '../../source'
import { fileNameOf } from '../file-name'
import { countReviews, eachReview } from '../page-reviews'
import { NewFiles } from './new-files'
import type { NewFile } from './new-files'
import { ReviewText } from './review-text'

/** An analysis that was not exported. */
export interface ExportFailure {
  readonly analysisId: string
  readonly reason: string
}

/** The result of an export. */
export interface ExportSummary {
  /** Number of files: one for each analysis. */
  readonly files: number
  /** Files that are new or were replaced. */
  readonly written: number
  /** Files that had the same contents already. */
  readonly unchanged: number
  /** Number of decisions in the files. */
  readonly exported: number
  /** Analyses that cannot be in a file, or that have no decisions. */
  readonly failed: readonly ExportFailure[]
}

/** The progress of an export. */
export interface ExportProgress {
  readonly analysisId: string
  /** Decisions that were read so far. */
  readonly reviews: number
  readonly totalReviews: number
}

/** Options of {@link exportReviews}. */
export interface ExportOptions {
  /** Only these analyses. Default is all. */
  readonly analysisIds?: readonly string[]
  /** Whether files with other contents may be replaced. Default is false: then nothing is written. */
  readonly overwrite?: boolean
  /** Only count and compare, and write nothing. Default is false. */
  readonly dryRun?: boolean
  /** Called after every thousand decisions. */
  readonly onProgress?: (progress: ExportProgress) => void
  /** Stops the export: nothing is written. */
  readonly signal?: AbortSignal
}

/**
 * Exports review decisions to `<analysis id>_reviews.json` files, which `importReviews` reads: what was imported from a file and not
 * changed since is the same, except for the order of keys, and fields that say what a missing field says as well (`null`, a status
 * `completed`).
 *
 * The files have what the database had at one moment. They appear in the directory when all of them are complete; a file with other
 * contents is not replaced unless `overwrite` says so. Needs little memory.
 *
 * @param directory is created if it is missing
 * @throws {FilesExistError} for files with other contents; nothing was written
 * @throws {ExportInterrupted} if the signal stopped it; nothing was written
 * @throws {ReviewError} if a file cannot be written
 *
 * @example
 * const { files, exported, failed } = await exportReviews(dataSource, 'reviews')
 */
export async function exportReviews(
  source: Source,
  directory: string,
  options: ExportOptions = {},
): Promise<ExportSummary> {
  const files = await NewFiles.in(directory, options.dryRun !== true)
  try {
    const run = new Export(files, directory, options)
    await atOneMoment(source, (manager) => run.read(manager))
    run.stopIfAborted()
    const placed = await files.place(options.overwrite === true)
    return { files: run.files, ...placed, exported: run.exported, failed: run.failed }
  } finally {
    await files.discard()
  }
}

/** The file of the analysis at hand. */
interface Current {
  readonly analysisId: string
  /** Undefined if it can have none. */
  readonly file: NewFile | undefined
  readonly text: ReviewText
}

class Export {
  readonly failed: ExportFailure[] = []
  files = 0
  exported = 0
  readonly #files: NewFiles
  readonly #directory: string
  readonly #options: ExportOptions
  #current: Current | undefined
  #read = 0

  constructor(files: NewFiles, directory: string, options: ExportOptions) {
    this.#files = files
    this.#directory = directory
    this.#options = options
  }

  async read(manager: EntityManager): Promise<void> {
    const { analysisIds } = this.#options
    const filters = analysisIds === undefined ? [{}] : [...new Set(analysisIds)].map((analysisId) => ({ analysisId }))
    try {
      let total = 0
      for (const filter of filters) total += await countReviews(manager, filter)
      for (const filter of filters) {
        const before = this.#read
        for await (const reviews of eachReview(manager, filter)) await this.#add(reviews, total)
        if ('analysisId' in filter && this.#read === before)
          this.failed.push({ ...filter, reason: 'it has no review decisions' })
      }
      await this.#end()
    } finally {
      await this.#current?.file?.abandon()
    }
  }

  /** @throws {ExportInterrupted} */
  stopIfAborted(): void {
    if (this.#options.signal?.aborted === true) throw new ExportInterrupted(this.#directory)
  }

  async #add(reviews: readonly ReviewDecision[], totalReviews: number): Promise<void> {
    this.stopIfAborted()
    for (let start = 0; start < reviews.length;) {
      const analysisId = reviews[start]?.analysisId ?? ''
      let end = start + 1
      while (reviews[end]?.analysisId === analysisId) end += 1
      await this.#write(analysisId, reviews.slice(start, end))
      this.#read += end - start
      start = end
      this.#options.onProgress?.({ analysisId, reviews: this.#read, totalReviews })
    }
  }

  async #write(analysisId: string, reviews: readonly ReviewDecision[]): Promise<void> {
    if (this.#current?.analysisId !== analysisId) {
      await this.#end()
      const { name, reason } = fileNameOf(analysisId)
      if (name === undefined) this.failed.push({ analysisId, reason })
      const file = name === undefined ? undefined : await this.#files.begin(name)
      this.#current = { analysisId, file, text: new ReviewText() }
    }
    const { file, text } = this.#current
    if (file === undefined) return
    await file.write(text.add(reviews))
    this.exported += reviews.length
  }

  async #end(): Promise<void> {
    const current = this.#current
    if (current?.file !== undefined) {
      await current.file.write(current.text.end())
      await current.file.end()
      this.files += 1
    }
    this.#current = undefined
  }
}
