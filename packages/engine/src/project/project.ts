import path from 'node:path'

import type { DataSource, DataSourceOptions } from 'typeorm'

import type { Queryable } from '../dialect/queryable'
import type { LockKind } from '../dialect/roles/locks'
import { type DialectName, dialectNameOf, findDialect, loadDialect } from '../dialect/registry'
import { AludelError } from '../errors'
import { createModuleLoader, type ModuleLoader } from '../files/load'
import { type AludelConfig, loadConfig, type LoadedConfig, limitsIn } from './config'
import { isDataSource, loadDataSource, moveDataSource, prepareDataSource } from './data-source'
import { defaultDatabaseUrl, parseDatabaseUrl } from '../dialect/database-url'
import { runProjectCode } from '../files/project-code'
import type { LimitOptions } from './limits'

/** A connection that can only be asked; cheaper to open than a DataSource. */
export interface ReadConnection extends Queryable {
  readonly dialect: DialectName
  /** File or database name, for people. */
  readonly name: string
  close(): Promise<void>
}

/** What a project falls back on when it names no DataSource. The command line gives the shipped entities. */
export interface ProjectDefaults {
  /** Directory of the shipped revisions. */
  readonly revisions: string
  readonly dialects: readonly DialectName[]
  /** Makes a DataSource of the shipped entities, or of `entities` when given. Not initialized. */
  createDataSource(connection: DataSourceOptions, entities?: readonly string[]): Promise<DataSource>
  /** Opens a cheap connection for commands that only read the history. */
  connect?(connection: DataSourceOptions): Promise<Omit<ReadConnection, 'dialect'>>
}

export interface ProjectOptions {
  readonly cwd: string
  readonly env: Readonly<Record<string, string | undefined>>
  /** `--database-url` */
  readonly databaseUrl?: string | undefined
  /** `--data-source` */
  readonly dataSource?: string | undefined
  /** `--revisions`, repeatable */
  readonly revisions?: readonly string[] | undefined
  /** `--config` */
  readonly config?: string | undefined
  readonly defaults?: ProjectDefaults
  readonly loadModule?: ModuleLoader
}

/** Everything a `Migrator` needs to know of a project; nothing is connected yet. */
export interface Project {
  /** Directory that generated caches and relative paths belong to. */
  readonly root: string
  readonly configPath: string | null
  readonly revisions: readonly string[]
  readonly dialects: readonly DialectName[] | null
  readonly shadow: { readonly postgres?: string }
  readonly language: 'ts' | 'js' | 'mjs' | 'cjs' | null
  /** Patterns of unmanaged objects. */
  readonly unmanaged: readonly string[]
  /** Patterns of what others manage. */
  readonly ignore: readonly string[]
  /** What keeps the migration lock, where the project says so. */
  readonly lock?: LockKind
  /** How long statements may wait and run, as far as the configuration says. */
  readonly limits: LimitOptions
  readonly loadModule: ModuleLoader
  /**
   * The DataSource, loaded on the first call, not initialized.
   *
   * @param entities `defaults`: of the entities that come with the tool, where the project names entity files of its own
   *   but no DataSource. Code that was written against those classes finds no other class's metadata.
   */
  dataSource(entities?: 'project' | 'defaults'): Promise<DataSource>
  /** Present when the connection comes from a URL and so needs no DataSource file. */
  readonly readConnection?: () => Promise<ReadConnection>
}

/**
 * Finds out what a command works on: options first, then the configuration file, then the environment,
 * then the defaults.
 *
 * @throws AludelError `ALUDEL_CONFIG`, `ALUDEL_DATABASE_URL`, `ALUDEL_DATA_SOURCE`
 */
export async function loadProject(options: ProjectOptions): Promise<Project> {
  const loadModule = options.loadModule ?? createModuleLoader()
  const loaded = await loadConfig(options.cwd, options.config, loadModule)
  const config = loaded?.config ?? {}
  const root = loaded === null ? options.cwd : path.dirname(loaded.path)
  const source = dataSourceOf(options, config, root)
  const { defaults } = options
  if (source === null && defaults === undefined) throw noDataSource()
  const language = config.language ?? (typeof source === 'string' ? languageOf(source) : null)
  const common = {
    root,
    configPath: loaded?.path ?? null,
    revisions: revisionsOf(options, loaded, source),
    shadow: config.shadow ?? {},
    language,
    unmanaged: config.unmanaged ?? [],
    ignore: config.ignore ?? [],
    ...(config.lock === undefined ? {} : { lock: config.lock }),
    limits: limitsIn(config),
    loadModule,
  }

  if (source !== null) {
    return {
      ...common,
      dialects: config.dialects ?? null,
      dataSource: once(() => openNamed(source, options, loadModule)),
    }
  }
  if (defaults === undefined) throw noDataSource()
  return { ...common, ...byUrl(options, defaults, config, root, loadModule) }
}

