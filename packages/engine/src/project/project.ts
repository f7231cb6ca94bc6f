import path from 'node:path'

import type { DataSource, DataSourceOptions } from 'typeorm'

import type { Queryable } from '../dialect/queryable'
import type { LockKind } from '../dialect/roles/locks'
import { type DialectName, dialectNameOf, findDialect, loadDialect } from '../dialect/registry'
import { AludelError } from '../errors'
import { createModuleLoader, type ModuleLoader } from '../files/load'
import { type AludelConfig, loadConfig, type LoadedConfig, limitsIn } from './config'
import { declaredDirectories } from './declared-migrations'
import { callDataSource, isDataSource, loadDataSource, moveDataSource, prepareDataSource } from './data-source'
import { defaultDatabaseUrl, parseDatabaseUrl } from '../dialect/database-url'
import type { LimitOptions } from './limits'
import { watchFunctions } from './watch-functions'

/** A read-only connection, cheaper to open than a DataSource. */
export interface ReadConnection extends Queryable {
  readonly dialect: DialectName
  /** File or database name, for display. */
  readonly name: string
  close(): Promise<void>
}

/** The fallback for a project without a DataSource. The command line passes the shipped entities. */
export interface ProjectDefaults {
  /** Directory of the shipped revisions. */
  readonly revisions: string
  readonly dialects: readonly DialectName[]
  /** Creates a DataSource of the shipped entities, or of `entities` (globs) when given. Not initialized. */
  createDataSource(connection: DataSourceOptions, entities?: readonly string[]): Promise<DataSource>
  /** Opens a cheap connection for commands that only read the history. */
  connect?(connection: DataSourceOptions): Promise<Omit<ReadConnection, 'dialect'>>
}

/** Where {@link loadProject} looks for a project: the options of the command line, and its environment. */
export interface ProjectOptions {
  /** The configuration file is searched upwards from here; relative paths start here. */
  readonly cwd: string
  /** Environment variables: `DATABASE_URL`, and those of libpq (`PGHOST`, `PGPASSWORD` …) for missing parts of a URL. */
  readonly env: Readonly<Record<string, string | undefined>>
  /** `--database-url` */
  readonly databaseUrl?: string
  /** `--data-source` */
  readonly dataSource?: string
  /** `--revisions`, repeatable */
  readonly revisions?: readonly string[]
  /** `--config` */
  readonly config?: string
  /** Absent: a project without a DataSource is an error. */
  readonly defaults?: ProjectDefaults
  /** Loads the configuration, DataSource and revision files. Default: {@link createModuleLoader}. */
  readonly loadModule?: ModuleLoader
}

/** The settings of a project, as a `Migrator` needs them. Nothing is connected yet. */
export interface Project {
  /** Directory of the configuration file, else the working directory; caches go below it. */
  readonly root: string
  /** The configuration file; null if there is none. */
  readonly configPath: string | null
  /** Absolute paths of the revision directories. */
  readonly revisions: readonly string[]
  /** Null: that of the DataSource. */
  readonly dialects: readonly DialectName[] | null
  /** Servers for shadow databases; see {@link AludelConfig.shadow}. */
  readonly shadow: { readonly postgres?: string }
  /** Language of new revision files, if there is no revision to copy it from; null: TypeScript. */
  readonly language: 'ts' | 'js' | 'mjs' | 'cjs' | null
  /** Patterns of unmanaged objects. */
  readonly unmanaged: readonly string[]
  /** What the configuration does with names that TypeORM derives. */
  readonly names?: 'keep' | 'rename'
  /** Patterns of objects that other tools manage. */
  readonly ignore: readonly string[]
  /** The kind of migration lock, if the configuration sets it. */
  readonly lock?: LockKind
  /** The statement limits that the configuration sets. */
  readonly limits: LimitOptions
  readonly loadModule: ModuleLoader
  /**
   * The DataSource, loaded on the first call, not initialized.
   *
   * @param entities `defaults`: use the shipped entities even if the project names entity files (but no DataSource), for
   *   code that is written against the shipped classes
   */
  dataSource(entities?: 'project' | 'defaults'): Promise<DataSource>
  /** Present if the connection is given by a URL, so that no DataSource file is needed. */
  readonly readConnection?: () => Promise<ReadConnection>
}

