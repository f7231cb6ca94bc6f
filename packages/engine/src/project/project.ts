import { existsSync } from 'node:fs'
import path from 'node:path'

import type { DataSource, DataSourceOptions } from 'typeorm'

import type { Queryable } from '../dialect/queryable'
import type { LockKind } from '../dialect/roles/locks'
import { unusableDriver } from '../dialect/driver-error'
import { type DialectName, dialectNameOf, findDialect, loadDialect } from '../dialect/registry'
import { AludelError } from '../errors'
import { createModuleLoader, type ModuleLoader } from '../files/load'
import type { BackupSettings } from './backup-settings'
import type { LintSettings } from '../lint/settings'
import { type AludelConfig, backupsIn, loadConfig, type LoadedConfig, limitsIn } from './config'
import { declaredDirectories } from './declared-migrations'
import { callDataSource, isDataSource, loadDataSource, moveDataSource, prepareDataSource } from './data-source'
import { defaultDatabaseUrl, parseDatabaseUrl } from '../dialect/database-url'
import type { LimitOptions } from './limits'
import { noProject } from './no-project'
import { watchFunctions } from './watch-functions'

/** A read-only connection, cheaper to open than a DataSource. */
export interface ReadConnection extends Queryable {
  readonly dialect: DialectName
  /** File or database name, for display. */
  readonly name: string
  close(): Promise<void>
}

/**
 * What a project without a DataSource needs and the engine does not have: the shipped entities, and a TypeORM. The command line
 * passes it.
 */
export interface ProjectDefaults {
  /** Finds the shipped revisions, for a configuration with `shipped: true`. */
  shipped(): Promise<ShippedProject>
  /** Creates a DataSource of the shipped entities, or of `entities` (globs) when given. Not initialized. */
  createDataSource(connection: DataSourceOptions, entities?: readonly string[]): Promise<DataSource>
  /** Opens a cheap connection for commands that only read the history. */
  connect?(connection: DataSourceOptions): Promise<Omit<ReadConnection, 'dialect'>>
}

/** The project of the shipped entities. */
export interface ShippedProject {
  /** Directory of the revisions. */
  readonly revisions: string
  readonly dialects: readonly DialectName[]
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
  /**
   * Called with the directory of a configuration file that was found above `cwd`, before a file of the project is loaded: their
   * relative paths (a SQLite file, `.env`) start there. The command line changes its working directory.
   */
  readonly enter?: (directory: string) => void
  /** Absent: `shipped` and `entities` of the configuration are errors. */
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
  /** Whether upgrades keep what they drop, if the configuration says so. */
  readonly keepDropped?: AludelConfig['keepDropped']
  /** Whether new revisions avoid blocking others. */
  readonly online?: boolean
  /** What `lint` looks for. */
  readonly lint?: LintSettings
  /** The kind of migration lock, if the configuration sets it. */
  readonly lock?: LockKind
  /** How backups are made and kept, with absolute paths. */
  readonly backups: BackupSettings
  /** The statement limits that the configuration sets. */
  readonly limits: LimitOptions
  readonly loadModule: ModuleLoader
  /**
   * The DataSource, loaded on the first call, not initialized.
   *
   * @param entities `defaults`: the shipped classes even if the configuration names other files for them, for code that is
   *   written against these classes. No difference in projects that are not `shipped`
   */
  dataSource(entities?: 'project' | 'defaults'): Promise<DataSource>
  /** Present if the connection is given by a URL, so that no DataSource file is needed. */
  readonly readConnection?: () => Promise<ReadConnection>
}

/**
 * Finds the project that a command works on: options override the configuration file, which overrides the environment. There is no
 * default: without a DataSource, entities or `shipped: true` there is no project.
 *
 * @throws AludelError `ALUDEL_NO_PROJECT`, `ALUDEL_CONFIG`, `ALUDEL_DATABASE_URL`, `ALUDEL_DATA_SOURCE`
 */
export async function loadProject(options: ProjectOptions): Promise<Project> {
  const loadModule = options.loadModule ?? createModuleLoader()
  const loaded = await loadConfig(options.cwd, options.config, loadModule, options.enter)
  const config = loaded?.config ?? {}
  const root = loaded === null ? options.cwd : path.dirname(loaded.path)
  const source = dataSourceOf(options, config, root)
  const configPath = loaded?.path ?? null
  const common = {
    root,
    configPath,
    shadow: config.shadow ?? {},
    language: config.language ?? (typeof source === 'string' ? languageOf(source) : null),
    unmanaged: config.unmanaged ?? [],
    names: config.names,
    ignore: config.ignore ?? [],
    keepDropped: config.keepDropped,
    online: config.online,
    lint: config.lint,
    lock: config.lock,
    backups: backupsIn(config, root),
    limits: limitsIn(config),
    loadModule,
  }
  if (source === null) return { ...common, ...(await byUrl(options, loaded, loadModule)) }

  const found = once(() => findNamed(source, configPath, loadModule))
  return {
    ...common,
    revisions: givenRevisions(options, loaded) ?? (await revisionsOf(options, loaded, source, found)),
    dialects: config.dialects ?? null,
    dataSource: once(async () => openNamed(await found(), options, loadModule, configPath, source)),
  }
}

