import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { hostname, userInfo } from 'node:os'
import path from 'node:path'

import type { DataSource, MigrationInterface, QueryRunner } from 'typeorm'

import { ReplayCache } from '../shadow/cache'
import { rejectionHelp } from '../shadow/entity-errors'
import { Shadows, withRunner } from '../shadow/shadows'
import type { Dialect } from '../dialect/dialect'
import type { Queryable } from '../dialect/queryable'
import type { LockKind } from '../dialect/roles/locks'
import { type DialectName, dialectNameOf, loadDialect } from '../dialect/registry'
import { initializeUntouched } from '../dialect/typeorm-decorators'
import { AludelError, isAludelError, messageOf } from '../errors'
import { createModuleLoader, loadMigration, type ModuleLoader } from '../files/load'
import { readRevisions } from '../files/read'
import { batchesName, History, journalName } from '../history/history'
import { type RevisionFiles, type State, stateOf } from '../history/state'
import type { ReadConnection } from './project'
import { RevisionGraph } from '../revision/graph'
import { viewOf } from '../revision/replaced'
import type { Revision } from '../revision/revision'
import type { RunEvent, RunListener } from './events'
import type { LimitOptions } from './limits'
import { readPatterns } from '../schema/patterns'
import type { IsUnmanaged } from '../schema/unmanaged'
import { toolVersion } from '../version'

/** What a `Migrator` is made of. Only `dataSource` and `revisions` are needed. */
export interface MigratorOptions extends LimitOptions {
  /** A TypeORM DataSource (0.3 or 1.x), initialized or not, or a function that gives one. */
  readonly dataSource: DataSource | (() => Promise<DataSource>)
  /** Revision directories; new revisions are written to the first. */
  readonly revisions: string | readonly string[]
  /** Dialects whose statements a new revision holds. Default: that of the DataSource. */
  readonly dialects?: readonly DialectName[] | null
  /** Servers for shadow databases, by dialect. Default: the DataSource's own server, else an embedded one. */
  readonly shadow?: Readonly<Partial<Record<DialectName, string>>>
  /** Loads revision files. Default: Node's `import()`, and for TypeScript a loader that needs no build step. */
  readonly loadModule?: ModuleLoader
  /** Progress, as typed events. */
  readonly onEvent?: RunListener
  /** A cheaper connection for methods that only read the history. */
  readonly readConnection?: () => Promise<ReadConnection>
  /** Directory for schemas of replayed revisions, and for what the files of large revision directories say; null: keep none. Default: `node_modules/.cache/aludel` under `root`. */
  readonly cacheDirectory?: string | null
  /** Project directory; relative paths start here. Default: the working directory. */
  readonly root?: string
  /** Language of new revision files. Default: that of the newest revision, else TypeScript. */
  readonly language?: 'ts' | 'js' | 'mjs' | 'cjs' | null
  /** Milliseconds to wait for another migrator. Default 30,000. */
  readonly lockTimeoutMs?: number
  /**
   * What keeps the migration lock. `session` (default): a database session, and it ends with it. `lease`: a row with a
   * heartbeat, for connections through a pooler in transaction mode. On SQLite both are the lock of a file.
   */
  readonly lock?: LockKind
  /** Milliseconds that a lease lasts when its process is dead. Default 30,000. */
  readonly leaseMs?: number
  /**
   * What revisions make and entities do not describe, and is to be left alone: patterns `kind:name`
   * (`index:posts.ix_body_gin`, `trigger:posts.*`). `create` asks about the rest.
   */
  readonly unmanaged?: readonly string[]
  /** What others manage, in the same form (`table:spatial_ref_sys`, `schema:queue`): no command sees it, on any side. */
  readonly ignore?: readonly string[]
  /** The configuration file, where `create` notes what it was told to leave alone; null or absent: nowhere. */
  readonly configPath?: string | null
  /** Ends a run between two statements. */
  readonly signal?: AbortSignal
  /** For tests: the time. */
  readonly clock?: () => Date
  /** Who runs, for the journal. Default `user@host`. */
  readonly actor?: string
}

/** The name of TypeORM's own book-keeping table for views and generated columns. */
const metadataTable = 'typeorm_metadata'
/** Leases, on a database that has ever been migrated with one. */
const lockTable = 'aludel_lock'

/**
 * What the methods of `Migrator` share: files, connection, history, shadows. Everything is loaded when first needed,
 * and what was opened here is closed by {@link close}.
 */
