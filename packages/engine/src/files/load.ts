import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { isNativeError } from 'node:util/types'
import { Script } from 'node:vm'

import type { createJiti, EvalModuleOptions, Jiti, JitiOptions } from 'jiti' with { 'resolution-mode': 'import' }
import type { MigrationInterface, QueryRunner } from 'typeorm'

import { AludelError, isAludelError, messageOf } from '../errors'
import { runProjectCode } from './project-code'
import type { Revision } from '../revision/revision'

import type { Transform } from './babel'
import type { RewriteTypes } from './column-types'
import { readText, readTextSync } from './text-file'
import { compilingLoaders, transformModule, type Swc } from './transform'

/* eslint-disable @typescript-eslint/no-require-imports */
/** Loaded for the first file that must be compiled. */
const lazy = {
  babel: () => require('./babel') as typeof import('./babel'),
  columnTypes: () => require('./column-types') as typeof import('./column-types'),
}
/* eslint-enable @typescript-eslint/no-require-imports */

/** Executes a file and returns its exports; `default` is the default export, or all of `module.exports` of CommonJS. */
export type ModuleLoader = (path: string) => Promise<Record<string, unknown>>

/** Options of {@link createModuleLoader}. */
export interface ModuleLoaderOptions {
  /** A file or directory; relative paths start there. Default: the working directory. */
  readonly anchor?: string
}

/**
 * Creates a loader for revisions, DataSource and config files: Node's own `import()` for JavaScript, and an in-memory
 * compiler for TypeScript (`.ts`, `.mts`, `.cts`, `.tsx`), so no build step is needed. The compiler is loaded on first use. It is
 * SWC, which unpacks its native part into a cache; where it does not load (a read-only container), it is Babel, which is slower.
 *
 * TypeScript may be CommonJS or ESM (imports that end in `.js` find `.ts` files), with legacy decorators and
 * `emitDecoratorMetadata`, aliases from `paths` of the nearest `tsconfig.json`, JSON imports, circular imports and
 * top-level `await`. Packages are loaded by Node: `typeorm` is the project's own, once.
 *
 * Errors thrown by a file are passed on unchanged.
 *
 * @example
 * const load = createModuleLoader()
 * const { dataSource } = await load('/project/src/data-source.ts')
 */
export function createModuleLoader(options: ModuleLoaderOptions = {}): ModuleLoader {
  const root = path.resolve(options.anchor ?? '.')
  const typescript = new TypeScriptLoader()
  const load: ModuleLoader = async (file) => {
    const absolute = path.resolve(path.extname(root) === '' ? root : path.dirname(root), file)
    if (/\.[cm]?tsx?$/.test(absolute)) return typescript.load(absolute)
    // Node would replace bytes that are not UTF-8, too; a missing file is its error.
    if (existsSync(absolute)) readTextSync(absolute)
    return { ...((await import(pathToFileURL(absolute).href)) as Record<string, unknown>) }
  }
  compilingLoaders.add(load)
  return load
}

/** The words of an error, and the file, unless the words name it with a line. */
function wordsIn(file: string, cause: unknown): string {
  const words = firstLine(messageOf(cause))
  return words.includes(`(${file}:`) ? words : `${words} (${file})`
}

/**
 * Executes a revision's file and creates an instance of its class.
 *
 * @throws ALUDEL_REVISION_LOAD the file or the constructor throws; the error is the `cause`
 * @throws ALUDEL_REVISION_INVALID the class is not exported, or has no `up` or no `down`
 * @example
 * const migration = await loadMigration(graph.get('3f9c1b7a2d40'), createModuleLoader())
 * await migration.up(queryRunner)
 */
