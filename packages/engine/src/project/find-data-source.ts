import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import path from 'node:path'

import { upwards } from '../packages'

/** Usual paths of DataSource files; TypeORM's documentation uses the first. */
export const usualNames = [
  'src/data-source',
  'src/database/data-source',
  'src/db/data-source',
  'src/datasource',
  'data-source',
  'datasource',
].flatMap((name) => ['ts', 'js', 'mjs', 'cjs'].map((extension) => `${name}.${extension}`))

/** Words in the names of other files with a DataSource. */
const words = ['data-source', 'data_source', 'datasource', 'typeorm', 'ormconfig', 'database', 'db', 'connection']
const patterns = [
  ...words.map((word) => `**/*${word}*.{ts,mts,cts,js,mjs,cjs}`),
  ...['typeorm', 'database', 'db'].map((word) => `**/${word}/*.{ts,mts,cts,js,mjs,cjs}`),
]
/** Not sources of a project. */
export const skippedFolders = [
  '**/node_modules/**',
  '**/dist/**',
  '**/build/**',
  '**/coverage/**',
  '**/*.d.{ts,mts,cts}',
  '**/*.{test,spec}.*',
]

/** Directories below a project in which to look. */
const depth = 6

/** The file after `-d` or `--dataSource` in a call of TypeORM's command line. */
const optionOfTypeorm = /(?:typeorm|migration:|schema:)[^&|;]*?\s(?:-d|--dataSource)(?:\s+|=)["']?([^\s"'&|;]+)/g

/**
 * The files that scripts of a project give to TypeORM's command line: `typeorm migration:run -d src/db.ts`. Compiled ones are
 * left out.
 *
 * @param cwd the directory of the package.json
 * @returns paths relative to `cwd`, with slashes
 */
export async function dataSourcesInScripts(cwd: string): Promise<readonly string[]> {
  const text = await readFile(path.join(cwd, 'package.json'), 'utf8').catch(() => '{}')
  let scripts: unknown
  try {
    scripts = (JSON.parse(text) as { readonly scripts?: unknown }).scripts
  } catch {
    // Whoever needs the package.json reports it.
    return []
  }
  const named = Object.values(scripts ?? {})
    .filter((script) => typeof script === 'string')
    .flatMap((script) => [...script.matchAll(optionOfTypeorm)].map(([, file = '']) => path.posix.normalize(file)))
  return [...new Set(named)].filter(
    (file) => !/^(?:dist|build|lib|out)\//.test(file) && existsSync(path.join(cwd, file)),
  )
}

/**
 * The files of a project that seem to export a DataSource: those that its scripts give to TypeORM, else those with a usual
 * name, else those that construct one. Their code is not executed.
 *
 * @param cwd also a subdirectory of the project
 * @returns paths relative to `cwd`, with slashes, the most likely first
 */
export async function findDataSources(cwd: string): Promise<readonly string[]> {
  const root = [...upwards(cwd)].find((directory) => existsSync(path.join(directory, 'package.json')))
  const relative = (file: string): string => path.relative(cwd, file).split(path.sep).join('/')
  const scripted = await dataSourcesInScripts(root ?? cwd)
  if (root !== undefined && scripted.length > 0) return scripted.map((file) => relative(path.join(root, file)))
  const usual = [...new Set([cwd, root ?? cwd])].flatMap((directory) => {
    const found = usualNames.map((name) => path.join(directory, name)).find((file) => existsSync(file))
    return found === undefined ? [] : [relative(found)]
  })
  if (usual.length > 0) return usual
  // Outside of a project, for example in a home directory with a package.json, the search would take long.
  if (root === undefined || (root !== path.resolve(cwd) && !(await usesTypeorm(root)))) return []
  const { glob } = await import('tinyglobby')
  const files = await glob(patterns, {
    cwd: root,
    ignore: skippedFolders,
    deep: depth,
    caseSensitiveMatch: false,
    absolute: true,
  })
  const found: string[] = []
  for (const file of files.sort()) {
    const text = await readFile(file, 'utf8').catch(() => '')
    if (/\bnew\s+DataSource\s*\(/.test(text)) found.push(relative(path.normalize(file)))
  }
  return found
}

async function usesTypeorm(root: string): Promise<boolean> {
  const text = await readFile(path.join(root, 'package.json'), 'utf8').catch(() => '')
  return text.includes('"typeorm"')
}