/** The parts of a project whose database is given by a URL; its entities are those that the configuration names, or the shipped ones. */
async function byUrl(
  options: ProjectOptions,
  loaded: LoadedConfig | null,
  loadModule: ModuleLoader,
): Promise<Pick<Project, 'revisions' | 'dialects' | 'dataSource' | 'readConnection'>> {
  const { config = {}, path: configPath = null } = loaded ?? {}
  if (configPath === null || (config.shipped !== true && config.entities === undefined)) {
    throw await noProject(options.cwd, configPath)
  }
  const { defaults } = options
  if (defaults === undefined) {
    const key = config.shipped === true ? 'shipped' : 'entities'
    throw new AludelError('ALUDEL_CONFIG', `${configPath}: only the command line knows what to do with "${key}"`, {
      help: 'Name a dataSource, or pass `defaults` to loadProject.',
      details: { path: configPath, keys: [key] },
    })
  }
  const shipped = config.shipped === true ? await defaults.shipped() : undefined
  const revisions = givenRevisions(options, loaded) ?? (shipped && [shipped.revisions])
  if (revisions === undefined) throw noRevisions()
  const root = path.dirname(configPath)
  const url = databaseUrl(options)
  const connection = parseDatabaseUrl(url ?? defaultDatabaseUrl, url === undefined ? root : options.cwd, options.env)
  const open = async (globs: readonly string[] | undefined): Promise<DataSource> => {
    await findDialect(connection.type)?.connection.makePlace(connection)
    const dataSource = await defaults.createDataSource(connection, globs).catch((error: unknown) => {
      throw unusableDriver(error, root) ?? error
    })
    return prepareDataSource(dataSource, loadModule, root)
  }
  const entities =
    config.entities === undefined ? undefined : [config.entities].flat().map((glob) => path.resolve(root, glob))
  const own = once(() => open(entities))
  const classes = shipped === undefined || entities === undefined ? own : once(() => open(undefined))
  return {
    revisions,
    dialects: config.dialects ?? (entities === undefined ? (shipped?.dialects ?? null) : null),
    dataSource: (which = 'project') => (which === 'project' ? own() : classes()),
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
  // A DataSource file names its own database; DATABASE_URL is for projects without one.
  const dataSource = url === undefined ? found : moveDataSource(found, parseDatabaseUrl(url, cwd, env))
  await findDialect(dataSource.options.type)?.connection.makePlace(dataSource.options)
  watchFunctions(dataSource, typeof source === 'string' ? source : configuration(configPath))
  return prepareDataSource(dataSource, loadModule, cwd)
}

/** The revision directories that an option or the configuration names. */
function givenRevisions(options: ProjectOptions, loaded: LoadedConfig | null): readonly string[] | undefined {
  if (options.revisions !== undefined && options.revisions.length > 0) {
    return options.revisions.map((directory) => path.resolve(options.cwd, directory))
  }
  const configured = loaded?.config.revisions
  if (loaded === null || configured === undefined || options.dataSource !== undefined) return undefined
  return [configured].flat().map((directory) => path.resolve(path.dirname(loaded.path), directory))
}

/** The revision directories that the DataSource names, else the one beside it. */
async function revisionsOf(
  options: ProjectOptions,
  loaded: LoadedConfig | null,
  source: NamedSource,
  found: () => Promise<DataSource>,
): Promise<readonly string[]> {
  const beside = typeof source === 'string' ? path.join(path.dirname(source), 'migrations') : null
  // Commands also work in subdirectories of a project; TypeORM's start in its root.
  const root = loaded === null || options.dataSource !== undefined ? options.cwd : path.dirname(loaded.path)
  try {
    const declared = await declaredDirectories(await found(), root, beside)
    if (declared.length > 0) return declared
  } catch (error) {
    // A broken entity must not hide the revisions from commands that need nothing else.
    if (beside === null || !existsSync(beside)) throw error
  }
  if (beside !== null) return [beside]
  throw noRevisions()
}

function noRevisions(): AludelError {
  return new AludelError('ALUDEL_CONFIG', 'the configuration names no revision directory', {
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
