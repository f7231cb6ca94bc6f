import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'

import { nativeDrivers } from '../dialect/driver-error'
import { AludelError, isAludelError, messageOf } from '../errors'
import { readRevisions } from '../files/read'
import { readText, withoutByteOrderMark } from '../files/text-file'
import { createModuleLoader, type ModuleLoader } from '../files/load'
import { findLockFile, upwards } from '../packages'
import type { Revision } from '../revision/revision'
import { configNames, exists, loadConfig } from './config'
import { loadDataSource } from './data-source'
import { declaredDirectories } from './declared-migrations'
import { dataSourcesInScripts, findDataSources, usualNames } from './find-data-source'
import { furnish } from './revision-folder'

/** Options of {@link initProject}. */
export interface InitOptions {
  /** The project's directory. */
  readonly cwd: string
  /**
   * File that exports the DataSource. Default: the one that scripts of package.json give to TypeORM's command line, else the
   * first existing file with a usual name, else the only one that constructs a DataSource.
   */
  readonly dataSource?: string
  /**
   * Revision directories. Default: those of the configuration file if there is one, else those that `migrations` of the
   * DataSource names, else `migrations` next to its file.
   */
  readonly revisions?: string | readonly string[]
  /** Loads the DataSource file. Default: {@link createModuleLoader}. */
  readonly loadModule?: ModuleLoader
}

/** The files of {@link initProject}. */
export interface InitResult {
  /** Created or changed, relative to `cwd`. */
  readonly written: readonly string[]
  /** Already present, and left unchanged. */
  readonly kept: readonly string[]
  /** The revision directories, relative to `cwd`. */
  readonly revisions: readonly string[]
  /** Number of revisions in them. */
  readonly found: number
}

/** The work of `initProject`, which describes it. */
export async function initProject(options: InitOptions): Promise<InitResult> {
  const { cwd } = options
  const dataSource = await findDataSource(cwd, options.dataSource)
  const written: string[] = []
  const kept: string[] = []

  const present = await firstExisting(cwd, configNames)
  const revisions = await revisionsOf(options, dataSource, present)
  const manifest = await readManifest(cwd)
  // Read before anything is written, so that a file that is wrong leaves no half of a project.
  const existing = revisions.map((one) => path.resolve(cwd, one)).filter((one) => existsSync(one))
  const { revisions: found } = await readRevisions(existing)
  if (present === null) {
    const name = 'aludel.config.json'
    await writeFile(path.join(cwd, name), await configText(cwd, dataSource, revisions), { flag: 'wx' })
    written.push(name)
  } else {
    kept.push(present)
  }

  const directories = revisions.map((one) => path.resolve(cwd, one))
  for (const [index, directory] of directories.entries()) {
    const shown = `${revisions[index] ?? directory}/`
    if (await exists(directory)) kept.push(shown)
    else {
      await mkdir(directory, { recursive: true })
      written.push(shown)
    }
    // New revisions go to the first. The others need a file, because Git does not store empty directories.
    if (index === 0 || !kept.includes(shown))
      written.push(...(await furnish(directory, extensionOf(found, directory, dataSource))).map((name) => shown + name))
  }

  if (manifest !== null) {
    const changes = manifestChanges(cwd, manifest)
    written.push(...changes.written.map((what) => `package.json (${what})`))
    kept.push(...changes.kept.map((what) => `package.json (${what})`))
    if (changes.written.length > 0) await writeManifest(cwd, manifest, changes.fields)
  }
  return { written, kept, revisions, found: found.length }
}

/** The extension of new revisions: that of the newest one beside them, or else of the DataSource. */
function extensionOf(found: readonly Revision[], directory: string, dataSource: string): string {
  const newest = found.filter(({ path: file }) => path.dirname(file) === directory).at(-1)
  return path.extname(newest?.path ?? dataSource).slice(1)
}

/** Relative to `cwd` where they are below it. */
async function revisionsOf(
  { cwd, revisions, loadModule = createModuleLoader() }: InitOptions,
  dataSource: string,
  config: string | null,
): Promise<readonly string[]> {
  if (revisions !== undefined && revisions.length > 0) return [revisions].flat()
  const configured = config === null ? undefined : (await loadConfig(cwd, config, loadModule))?.config.revisions
  if (configured !== undefined) return [configured].flat().map((one) => path.posix.normalize(one))
  const beside = path.posix.join(path.posix.dirname(dataSource), 'migrations')
  const file = path.resolve(cwd, dataSource)
  const declared = await declaredDirectories(await loadDataSource(file, loadModule), cwd, path.resolve(cwd, beside))
  return declared.length === 0 ? [beside] : declared.map((one) => toPosix(path.relative(cwd, one)))
}