export async function loadMigration(revision: Revision, loadModule: ModuleLoader): Promise<MigrationInterface> {
  const details = { revision: revision.id, path: revision.path }
  const failed = (cause: unknown): AludelError =>
    new AludelError('ALUDEL_REVISION_LOAD', `revision ${revision.id} does not load: ${wordsIn(revision.path, cause)}`, {
      details,
      cause,
    })
  const invalid = (problem: string): AludelError =>
    new AludelError('ALUDEL_REVISION_INVALID', `${problem} (${revision.path})`, {
      help: 'A revision is an exported class with the methods up(queryRunner) and down(queryRunner).',
      details,
    })

  let exported: Record<string, unknown>
  try {
    exported = await runProjectCode(revision.path, () => loadModule(revision.path))
  } catch (cause) {
    throw isAludelError(cause) ? cause : failed(cause)
  }
  const migrationClass = findExport(exported, revision.exportName)
  if (typeof migrationClass !== 'function') {
    throw invalid(`revision ${revision.id} exports no class "${revision.exportName}"`)
  }
  let instance: unknown
  try {
    instance = Reflect.construct(migrationClass, [])
  } catch (cause) {
    throw failed(cause)
  }
  for (const method of ['up', 'down'] as const) {
    if (typeof Reflect.get(instance as object, method) !== 'function') {
      throw invalid(`class ${revision.name} of revision ${revision.id} has no method "${method}"`)
    }
    watchMethod(instance as MigrationInterface, method, revision)
  }
  return instance as MigrationInterface
}

/** Reports a method that never settles, whoever calls it. */
function watchMethod(migration: MigrationInterface, method: 'up' | 'down', { id, message }: Revision): void {
  const own = migration[method]
  Object.defineProperty(migration, method, {
    value: (queryRunner: QueryRunner) =>
      runProjectCode(`${method}() of revision ${id} (${message})`, () => own.call(migration, queryRunner)),
    configurable: true,
    writable: true,
  })
}

/** Also searches `default`: Node puts the exports of a CommonJS file there if it cannot detect their names. */
function findExport(exported: Record<string, unknown>, name: string): unknown {
  if (typeof exported[name] === 'function') return exported[name]
  const whole = exported['default']
  return typeof whole === 'object' && whole !== null ? Reflect.get(whole, name) : undefined
}

function firstLine(text: string): string {
  return (
    text
      .split('\n')
      .find((line) => line.trim() !== '')
      ?.trim() ?? text
  )
}

/** A module that was executed, or is being executed. */
interface LoadedModule {
  exports: unknown
  loaded: boolean
}

type Body = (
  exports: unknown,
  require: NodeJS.Require,
  module: LoadedModule,
  filename: string,
  dirname: string,
) => Promise<void>

/** Packages of which the project and its dependencies must share one instance: never transformed, only required. */
const nativeModules = ['typeorm', 'reflect-metadata']

class TypeScriptLoader {
  readonly #modules: Record<string, LoadedModule> = {}
  /** Loads run one at a time: a second one must not load a half-loaded file again. */
  #queue: Promise<unknown> = Promise.resolve()
  #swc: Promise<Swc | null> | undefined
  #rewrite: RewriteTypes | undefined
  /** Of the file that is being loaded: it knows the aliases of its `tsconfig.json`. */
  #jiti: Jiti | undefined

  async load(file: string): Promise<Record<string, unknown>> {
    const result = this.#queue.then(() => this.#load(file))
    this.#queue = result.catch(() => undefined)
    return result
  }

  async #openRewriter(): Promise<RewriteTypes> {
    return lazy.columnTypes().typeRewriter(await import('oxc-parser'), (name, from) => this.#find(name, from))
  }

