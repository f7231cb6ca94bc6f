import path from 'node:path'

import type { DataSource, DataSourceOptions } from 'typeorm'

import { movedOptions, passive } from '../dialect/connection-options'
import { constructDataSource, unusableDriver } from '../dialect/driver-error'
import { sharedDialect } from '../dialect/registry'
import { AludelError, isAludelError, messageOf } from '../errors'
import type { ModuleLoader } from '../files/load'
import { loadFailure } from '../files/load-failure'
import { runProjectCode } from '../files/project-code'
import { exists } from './config'
import { rememberMigrations } from './declared-migrations'
import { columnTypeError } from '../shadow/entity-errors'
import { firstLine } from '../text'

/**
 * Loads the DataSource that a file exports, in any form that TypeORM's own command line accepts:
 * default or named export, instance or promise.
 *
 * @throws AludelError `ALUDEL_DATA_SOURCE` when the file is missing, throws, or exports something else; `ALUDEL_DRIVER` when
 *   it needs a driver that is not installed or does not load
 */
export async function loadDataSource(file: string, loadModule: ModuleLoader): Promise<DataSource> {
  if (!(await exists(file))) {
    throw new AludelError('ALUDEL_DATA_SOURCE', `no DataSource file at ${file}`, {
      help: 'Give the file that exports your DataSource: --data-source src/data-source.ts',
    })
  }
  let exported: Record<string, unknown>
  try {
    exported = await runProjectCode(file, () => loadModule(file))
  } catch (cause) {
    if (isAludelError(cause)) throw cause
    const driver = unusableDriver(cause, path.dirname(file))
    if (driver !== undefined) throw driver
    const untyped = columnTypeError(messageOf(cause), cause)
    if (untyped !== undefined) throw untyped
    throw new AludelError('ALUDEL_DATA_SOURCE', loadFailure(file, cause), { cause })
  }
  const found: DataSource[] = []
  for (const exportedValue of candidates(exported)) {
    const value = await promised(file, exportedValue)
    if (isDataSource(value) && !found.includes(value)) found.push(value)
  }
  const [first, ...others] = found
  if (first === undefined) {
    const names = Object.keys(exported).filter((name) => name !== '__esModule')
    throw new AludelError('ALUDEL_DATA_SOURCE', `${file} exports no DataSource`, {
      help: `It exports ${names.length === 0 ? 'nothing' : names.join(', ')}. Write \`export default new DataSource({ … })\`.`,
      details: { exports: names },
    })
  }
  if (others.length > 0) {
    throw new AludelError('ALUDEL_DATA_SOURCE', `${file} exports ${String(found.length)} DataSources`, {
      help: 'Name the one to use in aludel.config.ts: dataSource: () => theOne.',
    })
  }
  return first
}

async function promised(file: string, value: unknown): Promise<unknown> {
  try {
    return await runProjectCode(`the promise that ${file} exports`, () => value)
  } catch (cause) {
    if (isAludelError(cause)) throw cause
    const driver = unusableDriver(cause, path.dirname(file))
    if (driver !== undefined) throw driver
    throw new AludelError(
      'ALUDEL_DATA_SOURCE',
      `the promise that ${file} exports rejects: ${firstLine(messageOf(cause))}`,
      { cause },
    )
  }
}

/**
 * Calls a function of the project that returns a DataSource.
 *
 * @param what for errors: `the dataSource function of /app/aludel.config.ts`
 * @throws AludelError `ALUDEL_DATA_SOURCE` when it throws
 */
export async function callDataSource<Found>(what: string, work: () => Found | Promise<Found>): Promise<Found> {
  try {
    return await runProjectCode(what, work)
  } catch (cause) {
    if (isAludelError(cause)) throw cause
    const driver = unusableDriver(cause)
    if (driver !== undefined) throw driver
    throw new AludelError('ALUDEL_DATA_SOURCE', `${what} throws: ${firstLine(messageOf(cause))}`, { cause })
  }
}

/** True for a DataSource of any copy of TypeORM; `instanceof` would recognize only one copy. */
export function isDataSource(value: unknown): value is DataSource {
  return (
    typeof value === 'object' &&
    value !== null &&
    'options' in value &&
    'driver' in value &&
    'initialize' in value &&
    typeof value.initialize === 'function'
  )
}

/** Creates a DataSource on the same database that knows no entity and does nothing automatically. */
export function withoutEntities(template: DataSource): DataSource {
  return constructDataSource(template, {
    ...template.options,
    ...passive,
    entities: [],
  } as unknown as DataSourceOptions)
}

/**
 * Creates a DataSource with the same TypeORM and entities for another database.
 *
 * @param template provides the constructor, entities and table names
 * @param connection of the other database
 */