async function findDataSource(cwd: string, named: string | undefined): Promise<string> {
  if (named !== undefined) {
    if (await exists(path.resolve(cwd, named))) return toPosix(path.relative(cwd, path.resolve(cwd, named)))
    throw new AludelError('ALUDEL_DATA_SOURCE', `no DataSource file at ${named}`)
  }
  const scripted = await dataSourcesInScripts(cwd)
  const usual = scripted.length === 0 ? await firstExisting(cwd, usualNames) : null
  if (usual !== null) return usual
  const [found, ...others] = await findDataSources(cwd)
  if (found !== undefined && others.length === 0) return found
  if (found !== undefined) {
    throw new AludelError(
      'ALUDEL_DATA_SOURCE',
      `${String(others.length + 1)} files have a DataSource: ${[found, ...others].join(', ')}`,
      {
        help: `Name the one to use: aludel migrate init --data-source ${found}`,
      },
    )
  }
  throw new AludelError('ALUDEL_DATA_SOURCE', 'no DataSource file was found', {
    help: `Looked for ${usualNames.slice(0, 4).join(', ')} and the like. Name it: aludel migrate init --data-source path/to/data-source.ts`,
  })
}

async function configText(cwd: string, dataSource: string, revisions: readonly string[]): Promise<string> {
  const [first, ...others] = revisions.map(withDot)
  const config = {
    $schema: await schemaPath(cwd),
    dataSource: withDot(dataSource),
    revisions: others.length === 0 ? first : [first, ...others],
  }
  return `${JSON.stringify(config, null, 2)}\n`
}

/**
 * The JSON schema for editors, in a package that is installed here or further up in a repository of several packages. With pnpm,
 * only the packages that the project itself names are there: the command line has a copy of the engine's.
 */
async function schemaPath(cwd: string): Promise<string> {
  const [first, ...others] = ['engine', 'cli'].map((name) => `node_modules/@aludel/${name}/config.schema.json`)
  for (const directory of upwards(cwd)) {
    for (const name of [first ?? '', ...others]) {
      if (await exists(path.join(directory, name)))
        return withDot(toPosix(path.relative(cwd, path.join(directory, name))))
    }
  }
  return `./${first ?? ''}`
}

function withDot(file: string): string {
  return file.startsWith('.') || path.isAbsolute(file) ? file : `./${file}`
}

type Fields = Readonly<Record<string, unknown>>

interface Manifest {
  readonly text: string
  readonly fields: Fields
}

async function readManifest(cwd: string): Promise<Manifest | null> {
  const file = path.join(cwd, 'package.json')
  if (!(await exists(file))) return null
  try {
    const text = withoutByteOrderMark(await readText(file))
    return { text, fields: JSON.parse(text) as Fields }
  } catch (cause) {
    if (isAludelError(cause)) throw cause
    throw new AludelError('ALUDEL_CONFIG', `package.json cannot be read: ${messageOf(cause)}`, { cause })
  }
}

interface ManifestChanges {
  readonly fields: Fields
  readonly written: readonly string[]
  readonly kept: readonly string[]
}

/** What a project's package.json lacks: a script, and the permission to build its drivers. */
function manifestChanges(cwd: string, { fields }: Manifest): ManifestChanges {
  const scripts = asFields(fields['scripts'])
  const hasScript = scripts['migrate'] !== undefined
  const allowed = asFields(fields['allowScripts'])
  const drivers = driversToBuild(cwd, fields)
  const isDecided = (driver: string): boolean =>
    Object.keys(allowed).some((key) => key === driver || key.startsWith(`${driver}@`))
  const missing = drivers.filter((driver) => !isDecided(driver))
  const script = 'script "migrate"'
  const words = (driver: string): string => `allowScripts "${driver}"`
  return {
    fields: {
      ...(hasScript ? {} : { scripts: { ...scripts, migrate: 'aludel migrate' } }),
      ...(missing.length === 0
        ? {}
        : { allowScripts: { ...allowed, ...Object.fromEntries(missing.map((driver) => [driver, true])) } }),
    },
    written: [...(hasScript ? [] : [script]), ...missing.map(words)],
    kept: [...(hasScript ? [script] : []), ...drivers.filter(isDecided).map(words)],
  }
}

/**
 * The drivers of the project that npm 12 does not build unless `allowScripts` says so. Other package managers keep this elsewhere,
 * and npm reads it only in the root of a repository of several packages.
 */
function driversToBuild(cwd: string, fields: Fields): readonly string[] {
  const lock = findLockFile(cwd)
  if (lock !== undefined && (lock.manager !== 'npm' || lock.directory !== path.resolve(cwd))) return []
  const declared = ['dependencies', 'devDependencies', 'optionalDependencies'].flatMap((kind) =>
    Object.keys(asFields(fields[kind])),
  )
  return nativeDrivers.filter((driver) => declared.includes(driver))
}

function asFields(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {}
}

async function writeManifest(cwd: string, manifest: Manifest, fields: Fields): Promise<void> {
  const indent = /^[ \t]+/m.exec(manifest.text)?.[0] ?? '  '
  const text = JSON.stringify({ ...manifest.fields, ...fields }, null, indent)
  await writeFile(path.join(cwd, 'package.json'), `${text}\n`)
}

async function firstExisting(cwd: string, names: readonly string[]): Promise<string | null> {
  for (const name of names) if (await exists(path.join(cwd, name))) return name
  return null
}

function toPosix(file: string): string {
  return file.split(path.sep).join('/')
}