  async #load(file: string): Promise<Record<string, unknown>> {
    const known = this.#modules[file]
    if (known !== undefined) return namespace(known.exports)
    const source = await readText(file)
    const swc = await (this.#swc ??= loadSwc())
    const alone = swc === null ? null : transformModule(swc, source, file)
    if (alone !== null && !alone.imports) {
      const module = await runAlone(alone.code, file)
      this.#modules[file] = module
      return namespace(module.exports)
    }
    const rewrite = (this.#rewrite ??= await this.#openRewriter())
    const { createJiti } = await import('jiti')
    const compile = swc === null ? lazy.babel().babelOf(createJiti(file, { fsCache: false })) : swcTransform(swc)
    const transform: Transform = (options) => {
      const { source: text, filename = file } = options
      return compile({ ...options, filename, source: rewrite(text, filename) })
    }
    const jiti = createJitiFor(file, transform, createJiti)
    this.#jiti = jiti
    const cache = this.#modules as EvalModuleOptions['cache']
    try {
      return namespace(
        await jiti.evalModule(source, { filename: file, id: file, ext: path.extname(file), async: true, cache }),
      )
    } catch (error) {
      this.#forgetUnfinished()
      const awaiting = fileWithAwait(error)
      if (awaiting === undefined || awaiting === file || this.#modules[awaiting] !== undefined) throw error
      // Imports run before the importing code, so nothing of this file has run yet: after loading the file that
      // awaits, this one can start again.
      await this.#load(awaiting)
      return this.#load(file)
    }
  }

  /** The file of a module that a file imports. */
  #find(name: string, from: string): string | undefined {
    const found = this.#jiti?.esmResolve(name, { parentURL: pathToFileURL(from).href, try: true })
    return found?.startsWith('file:') === true ? fileURLToPath(found) : undefined
  }

  /** Otherwise the next load would return half-empty modules. */
  #forgetUnfinished(): void {
    for (const [file, module] of Object.entries(this.#modules)) {
      if (!module.loaded) Reflect.deleteProperty(this.#modules, file)
    }
  }
}

/**
 * SWC; null if it does not load. Its native package is a compressed file, which it unpacks and opens from
 * `SWC_NATIVE_BINDING_CACHE`, else the cache of the user, else the directory for temporary files: a read-only container has none of
 * them, and some forbid to execute what is in the last.
 */
async function loadSwc(): Promise<Swc | null> {
  try {
    return await import('@swc/core')
  } catch {
    return null
  }
}

/** Most revisions import only types. Without a module system they load three times as fast. */
async function runAlone(code: string, file: string): Promise<LoadedModule> {
  const wrapper = '(async function (exports, require, module, __filename, __dirname) { '
  const script = new Script(`${wrapper}${code}\n})`, { filename: file, columnOffset: -wrapper.length })
  const module: LoadedModule = { exports: {}, loaded: false }
  const body = script.runInThisContext() as Body
  await body(module.exports, createRequire(file), module, file, path.dirname(file))
  module.loaded = true
  return module
}

/**
 * The file whose top-level `await` caused an error: imports are synchronous here, so only the loaded file itself may
 * await.
 */
function fileWithAwait(error: unknown): string | undefined {
  if (!isNativeError(error) || !error.message.startsWith('await is only valid')) return undefined
  return /^(.+):\d+$/m.exec(error.stack ?? '')?.[1]
}

function createJitiFor(file: string, transform: Transform, create: typeof createJiti): Jiti {
  const options: JitiOptions = {
    fsCache: false,
    // Its interop caches the first value of an export, which is too early in circular imports.
    interopDefault: false,
    nativeModules,
    transform: (given) => {
      const { source, filename = file } = given
      // Where a byte was not UTF-8, jiti has this character.
      if (source.includes('\uFFFD') && existsSync(filename)) readTextSync(filename)
      return transform(given)
    },
  }
  if (!hasTsconfig(path.dirname(file))) return create(file, options)
  try {
    return create(file, { ...options, tsconfigPaths: true })
  } catch {
    // The tsconfig.json is broken, or extends a package that is not installed in production.
    return create(file, options)
  }
}

function swcTransform(swc: Swc): Transform {
  return ({ source, filename = '' }) => ({ code: transformModule(swc, source, filename).code })
}

function hasTsconfig(directory: string): boolean {
  for (let current = directory; ; current = path.dirname(current)) {
    if (existsSync(path.join(current, 'tsconfig.json'))) return true
    if (path.dirname(current) === current) return false
  }
}

/** Exports as Node's `import()` gives them. */
function namespace(exports: unknown): Record<string, unknown> {
  if (typeof exports !== 'object' && typeof exports !== 'function') return { default: exports }
  if (exports === null) return { default: exports }
  return Reflect.get(exports, '__esModule') === true ? { ...exports } : { ...exports, default: exports }
}