export function moveDataSource(template: DataSource, connection: DataSourceOptions): DataSource {
  return constructDataSource(
    template,
    movedOptions(template.options, connection, sharedDialect(template.options, connection)?.connection),
  )
}

/** Loads the entity files of DataSources that were prepared and whose entities nobody has needed so far. */
const entityLoaders = new WeakMap<DataSource, () => Promise<void>>()

/**
 * Prepares a DataSource: disables everything that would run automatically when it connects, and its entity files are loaded by
 * {@link loadEntityFiles} (TypeORM itself cannot load TypeScript).
 */
export function prepareDataSource(dataSource: DataSource, loadModule: ModuleLoader, cwd: string): DataSource {
  if (dataSource.isInitialized) return dataSource
  rememberMigrations(dataSource)
  const { entities } = dataSource.options
  let loaded: Promise<void> | undefined
  const load = async (): Promise<void> => {
    dataSource.setOptions({ entities: await expandEntities(entities, loadModule, cwd) })
  }
  entityLoaders.set(dataSource, () => (loaded ??= load()))
  return dataSource.setOptions({
    // Aludel loads a revision only when it runs; TypeORM would load all of them to connect.
    migrations: [],
    subscribers: [],
    migrationsRun: false,
    synchronize: false,
    dropSchema: false,
    logging: false,
    // TypeORM makes the logger in the constructor, and makes it again only if an option names one.
    logger: 'advanced-console',
  })
}

/**
 * Loads the entity files of a prepared DataSource, once. Call it before the entities are used.
 *
 * @throws AludelError `ALUDEL_ENTITIES` when no file matches, or one does not load
 */
export async function loadEntityFiles(dataSource: DataSource): Promise<void> {
  await entityLoaders.get(dataSource)?.()
}

type Entities = DataSourceOptions['entities']
type EntityList = Extract<Exclude<Entities, undefined>, readonly unknown[]>

async function expandEntities(entities: Entities, loadModule: ModuleLoader, cwd: string): Promise<EntityList> {
  const result: EntityList[number][] = []
  const patterns: string[] = []
  for (const entity of entities === undefined ? [] : Array.isArray(entities) ? entities : Object.values(entities)) {
    if (typeof entity === 'string') patterns.push(entity)
    else result.push(entity as EntityList[number])
  }
  if (patterns.length === 0) return result
  const { glob } = await import('tinyglobby')
  const files = await glob(
    patterns.map((pattern) => toGlob(pattern, cwd)),
    { cwd, absolute: true, onlyFiles: true, expandDirectories: false },
  )
  const usable = files.filter((file) => /\.[cm]?[jt]s$/.test(file) && !/\.d\.[cm]?ts$/.test(file)).sort()
  if (usable.length === 0) {
    throw new AludelError('ALUDEL_ENTITIES', `no entity file matches ${patterns.join(', ')}`, {
      help: `Patterns start from ${cwd}.`,
      details: { patterns },
    })
  }
  for (const file of usable) {
    let values: readonly unknown[]
    try {
      // Reading an export may throw, too: in a circular import it may have no value yet.
      values = flatten(await runProjectCode(file, () => loadModule(file)))
    } catch (cause) {
      if (isAludelError(cause)) throw cause
      const untyped = columnTypeError(messageOf(cause), cause)
      if (untyped !== undefined) throw untyped
      throw new AludelError('ALUDEL_ENTITIES', `entity file ${loadFailure(file, cause)}`, { cause })
    }
    for (const value of values) {
      if (!result.includes(value as EntityList[number])) result.push(value as EntityList[number])
    }
  }
  return result
}

function toGlob(pattern: string, cwd: string): string {
  const normalized = pattern.replaceAll('\\', '/')
  return path.isAbsolute(normalized) ? normalized : path.posix.join(cwd.replaceAll('\\', '/'), normalized)
}

/** Classes and entity schemas among the exports of a module. Searches arrays and plain objects, as TypeORM does. */
function flatten(value: unknown, seen = new Set<unknown>()): unknown[] {
  if (typeof value === 'function') return [value]
  if (typeof value !== 'object' || value === null || seen.has(value)) return []
  seen.add(value)
  if ('@instanceof' in value) return value['@instanceof'] === Symbol.for('EntitySchema') ? [value] : []
  return Object.values(value).flatMap((inner) => flatten(inner, seen))
}

function candidates(exported: Record<string, unknown>): unknown[] {
  const values = Object.values(exported)
  const inner = exported['default']
  // With `import()`, the default export of a compiled CommonJS module is its whole `exports`.
  if (typeof inner === 'object' && inner !== null && !isDataSource(inner) && !(inner instanceof Promise)) {
    values.push(...Object.values(inner as Record<string, unknown>))
  }
  return values.filter((value) => value instanceof Promise || isDataSource(value))
}
