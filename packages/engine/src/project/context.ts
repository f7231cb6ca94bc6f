import { randomUUID } from 'node:crypto'
import { hostname, userInfo } from 'node:os'
import path from 'node:path'

import type { Queryable } from '../dialect/queryable'
import { type Finding, halfwayOf } from '../history/findings'
import { type HeadSummary, isAllApplied, isAllUnedited } from '../history/head-summary'
import type { History } from '../history/history'
import { type State, stateOf } from '../history/state'
import { readPatterns } from '../schema/patterns'
import type { IsUnmanaged } from '../schema/unmanaged'
import { SchemaCache } from '../shadow/cache'
import { Shadows } from '../shadow/shadows'
import { Connection } from './connection'
import type { MigratorOptions } from './options'
import { Reporter } from './reporter'
import { RevisionDirectories } from './revisions'

/** The state that the methods of one `Migrator` share. Loaded on first use; {@link close} closes what was opened. */
export class MigratorContext {
  readonly root: string
  readonly reporter: Reporter
  readonly revisions: RevisionDirectories
  readonly connection: Connection
  /** Where results are kept for the next command; null: nowhere. */
  readonly cacheDirectory: string | null
  /** Schemas of replayed revisions. */
  readonly cache: SchemaCache
  /** Unmanaged objects that are kept. */
  readonly unmanaged: IsUnmanaged
  /** Objects that other tools manage. */
  readonly ignored: IsUnmanaged
  #shadows: Promise<Shadows> | undefined

  /** @param base the context of another `Migrator` of the same project, whose reading of the files is used */
  constructor(
    readonly options: MigratorOptions,
    base?: MigratorContext,
  ) {
    this.root = options.root ?? process.cwd()
    const { cacheDirectory = path.join(this.root, 'node_modules', '.cache', 'aludel') } = options
    this.cacheDirectory = cacheDirectory
    this.reporter = new Reporter(options.onEvent)
    this.unmanaged = readPatterns(options.unmanaged ?? [], { code: 'ALUDEL_CONFIG', where: 'unmanaged' })
    this.ignored = readPatterns(options.ignore ?? [], { code: 'ALUDEL_CONFIG', where: 'ignore' })
    this.revisions = new RevisionDirectories({
      ...options,
      root: this.root,
      cacheDirectory,
      warn: this.reporter.warn,
      note: this.reporter.note,
      ...(base === undefined ? {} : { base: base.revisions }),
    })
    this.connection = new Connection(options, async () => (await this.revisions.read()).revisions)
    this.cache = new SchemaCache(cacheDirectory)
  }

  get signal(): AbortSignal | undefined {
    return this.options.signal
  }

  now(): Date {
    return this.options.clock?.() ?? new Date()
  }

  /** The user of this run, for the journal. */
  get actor(): string {
    return this.options.actor ?? defaultActor()
  }

  newRunId(): string {
    return randomUUID()
  }

  /** Reads the files and the history. Sends one query. */
  async state(database?: Queryable): Promise<State> {
    if (database === undefined) return this.connection.readHistory(async (history, one) => this.#stateIn(history, one))
    return this.#stateIn(await this.connection.history(), database)
  }

  async #stateIn(history: History, database: Queryable): Promise<State> {
    const files = await this.revisions.read()
    return stateOf(files, await namesIn(history, database))
  }

  /**
   * The summary of the files, if a database has all of their revisions in order and no run stopped half-way, and an earlier
   * command has read the same files: there is nothing to do then, and nothing to report. Otherwise its state, as {@link state}
   * gives it; and whether something is kept in it. Sends one query, or two.
   */
  async headOrState(
    history: History,
    database: Queryable,
  ): Promise<({ readonly head: HeadSummary } | { readonly state: State }) & { readonly isKept: boolean }> {
    const head = this.revisions.summary()
    const { rows, isKept } = await history.readWithKept(database)
    const names = rows.map(({ name }) => name)
    const isThere = head !== undefined && isAllApplied(head, names) && (await history.unfinished(database)).length === 0
    return isThere ? { head, isKept } : { state: stateOf(await this.revisions.read(), names), isKept }
  }

  /**
   * The summary of {@link headOrState} for a database in which no applied revision was edited, and whether something is kept in it.
   * Sends three queries at most.
   */
  async uneditedHead(
    history: History,
    database: Queryable,
  ): Promise<{ readonly head: HeadSummary; readonly isKept: boolean } | undefined> {
    const head = this.revisions.summary()
    if (head === undefined) return undefined
    const { rows, isKept } = await history.readWithKept(database)
    const names = rows.map(({ name }) => name)
    if (!isAllApplied(head, names)) return undefined
    if (!isAllUnedited(head, names, await history.lastApplied(database))) return undefined
    return (await history.unfinished(database)).length === 0 ? { head, isKept } : undefined
  }

  /** Revisions in the middle of which a run stopped. Sends one query, or two if there are some. */
  async halfway(state: State, database?: Queryable): Promise<readonly Finding[]> {
    const read = async (history: History, one: Queryable): Promise<readonly Finding[]> =>
      halfwayOf(state, await history.unfinished(one))
    if (database === undefined) return this.connection.readHistory(read)
    return read(await this.connection.history(), database)
  }

  /** The same for all who ask at the same time: others would not be closed. */
  shadows(): Promise<Shadows> {
    this.#shadows ??= this.#openShadows()
    return this.#shadows
  }

  async #openShadows(): Promise<Shadows> {
    try {
      return new Shadows({
        template: await this.connection.withEntities(),
        urls: this.options.shadow ?? {},
        onProgress: this.reporter.progress,
      })
    } catch (error) {
      // The next one tries again.
      this.#shadows = undefined
      throw error
    }
  }

  async close(): Promise<void> {
    const shadows = await this.#shadows?.catch(() => undefined)
    this.#shadows = undefined
    await shadows?.close()
    await this.connection.close()
  }
}

async function namesIn(history: History, database: Queryable): Promise<readonly string[]> {
  return (await history.read(database)).map(({ name }) => name)
}

function defaultActor(): string {
  try {
    return `${userInfo().username}@${hostname()}`
  } catch {
    // A container may run under a user id that has no name.
    return `uid${String(process.getuid?.() ?? '')}@${hostname()}`
  }
}