export class Context {
  readonly directories: readonly string[]
  readonly root: string
  readonly loadModule: ModuleLoader
  #dataSource: Promise<DataSource> | undefined
  #missingDirectories: 'refused' | 'allowed' = 'refused'
  #opened: DataSource | undefined
  #kept: DataSource | undefined
  #files: Promise<RevisionFiles> | undefined
  #shadows: Shadows | undefined
  #read: { connection: ReadConnection } | undefined
  readonly #listeners = new Set<RunListener>()

  /** What is left alone because somebody made it by hand. */
  readonly unmanaged: IsUnmanaged
  /** What others manage. */
  readonly ignored: IsUnmanaged

  constructor(readonly options: MigratorOptions) {
    this.unmanaged = readPatterns(options.unmanaged ?? [], { code: 'ALUDEL_CONFIG', where: 'unmanaged' })
    this.ignored = readPatterns(options.ignore ?? [], { code: 'ALUDEL_CONFIG', where: 'ignore' })
    this.root = options.root ?? process.cwd()
    this.directories = [options.revisions].flat().map((directory) => path.resolve(this.root, directory))
    this.loadModule = options.loadModule ?? createModuleLoader()
  }

  get signal(): AbortSignal | undefined {
    return this.options.signal
  }

  now(): Date {
    return this.options.clock?.() ?? new Date()
  }

  get actor(): string {
    return this.options.actor ?? defaultActor()
  }

  /** What kind of lock a run takes. */
  get lockSettings(): { readonly lockKind?: LockKind; readonly leaseMs?: number } {
    const { lock, leaseMs } = this.options
    return { ...(lock === undefined ? {} : { lockKind: lock }), ...(leaseMs === undefined ? {} : { leaseMs }) }
  }

  newRunId(): string {
    return randomUUID()
  }

