import { readdirSync, statSync } from 'node:fs'
import path from 'node:path'

import type { DataSource, DataSourceOptions } from 'typeorm'

import { AludelError } from '../errors'
import { readRevisions } from '../files/read'
import { plural } from '../text'
import { directoriesOfClasses } from './find-migrations'

type Migrations = DataSourceOptions['migrations']

/** What DataSources declared before {@link rememberMigrations}' caller turned it off. */
const declared = new WeakMap<DataSource, Migrations>()

/** Notes the `migrations` of a DataSource, before they are removed so that TypeORM does not load them. */
export function rememberMigrations(dataSource: DataSource): void {
  if (!declared.has(dataSource)) declared.set(dataSource, dataSource.options.migrations)
}

/**
 * The directories of the files that `migrations` of a DataSource names, in its order: those of all files that a glob matches
 * (there may be several), a directory itself, or where a glob would find files if there were some.
 *
 * @param cwd relative patterns start here, as TypeORM's start from the working directory
 * @param beside `migrations/` next to the DataSource file, null without one: classes that are listed instead of files are
 *   looked for there first, and then below `cwd`
 * @returns absolute paths; none if the DataSource declares nothing
 * @throws AludelError `ALUDEL_CONFIG` for classes of which no file is known
 */
export async function declaredDirectories(
  dataSource: DataSource,
  cwd: string,
  beside: string | null,
): Promise<readonly string[]> {
  const migrations = declared.has(dataSource) ? declared.get(dataSource) : dataSource.options.migrations
  const entries: readonly unknown[] = Object.values(migrations ?? {})
  const patterns = entries.filter((entry) => typeof entry === 'string')
  const classes = entries.filter((entry) => typeof entry === 'function').map(({ name }) => name)
  const found = await directoriesOf(patterns, cwd, beside)
  if (classes.length === 0) return found
  const candidates = [...found, ...(beside === null ? [] : [beside])].filter(isDirectory)
  const missing = await missingFrom(candidates, classes)
  if (missing.length === 0) return candidates
  const directories = [...new Set([...candidates, ...(await directoriesOfClasses(missing, cwd))])]
  const unknown = await missingFrom(directories, missing)
  if (unknown.length > 0) throw withoutFiles(unknown)
  return directories
}

/** The names of classes that are no revision in these directories. */
async function missingFrom(directories: readonly string[], classes: readonly string[]): Promise<readonly string[]> {
  const { revisions } = await readRevisions(directories)
  const known = new Set(revisions.flatMap(({ name, exportName }) => [name, exportName]))
  return classes.filter((name) => !known.has(name))
}

function withoutFiles(classes: readonly string[]): AludelError {
  const shown = `${classes.slice(0, 3).join(', ')}${classes.length > 3 ? ', …' : ''}`
  return new AludelError(
    'ALUDEL_CONFIG',
    `the DataSource lists ${plural(classes.length, 'migration class', 'migration classes')} without a file: ${shown}`,
    {
      help: 'Aludel reads the files of migrations. Name their directory: `revisions` in aludel.config.*, --revisions DIR, or a glob in `migrations` of the DataSource.',
    },
  )
}

async function directoriesOf(
  patterns: readonly string[],
  cwd: string,
  beside: string | null,
): Promise<readonly string[]> {
  const excluded = patterns.filter((pattern) => pattern.startsWith('!'))
  const found = new Set<string>()
  for (const pattern of patterns) {
    if (pattern.startsWith('!')) continue
    for (const directory of await directoriesOfOne(pattern, excluded, cwd)) found.add(sourceOf(directory, cwd, beside))
  }
  // A build that is not there yet must not hide the sources.
  const existing = [...found].filter(isDirectory)
  if (existing.length > 0) return existing
  return found.size > 0 && beside !== null && isDirectory(beside) ? [beside] : [...found]
}

/**
 * The sources of a build directory: `src/migrations` for `dist/migrations`, which many DataSources name. A new revision must not
 * be written into a build. The directory itself if it is no build, if only the build is installed, or if the DataSource file is in the build as well.
 */
function sourceOf(directory: string, cwd: string, beside: string | null): string {
  const [first = '', ...rest] = path.relative(cwd, directory).split(path.sep)
  if (!['dist', 'build', 'out', 'lib'].includes(first)) return directory
  if (beside !== null && path.relative(cwd, beside).split(path.sep)[0] === first) return directory
  const candidates = [path.join(cwd, 'src', ...rest), path.join(cwd, ...rest)]
  return candidates.find((one) => one !== cwd && hasTypeScript(one)) ?? directory
}

function hasTypeScript(directory: string): boolean {
  return isDirectory(directory) && readdirSync(directory).some((name) => /^\d{13}.*\.[cm]?ts$/.test(name))
}

async function directoriesOfOne(pattern: string, excluded: readonly string[], cwd: string): Promise<readonly string[]> {
  const absolute = path.resolve(cwd, pattern)
  if (isDirectory(absolute)) return [absolute]
  const { glob } = await import('tinyglobby')
  const files = await glob([pattern, ...excluded].map(withSlashes), {
    cwd,
    absolute: true,
    onlyFiles: true,
    expandDirectories: false,
  })
  const usable = files.filter((file) => /\.[cm]?[jt]s$/.test(file) && !/\.d\.[cm]?ts$/.test(file))
  if (usable.length === 0) return [baseOf(absolute)]
  return [...new Set(usable.map((file) => path.dirname(path.resolve(file))))].sort()
}

/** The directory below which a glob can match; that of a file without a wildcard. */
function baseOf(absolute: string): string {
  const parts = withSlashes(absolute).split('/')
  const magic = parts.findIndex((part) => /[*?{}[\]()!]/.test(part))
  return path.resolve(parts.slice(0, magic === -1 ? -1 : magic).join('/') || '/')
}

function withSlashes(pattern: string): string {
  return path.sep === '\\' ? pattern.replaceAll('\\', '/') : pattern
}

function isDirectory(file: string): boolean {
  return statSync(file, { throwIfNoEntry: false })?.isDirectory() === true
}
