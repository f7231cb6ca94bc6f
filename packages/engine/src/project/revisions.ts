import { existsSync } from 'node:fs'
import path from 'node:path'

import type { MigrationInterface } from 'typeorm'

import { refuseAborted } from '../errors'
import { cacheFileOf, readCacheFile, writeCacheFile } from '../files/cache-file'
import { fingerprintOf } from '../files/fingerprint'
import { createModuleLoader, loadMigration, type ModuleLoader } from '../files/load'
import { pauses } from '../files/pauses'
import { readRevisions } from '../files/read'
import { type HeadSummary, summarize } from '../history/head-summary'
import type { RevisionFiles } from '../history/state'
import { RevisionGraph } from '../revision/graph'
import { viewOf } from '../revision/replaced'
import type { Revision } from '../revision/revision'
import { toolVersion } from '../version'
import type { MigratorOptions } from './options'

interface RevisionDirectoriesOptions extends Pick<MigratorOptions, 'revisions' | 'loadModule' | 'signal'> {
  /** Relative directories start here. */
  readonly root: string
  /** Caches the content of directories; null: no cache. */
  readonly cacheDirectory: string | null
  readonly warn: (message: string) => void
  readonly note: (message: string) => void
  /** The same directories, as another `Migrator` knows them. */
  readonly base?: RevisionDirectories
}

/** What was read, and what the files looked like then; undefined if they may change and look the same. */
interface SharedFiles {
  fingerprint: string | undefined
  readonly files: Promise<RevisionFiles>
}

/** Raised whenever a summary contains something else. */
const summaryVersion = 1

/** The revision directories of a project. Files are read on first use, and executed one at a time. */
export class RevisionDirectories {
  /** Absolute; new revisions are written to the first. */
  readonly directories: readonly string[]
  readonly loadModule: ModuleLoader
  readonly #options: RevisionDirectoriesOptions
  #missing: 'refused' | 'allowed' = 'refused'
  #files: Promise<RevisionFiles> | undefined
  #shared: SharedFiles | undefined
  readonly #warned = new Set<string>()
  #pause: ReturnType<typeof pauses> | undefined

  constructor(options: RevisionDirectoriesOptions) {
    this.#options = options
    this.directories = [options.revisions].flat().map((directory) => path.resolve(options.root, directory))
    this.loadModule = options.loadModule ?? createModuleLoader()
  }

  /** The revisions as their files describe them; nothing is executed. Read once, until {@link forget}. */
  read(): Promise<RevisionFiles> {
    const { base } = this.#options
    return (this.#files ??=
      base !== undefined && this.#missing === 'refused' ? base.share() : this.#readFiles().then(({ files }) => files))
  }

  /** What was read last, unless the files look different now; no file is opened then. */
  share(): Promise<RevisionFiles> {
    const now = fingerprintOf(this.#resolved)
    if (this.#shared === undefined || now === undefined || this.#shared.fingerprint !== now) {
      const reading = this.#readFiles()
      const shared: SharedFiles = { fingerprint: now, files: reading.then(({ files }) => files) }
      this.#shared = shared
      reading.then(
        ({ fingerprint }) => {
          if (fingerprint !== now) shared.fingerprint = undefined
        },
        () => {
          shared.fingerprint = undefined
        },
      )
    }
    return this.#shared.files
  }

  /** Makes the next {@link read} read the files again. Call it after a file was written. */
  forget(): void {
    this.#files = undefined
  }

  /**
   * What the files amount to for a database that has all of them, if an earlier command has read the same files; undefined if
   * not, or if reading them would report something. No file is opened.
   */
  summary(): HeadSummary | undefined {
    const file = this.#summaryFile
    if (file === null || this.#files !== undefined) return undefined
    const known = readCacheFile<HeadSummary>(file, this.#summaryHead)
    if (known.size === 0) return undefined
    const now = fingerprintOf(this.#resolved)
    return now === undefined ? undefined : known.get(now)
  }

  get #resolved(): readonly string[] {
    return [...new Set(this.directories)]
  }

  get #summaryFile(): string | null {
    const { cacheDirectory } = this.#options
    return cacheDirectory === null ? null : cacheFileOf(cacheDirectory, 'head', this.#resolved.join('\0'))
  }

  get #summaryHead(): readonly (string | number)[] {
    return [summaryVersion, toolVersion, ...this.#resolved]
  }

  /** Keeps the summary of what was read for the next command. */
  #keepSummary(fingerprint: string, { graph, revisions }: RevisionFiles): void {
    const file = this.#summaryFile
    // Which of the revisions that a squash replaces are applied decides about the graph.
    if (file === null || revisions.some(({ replaces }) => replaces !== undefined)) return
    if (readCacheFile(file, this.#summaryHead).has(fingerprint)) return
    writeCacheFile(file, this.#summaryHead, [[fingerprint, summarize(graph)]])
  }

  /** From now on a missing directory counts as empty: the first revision creates it. */
  allowMissing(): void {
    this.#missing = 'allowed'
  }

  /** Creates an instance of the revision's class. Executes its file. */
  readonly load = async (revision: Revision): Promise<MigrationInterface> => {
    const migration = await loadMigration(revision, this.loadModule)
    // A squash asks the history whether TypeORM's runner already did its work; here the plan has decided that.
    if (revision.replaces !== undefined) Object.assign(migration, { isReplaced: () => Promise.resolve(false) })
    return migration
  }

  /**
   * {@link load} for revisions that run one after the other on a scratch database: others have their turn, and it ends when it is
   * canceled. Not where an error is the result of a revision.
   *
   * @throws AludelError `ALUDEL_INTERRUPTED`
   */
  readonly loadToReplay = async (revision: Revision): Promise<MigrationInterface> => {
    // Not before the first one: a command that replays nothing does not load what measures time.
    this.#pause ??= pauses()
    await this.#pause()
    refuseAborted(this.#options.signal)
    return this.load(revision)
  }

  async #readFiles(): Promise<{ readonly files: RevisionFiles; readonly fingerprint: string | undefined }> {
    const { cacheDirectory, warn, note, root } = this.#options
    const directories =
      this.#missing === 'allowed' ? this.directories.filter((one) => existsSync(one)) : this.directories
    const { revisions, warnings, skipped, fingerprint } = await readRevisions(directories, {
      cacheDirectory,
      version: toolVersion,
    })
    // The files are read again after one was written.
    for (const message of warnings) if (!this.#warned.has(message)) warn(message)
    for (const message of warnings) this.#warned.add(message)
    if (skipped.length > 0) {
      note(`not revisions, skipped: ${skipped.map((file) => path.relative(root, file)).join(', ')}`)
    }
    const files = { graph: new RevisionGraph(viewOf(revisions, new Set()).revisions), revisions }
    if (fingerprint !== undefined && warnings.length === 0 && skipped.length === 0)
      this.#keepSummary(fingerprint, files)
    return { files, fingerprint }
  }
}