/**
 * Finds the project that a command works on: options override the configuration file, which overrides the environment,
 * which overrides the defaults.
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
  const found = once(async () => {
    if (source === null) throw noDataSource()
    return findNamed(source, loaded?.path ?? null, loadModule)
  })
  const language = config.language ?? (typeof source === 'string' ? languageOf(source) : null)
  const common = {
    root,
    configPath: loaded?.path ?? null,
    revisions: await revisionsOf(options, loaded, source, found),
    shadow: config.shadow ?? {},
    language,
    unmanaged: config.unmanaged ?? [],
    names: config.names,
    ignore: config.ignore ?? [],
    lock: config.lock,
    limits: limitsIn(config),
    loadModule,
  }

  if (source !== null) {
    return {
      ...common,
      dialects: config.dialects ?? null,
      dataSource: once(async () => openNamed(await found(), options, loadModule, loaded?.path ?? null, source)),
    }
  }
  if (defaults === undefined) throw noDataSource()
  return { ...common, ...byUrl(options, defaults, config, root, loadModule) }
}

/** The parts of a project whose database is given by a URL; its entities are those of the configuration or the defaults. */
function byUrl(
  options: ProjectOptions,
  defaults: ProjectDefaults,
  config: AludelConfig,
  root: string,
  loadModule: ModuleLoader,
): Pick<Project, 'dialects' | 'dataSource' | 'readConnection'> {
  const connection = parseDatabaseUrl(databaseUrl(options) ?? defaultDatabaseUrl, options.cwd, options.env)
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
    readConnection: defaults.connect && (() => openReadConnection(defaults, connection)),
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

const configuration = (configPath: string | null): string => configPath ?? 'the configuration'

/** The DataSource as the project declares it. */
async function findNamed(
  source: NamedSource,
  configPath: string | null,
  loadModule: ModuleLoader,
): Promise<DataSource> {
  if (typeof source === 'string') return loadDataSource(source, loadModule)
  if (isDataSource(source)) return source
  const what = `the dataSource function of ${configuration(configPath)}`
  const found: unknown = await callDataSource(what, source)
  if (isDataSource(found)) return found
  throw new AludelError('ALUDEL_DATA_SOURCE', `${what} returns no DataSource`)
}

/** The DataSource, ready to connect to the database of the command. */
async function openNamed(
  found: DataSource,
  { databaseUrl: url, cwd, env }: ProjectOptions,
  loadModule: ModuleLoader,
  configPath: string | null,
  source: NamedSource,
): Promise<DataSource> {
  // A DataSource file names its own database; DATABASE_URL is for the shipped entities.
  const dataSource = url === undefined ? found : moveDataSource(found, parseDatabaseUrl(url, cwd, env))
  await findDialect(dataSource.options.type)?.connection.makePlace(dataSource.options)
  watchFunctions(dataSource, typeof source === 'string' ? source : configuration(configPath))
  return prepareDataSource(dataSource, loadModule, cwd)
}

/** @param found loads the DataSource, which is necessary only if neither an option nor the configuration names a directory */
async function revisionsOf(
  options: ProjectOptions,
  loaded: LoadedConfig | null,
  source: NamedSource | null,
  found: () => Promise<DataSource>,
): Promise<readonly string[]> {
  if (options.revisions !== undefined && options.revisions.length > 0) {
    return options.revisions.map((directory) => path.resolve(options.cwd, directory))
  }
  const configured = loaded?.config.revisions
  if (loaded !== null && configured !== undefined && options.dataSource === undefined) {
    return [configured].flat().map((directory) => path.resolve(path.dirname(loaded.path), directory))
  }
  if (source === null) {
    if (options.defaults !== undefined) return [options.defaults.revisions]
  } else {
    const beside = typeof source === 'string' ? path.join(path.dirname(source), 'migrations') : null
    // Commands also work in subdirectories of a project; TypeORM's start in its root.
    const root = loaded === null || options.dataSource !== undefined ? options.cwd : path.dirname(loaded.path)
    const declared = await declaredDirectories(await found(), root, beside)
    if (declared.length > 0) return declared
    if (beside !== null) return [beside]
  }
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
