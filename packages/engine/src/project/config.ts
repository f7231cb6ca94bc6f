import { access } from 'node:fs/promises'
import path from 'node:path'

import type { DataSource } from 'typeorm'

import { unusableDriver } from '../dialect/driver-error'
import type { DialectName } from '../dialect/registry'
import type { LockKind } from '../dialect/roles/locks'
import { AludelError, isAludelError } from '../errors'
import { runProjectCode } from '../files/project-code'
import type { ModuleLoader } from '../files/load'
import { loadFailure } from '../files/load-failure'
import { readText, withoutByteOrderMark } from '../files/text-file'
import type { LintSettings } from '../lint/settings'
import { readPatterns } from '../schema/patterns'
import type { BackupSettings } from './backup-settings'
import type { LimitOptions } from './limits'

/**
 * The content of `aludel.config.{ts,js,mjs,json}`. Relative paths start from the directory of that file.
 *
 * @example
 * // aludel.config.ts
 * import { defineConfig } from '@aludel/engine'
 *
 * export default defineConfig({
 *   dataSource: './src/data-source.ts',
 *   revisions: './src/migrations',
 * })
 */
export interface AludelConfig extends LimitOptions {
  /** A file that exports a DataSource, the DataSource itself, or a function that returns one. */
  readonly dataSource?: string | DataSource | (() => DataSource | Promise<DataSource>)
  /**
   * Entity files (globs), for a project without a DataSource file; it connects to `--database-url` or `DATABASE_URL`.
   */
  readonly entities?: string | readonly string[]
  /**
   * Use the entities of `@aludel/models` and the revisions of `@aludel/migrations`, which must be installed, in the database
   * of `--database-url` or `DATABASE_URL`. `entities` and `revisions` replace them. Only the command line knows them.
   */
  readonly shipped?: boolean
  /**
   * Revision directories; new revisions are written to the first. Default: those of the files that `migrations` of the
   * DataSource names, else `migrations/` next to its file.
   */
  readonly revisions?: string | readonly string[]
  /** Dialects for which new revisions contain statements. Default: that of the DataSource. */
  readonly dialects?: readonly DialectName[]
  /** Servers for shadow databases, by dialect. For PostgreSQL, a URL with a role that may create databases. */
  readonly shadow?: { readonly postgres?: string }
  /** Language of new revision files. Default: that of the DataSource file. */
  readonly language?: 'ts' | 'js' | 'mjs' | 'cjs'
  /**
   * Unmanaged objects to keep (revisions create them, and no entity describes them): patterns `kind:name`, for example
   * `index:posts.ix_body_gin`, `trigger:posts.*`, `function:touch()`. `create` adds the objects that it is told to keep.
   */
  readonly unmanaged?: readonly string[]
  /**
   * Constraints and indexes that differ from the entities only in a name that TypeORM derives: `keep` their names, or
   * `rename` them. Default: `create` asks, and keeps them where it cannot.
   */
  readonly names?: 'keep' | 'rename'
  /** Objects that other tools manage, as patterns: `table:spatial_ref_sys`, `schema:queue`. Every command ignores them. */
  readonly ignore?: readonly string[]
  /**
   * Set aside in the database itself what upgrades drop or narrow, so that a downgrade can give it back. `{ for: '30d' }`: for how
   * long (m, h, d or w); then `kept prune` removes it. Default is false. `--no-keep-dropped` overrides it.
   */
  readonly keepDropped?: boolean | { readonly for: string }
  /**
   * The kind of migration lock: held by a database `session` (default), or a `lease`, a row with a heartbeat, for
   * connections through a pooler in transaction mode.
   */
  readonly lock?: LockKind
  /** How backups are made and kept. */
  readonly backup?: BackupSettings
  /** Write revisions that do not block others where PostgreSQL has a way: `create --online`. Default is false. */
  readonly online?: boolean
  /** What `lint` looks for. */
  readonly lint?: LintSettings
}

/** Returns the configuration unchanged. It exists to give editors its type. */
export function defineConfig(config: AludelConfig): AludelConfig {
  return config
}

/** A configuration and the path of its file. */
export interface LoadedConfig {
  readonly config: AludelConfig
  readonly path: string
}

export const configNames = ['aludel.config.ts', 'aludel.config.js', 'aludel.config.mjs', 'aludel.config.json'] as const

