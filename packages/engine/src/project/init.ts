import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'

import { AludelError, isAludelError, messageOf } from '../errors'
import { readText, withoutByteOrderMark } from '../files/text-file'
import { configNames, exists } from './config'

/** Options of {@link initProject}. */
export interface InitOptions {
  /** The project's directory. */
  readonly cwd: string
  /** File that exports the DataSource. Default: the first existing file with a usual name. */
  readonly dataSource?: string
  /** Revision directory. Default: `migrations` next to the DataSource file. */
  readonly revisions?: string
}

/** The files of {@link initProject}. */
export interface InitResult {
  /** Created or changed, relative to `cwd`. */
  readonly written: readonly string[]
  /** Already present, and left unchanged. */
  readonly kept: readonly string[]
}

/** Usual paths of DataSource files; TypeORM's documentation uses the first. */
const usualNames = [
  'src/data-source',
  'src/database/data-source',
  'src/db/data-source',
  'src/datasource',
  'data-source',
  'datasource',
].flatMap((name) => ['ts', 'js', 'mjs', 'cjs'].map((extension) => `${name}.${extension}`))

/**
 * Scaffolds a configuration file, the revision directory and an npm script. Overwrites nothing.
 *
 * @throws AludelError `ALUDEL_DATA_SOURCE` when no DataSource file is named or found, `ALUDEL_CONFIG` when
 *   `package.json` cannot be read
 * @example
 * await initProject({ cwd: process.cwd(), dataSource: 'src/data-source.ts' })
 */
export async function initProject(options: InitOptions): Promise<InitResult> {
  const { cwd } = options
  const dataSource = await findDataSource(cwd, options.dataSource)
  const revisions = options.revisions ?? path.posix.join(path.posix.dirname(dataSource), 'migrations')
  const written: string[] = []
  const kept: string[] = []

  const present = await firstExisting(cwd, configNames)
  const manifest = await readManifest(cwd)
  if (present === null) {
    const name = dataSource.endsWith('.ts') ? 'aludel.config.ts' : 'aludel.config.mjs'
    await writeFile(path.join(cwd, name), configText(name, dataSource, revisions), { flag: 'wx' })
    written.push(name)
  } else {
    kept.push(present)
  }

  const directory = path.resolve(cwd, revisions)
  if (await exists(directory)) kept.push(`${revisions}/`)
  else {
    await mkdir(directory, { recursive: true })
    // Git does not store empty directories, and without the directory a clone would fail.
    await writeFile(path.join(directory, '.gitkeep'), '')
    written.push(`${revisions}/`)
  }

  if (manifest !== null) {
    if (manifest.scripts['migrate'] !== undefined) kept.push('package.json (script "migrate")')
    else {
      await addScript(cwd, manifest)
      written.push('package.json (script "migrate")')
    }
  }
  return { written, kept }
}

async function findDataSource(cwd: string, named: string | undefined): Promise<string> {
  if (named !== undefined) {
    if (await exists(path.resolve(cwd, named))) return toPosix(path.relative(cwd, path.resolve(cwd, named)))
    throw new AludelError('ALUDEL_DATA_SOURCE', `no DataSource file at ${named}`)
  }
  const found = await firstExisting(cwd, usualNames)
  if (found !== null) return found
  throw new AludelError('ALUDEL_DATA_SOURCE', 'no DataSource file was found', {
    help: `Looked for ${usualNames.slice(0, 4).join(', ')} and the like. Name it: aludel migrate init --data-source path/to/data-source.ts`,
  })
}

function configText(name: string, dataSource: string, revisions: string): string {
  const body = [
    `  // exports the DataSource; its own connection is used`,
    `  dataSource: './${dataSource}',`,
    `  revisions: './${revisions}',`,
  ]
  return name.endsWith('.ts')
    ? [
        "import type { AludelConfig } from '@aludel/engine'",
        '',
        'const config: AludelConfig = {',
        ...body,
        '}',
        '',
        'export default config',
        '',
      ].join('\n')
    : ["/** @type {import('@aludel/engine').AludelConfig} */", 'export default {', ...body, '}', ''].join('\n')
}

interface Manifest {
  readonly text: string
  readonly scripts: Readonly<Record<string, unknown>>
}

async function readManifest(cwd: string): Promise<Manifest | null> {
  const file = path.join(cwd, 'package.json')
  if (!(await exists(file))) return null
  try {
    const text = withoutByteOrderMark(await readText(file))
    const parsed = JSON.parse(text) as { scripts?: Record<string, unknown> }
    return { text, scripts: parsed.scripts ?? {} }
  } catch (cause) {
    if (isAludelError(cause)) throw cause
    throw new AludelError('ALUDEL_CONFIG', `package.json cannot be read: ${messageOf(cause)}`, { cause })
  }
}

async function addScript(cwd: string, manifest: Manifest): Promise<void> {
  const parsed = JSON.parse(manifest.text) as Record<string, unknown>
  parsed['scripts'] = { ...manifest.scripts, migrate: 'aludel migrate' }
  const indent = /^[ \t]+/m.exec(manifest.text)?.[0] ?? '  '
  await writeFile(path.join(cwd, 'package.json'), `${JSON.stringify(parsed, null, indent)}\n`)
}

async function firstExisting(cwd: string, names: readonly string[]): Promise<string | null> {
  for (const name of names) if (await exists(path.join(cwd, name))) return name
  return null
}

function toPosix(file: string): string {
  return file.split(path.sep).join('/')
}