  readonly emit = (event: RunEvent): void => {
    this.options.onEvent?.(event)
    for (const listener of this.#listeners) listener(event)
  }

  /** Tells one more of everything, until `work` is over. */
  async telling<Result>(listener: RunListener, work: () => Promise<Result>): Promise<Result> {
    this.#listeners.add(listener)
    try {
      return await work()
    } finally {
      this.#listeners.delete(listener)
    }
  }

  readonly progress = (message: string): void => {
    this.emit({ type: 'progress', message })
  }

  readonly warn = (message: string): void => {
    this.emit({ type: 'warning', message })
  }

  /** The revisions as their files describe them; nothing is executed. */
  files(): Promise<RevisionFiles> {
    return (this.#files ??= this.#readFiles())
  }

  /** From here on a revision directory that does not exist yet is an empty one: the first revision makes it. */
  allowMissingDirectories(): void {
    this.#missingDirectories = 'allowed'
  }

  async #readFiles(): Promise<RevisionFiles> {
    const directories =
      this.#missingDirectories === 'allowed' ? this.directories.filter((one) => existsSync(one)) : this.directories
    const { revisions, warnings } = await readRevisions(directories, {
      cacheDirectory: this.#cacheDirectory,
      version: toolVersion,
    })
    for (const message of warnings) this.warn(message)
    return { graph: new RevisionGraph(viewOf(revisions, new Set()).revisions), revisions }
  }

  /** Forgets the files, after one was written. */
  forgetFiles(): void {
    this.#files = undefined
  }

  readonly load = async (revision: Revision): Promise<MigrationInterface> => {
    const migration = await loadMigration(revision, this.loadModule)
    // A squash asks the history whether TypeORM's runner did its work already; here the plan has answered that.
    if (revision.replaces !== undefined) Object.assign(migration, { isReplaced: () => Promise.resolve(false) })
    return migration
  }

  /** The DataSource, not necessarily initialized. */
  dataSource(): Promise<DataSource> {
    const { dataSource } = this.options
    return (this.#dataSource ??= typeof dataSource === 'function' ? dataSource() : Promise.resolve(dataSource))
  }

  async dialect(): Promise<Dialect> {
    return loadDialect(dialectNameOf((await this.dataSource()).options.type))
  }

  /** Dialects that a new revision is written for. */
  async dialects(): Promise<readonly Dialect[]> {
    const names = this.options.dialects ?? [dialectNameOf((await this.dataSource()).options.type)]
    return names.map(loadDialect)
  }

  /** Connects when that has not been done, and gives a query runner that is released afterwards. */
  async withRunner<T>(work: (runner: QueryRunner, dialect: Dialect, dataSource: DataSource) => Promise<T>): Promise<T> {
    const dataSource = await this.connected()
    return withRunner(dataSource, async (runner) => work(runner, await this.dialect(), dataSource))
  }

  async connected(): Promise<DataSource> {
    const dataSource = await this.dataSource()
    if (dataSource.isInitialized) return dataSource
    const dialect = await this.dialect()
    try {
      await initializeUntouched(dataSource)
    } catch (error) {
      throw initializeError(error, dialect, dataSource)
    }
    this.#opened = dataSource
    return dataSource
  }

  async history(): Promise<History> {
    const dataSource = await this.dataSource()
    return History.of(await this.dialect(), dataSource)
  }

  /** Tables that are no part of anybody's schema: TypeORM's and our own. */
  async ignoreTables(): Promise<readonly string[]> {
    const dataSource = await this.dataSource()
    return [
      dataSource.options.migrationsTableName ?? 'migrations',
      journalName,
      lockTable,
      batchesName,
      dataSource.options.metadataTableName ?? metadataTable,
    ]
  }

  /** Reads files and history: one query. */
  async state(database?: Queryable): Promise<State> {
    return stateOf(await this.files(), await this.#appliedNames(database))
  }

  async #appliedNames(database?: Queryable): Promise<readonly string[]> {
    if (database !== undefined) return (await (await this.history()).read(database)).map((row) => row.name)
    const light = await this.readConnection()
    if (light !== null) {
      const dialect = loadDialect(light.dialect)
      return (await new History({ dialect, table: 'migrations', journalTable: journalName }).read(light)).map(
        (row) => row.name,
      )
    }
    return this.withRunner((runner) => this.#appliedNames(runner))
  }

  /** The cheap connection, where the project has one; opened once. */
  async readConnection(): Promise<ReadConnection | null> {
    const { readConnection } = this.options
    // When a DataSource is open already, a second connection would cost more than it saves.
    if (readConnection === undefined || this.#opened !== undefined) return null
    this.#read ??= { connection: await readConnection() }
    return this.#read.connection
  }

  async shadows(): Promise<Shadows> {
    this.#shadows ??= new Shadows({
      template: await this.dataSource(),
      urls: this.options.shadow ?? {},
      onProgress: this.progress,
    })
    return this.#shadows
  }

  get cache(): ReplayCache {
    return new ReplayCache(this.#cacheDirectory)
  }

  get #cacheDirectory(): string | null {
    const { cacheDirectory } = this.options
    return cacheDirectory === undefined ? path.join(this.root, 'node_modules', '.cache', 'aludel') : cacheDirectory
  }

  /** True when the DataSource was initialized before it came here. */
  get wasInitialized(): boolean {
    return this.#opened === undefined && this.#kept === undefined
  }

  /** Leaves the DataSource connected when this context closes. */
  keepOpen(): void {
    this.#kept = this.#opened
    this.#opened = undefined
  }

  /** Closes what was opened here; a DataSource that came initialized stays so. */
  async close(): Promise<void> {
    await this.#shadows?.close()
    this.#shadows = undefined
    await this.#read?.connection.close()
    this.#read = undefined
    const opened = this.#opened
    this.#opened = undefined
    if (opened?.isInitialized === true) await opened.destroy()
  }
}

function initializeError(error: unknown, dialect: Dialect, dataSource: DataSource): AludelError {
  if (isAludelError(error)) return error
  if (isEntityError(error)) {
    return new AludelError('ALUDEL_ENTITIES', `TypeORM does not accept the entities: ${messageOf(error)}`, {
      help: rejectionHelp(messageOf(error)),
      cause: error,
    })
  }
  return dialect.errors.connectError(error, dataSource.options)
}

/** TypeORM's own errors speak of entities, except those about a driver; what a driver throws is no TypeORMError. */
function isEntityError(error: unknown): boolean {
  if (!(error instanceof Error) || /Driver|Connection|QueryFailed/.test(error.name)) return false
  for (
    let type: unknown = Object.getPrototypeOf(error);
    typeof type === 'object' && type !== null;
    type = Object.getPrototypeOf(type)
  ) {
    if (type.constructor.name === 'TypeORMError') return true
  }
  return false
}

function defaultActor(): string {
  try {
    return `${userInfo().username}@${hostname()}`
  } catch {
    // A container may run under a user id that has no name.
    return `uid${String(process.getuid?.() ?? '')}@${hostname()}`
  }
}