/**
 * Reads the configuration file: the one named, or the first found upwards from `cwd`.
 *
 * @param enter called with its directory, before it is read, if it was found above `cwd`
 * @throws AludelError `ALUDEL_CONFIG` when the named file is missing, does not load, or has unknown keys
 *   or wrong values: all of them are named, with what was found and what is expected
 */
export async function loadConfig(
  cwd: string,
  named: string | undefined,
  loadModule: ModuleLoader,
  enter?: (directory: string) => void,
): Promise<LoadedConfig | null> {
  const file = named === undefined ? await findUpwards(cwd) : path.resolve(cwd, named)
  if (file === null) return null
  if (named === undefined && path.dirname(file) !== path.resolve(cwd)) enter?.(path.dirname(file))
  if (named !== undefined && !(await exists(file))) {
    throw new AludelError('ALUDEL_CONFIG', `no configuration file at ${named}`, {
      help: 'Scaffold one with `aludel migrate init`.',
    })
  }
  const value = await readConfig(file, loadModule)
  if (!isPlainObject(value)) {
    throw new AludelError('ALUDEL_CONFIG', `${file} exports no configuration object`, {
      help: 'Write `export default { dataSource: "./data-source.ts" }`.',
      details: { path: file },
    })
  }
  problems().checkConfig(file, value)
  const config: AludelConfig = value
  if (config.shipped === true && config.dataSource !== undefined) {
    throw new AludelError('ALUDEL_CONFIG', `${file}: shipped is true, and dataSource names a project of its own`, {
      help: 'Remove one of them: `shipped: true` uses the entities of @aludel/models.',
      details: { path: file, keys: ['shipped', 'dataSource'] },
    })
  }
  for (const key of ['unmanaged', 'ignore'] as const) {
    readPatterns(config[key] ?? [], { code: 'ALUDEL_CONFIG', where: `${file}: ${key}` })
  }
  return { config, path: file }
}

/** Loaded when there is a configuration file, because the schema library behind it costs something. */
// eslint-disable-next-line @typescript-eslint/no-require-imports -- as in lazy.ts
const problems = () => require('./config-problems') as typeof import('./config-problems')

const limitKeys = ['tableLockTimeoutMs', 'tableLockRetryMs', 'statementTimeoutMs'] as const

/** The limits of a configuration. */
export function limitsIn(config: AludelConfig): LimitOptions {
  return Object.fromEntries(limitKeys.flatMap((key) => (config[key] === undefined ? [] : [[key, config[key]]])))
}

/** How backups are made, with absolute paths. */
export function backupsIn({ backup = {} }: AludelConfig, root: string): BackupSettings {
  const { directory, tools } = backup
  return {
    ...backup,
    ...(directory === undefined ? {} : { directory: path.resolve(root, directory) }),
    ...(tools === undefined ? {} : { tools: path.resolve(root, tools) }),
  }
}

async function readConfig(file: string, loadModule: ModuleLoader): Promise<unknown> {
  try {
    if (file.endsWith('.json')) return JSON.parse(withoutByteOrderMark(await readText(file))) as unknown
    const exported = await runProjectCode(file, () => loadModule(file))
    const first: unknown = 'default' in exported ? exported['default'] : exported
    // In a CommonJS file written by a compiler, the default export is nested in `default`.
    const value = isRecord(first) && isRecord(first['default']) ? first['default'] : first
    // Awaited here, so that a promise that rejects is reported with its file.
    return await runProjectCode(`the promise that ${file} exports`, () => value)
  } catch (cause) {
    if (isAludelError(cause)) throw cause
    const driver = unusableDriver(cause, path.dirname(file))
    if (driver !== undefined) throw driver
    throw new AludelError('ALUDEL_CONFIG', loadFailure(file, cause), { cause })
  }
}

async function findUpwards(from: string): Promise<string | null> {
  let directory = path.resolve(from)
  for (;;) {
    for (const name of configNames) {
      const file = path.join(directory, name)
      if (await exists(file)) return file
    }
    const parent = path.dirname(directory)
    if (parent === directory) return null
    directory = parent
  }
}

export async function exists(file: string): Promise<boolean> {
  try {
    await access(file)
    return true
  } catch {
    return false
  }
}

/** False for arrays, promises and instances of classes, whose own keys are not a configuration. */
function isPlainObject(value: unknown): value is object {
  if (!isRecord(value) || Array.isArray(value)) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  // Not compared with Object.prototype: a file may have been executed in another realm.
  return prototype === null || Object.getPrototypeOf(prototype) === null
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