/** A project whose database is named by a URL, and whose entities are the defaults' or those of the configuration. */
function byUrl(
  options: ProjectOptions,
  defaults: ProjectDefaults,
  config: AludelConfig,
  root: string,
  loadModule: ModuleLoader,
): Pick<Project, 'dialects' | 'dataSource' | 'readConnection'> {
  const connection = parseDatabaseUrl(databaseUrl(options) ?? defaultDatabaseUrl, options.cwd)
  const entities =
    config.entities === undefined ? undefined : [config.entities].flat().map((glob) => path.resolve(root, glob))
  const open = async (globs: readonly string[] | undefined): Promise<DataSource> => {
    await findDialect(connection.type)?.connection.makePlace(connection)
    return prepareDataSource(await defaults.createDataSource(connection, globs), loadModule, root)
  }
  const own = once(() => open(entities))
  const shipped = entities === undefined ? own : once(() => open(undefined))
  return {
    dialects: config.dialects ?? (config.entities === undefined ? defaults.dialects : null),
    dataSource: (which = 'project') => (which === 'project' ? own() : shipped()),
    ...(defaults.connect === undefined ? {} : { readConnection: () => openReadConnection(defaults, connection) }),
  }
}

async function openReadConnection(defaults: ProjectDefaults, connection: DataSourceOptions): Promise<ReadConnection> {
  const dialect = loadDialect(dialectNameOf(connection.type))
  try {
    if (defaults.connect === undefined) throw new TypeError('there is no cheap connection')
    return Object.assign(await defaults.connect(connection), { dialect: dialect.name })
  } catch (error) {
    throw dialect.errors.connectError(error, connection)
  }
}

function noDataSource(): AludelError {
  return new AludelError('ALUDEL_DATA_SOURCE', 'no DataSource is configured', {
    help: 'Give --data-source FILE, or write aludel.config.ts with `aludel migrate init`.',
  })
}

type NamedSource = string | DataSource | (() => DataSource | Promise<DataSource>)

function dataSourceOf(options: ProjectOptions, config: AludelConfig, root: string): NamedSource | null {
  if (options.dataSource !== undefined) return path.resolve(options.cwd, options.dataSource)
  if (config.dataSource === undefined) return null
  return typeof config.dataSource === 'string' ? path.resolve(root, config.dataSource) : config.dataSource
}

async function openNamed(source: NamedSource, options: ProjectOptions, loadModule: ModuleLoader): Promise<DataSource> {
  const found =
    typeof source === 'string'
      ? await loadDataSource(source, loadModule)
      : isDataSource(source)
        ? source
        : await runProjectCode('the dataSource function of the configuration', source)
  if (!isDataSource(found)) {
    throw new AludelError('ALUDEL_DATA_SOURCE', 'the dataSource function of the configuration returns no DataSource')
  }
  // A DataSource file says where its database is; DATABASE_URL belongs to the shipped entities.
  const dataSource =
    options.databaseUrl === undefined
      ? found
      : moveDataSource(found, parseDatabaseUrl(options.databaseUrl, options.cwd))
  await findDialect(dataSource.options.type)?.connection.makePlace(dataSource.options)
  return prepareDataSource(dataSource, loadModule, options.cwd)
}

function revisionsOf(
  options: ProjectOptions,
  loaded: LoadedConfig | null,
  source: NamedSource | null,
): readonly string[] {
  if (options.revisions !== undefined && options.revisions.length > 0) {
    return options.revisions.map((directory) => path.resolve(options.cwd, directory))
  }
  const configured = loaded?.config.revisions
  if (loaded !== null && configured !== undefined && options.dataSource === undefined) {
    return [configured].flat().map((directory) => path.resolve(path.dirname(loaded.path), directory))
  }
  if (typeof source === 'string') return [path.join(path.dirname(source), 'migrations')]
  if (source === null && options.defaults !== undefined) return [options.defaults.revisions]
  throw new AludelError('ALUDEL_CONFIG', 'the configuration names no revision directory', {
    help: 'Add `revisions: "./src/migrations"`, or give --revisions DIR.',
  })
}

function databaseUrl(options: ProjectOptions): string | undefined {
  const fromEnvironment = options.env['DATABASE_URL']
  return options.databaseUrl ?? (fromEnvironment === undefined || fromEnvironment === '' ? undefined : fromEnvironment)
}

function languageOf(file: string): 'ts' | 'js' | 'mjs' | 'cjs' {
  const extension = path.extname(file).slice(1)
  if (extension === 'mjs' || extension === 'cjs' || extension === 'js') return extension
  return 'ts'
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined
  return () => (made ??= make())
}
