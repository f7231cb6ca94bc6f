import { readFileSync } from 'node:fs'
import path from 'node:path'
import { stripVTControlCharacters } from 'node:util'

import type { Options } from '@swc/core'

import { messageOf } from '../errors'

/** The part of `@swc/core` that is used. */
export interface Swc {
  transformSync(source: string, options: Options): { code: string }
}

/** Loaders that compile with {@link transformModule}: stacks have places of the compiled code. */
export const compilingLoaders = new WeakSet<object>()

/** A TypeScript or ESM source as CommonJS, and what it needs to run. */
interface Transformed {
  readonly code: string
  /** False when the code calls no `require`, and so runs without a module system. */
  readonly imports: boolean
}

/** Marks the exports of a transformed module, for the interop of default imports below. Part of generated code. */
export const marker = "Symbol.for('aludel.transformed')"

/**
 * Runs before the module's own code, on its first line.
 *
 * Entities import each other in circles, and `emitDecoratorMetadata` reads the types of decorated properties while
 * the other module is half loaded. An export that does not exist yet is undefined then, as in the output of `tsc`;
 * a plain getter would throw a ReferenceError.
 */
const prelude = `module.exports=new Proxy(exports,{get(t,k,r){if(k===${marker})return true;try{return Reflect.get(t,k,r)}catch(e){if(e instanceof ReferenceError)return undefined;throw e}}});`

/**
 * The type of a property whose declared type is an enum: what a compiler that knows the enum writes. Numeric enums have
 * their names among their values. Part of generated code.
 */
const constructorOf =
  'return Reflect.metadata($1, $2 && typeof $2 === "object" ? (t => t.length === 1 ? t[0] : Object)' +
  '([...new Set(Object.entries($2).filter(([n]) => !/^-?\\d/.test(n)).map(([, x]) => x == null ? Object : x.constructor))]) : $2);'

/** What the compiler makes of an ES module, after comments (a license) and directives that the source begins with. */
const isFromModule =
  /^(?:\s|#![^\n]*\n|\/\/[^\n]*\n|\/\*[^]*?\*\/|"[^"\n]*";?|'[^'\n]*';?)*Object\.defineProperty\(exports, "__esModule"/

/**
 * Compiles TypeScript (or ESM JavaScript) to CommonJS the way TypeORM's entities need it: legacy decorators with
 * `emitDecoratorMetadata`, and no initializers for `name!: string`. The project's own compiler settings are not read.
 *
 * @param options `map`: append a source map
 * @throws SyntaxError naming file, line and column
 */
export function transformModule(
  swc: Swc,
  source: string,
  filename: string,
  { map = process.sourceMapsEnabled }: { readonly map?: boolean } = {},
): Transformed {
  const nodeInterop = isEsmScope(filename)
  let code: string
  try {
    code = swc.transformSync(source, {
      filename,
      configFile: false,
      swcrc: false,
      isModule: 'unknown',
      // A map doubles the time, and only `node --enable-source-maps` uses it.
      sourceMaps: map ? 'inline' : false,
      jsc: {
        target: 'es2022',
        parser: /\.[cm]?tsx?$/.test(filename)
          ? { syntax: 'typescript', decorators: true, tsx: filename.endsWith('x') }
          : { syntax: 'ecmascript', decorators: true, jsx: filename.endsWith('x') },
        transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: false },
      },
      module: { type: 'commonjs', importInterop: nodeInterop ? 'node' : 'swc' },
    }).code
  } catch (error) {
    throw syntaxError(error, filename)
  }
  // For an ES module, Node's default import of a CommonJS module is the whole module. A module that was ESM before it
  // was transformed has its own default.
  if (nodeInterop) {
    code = code.replace(
      'if (!nodeInterop && obj && obj.__esModule) return obj;',
      `if (obj && obj.__esModule && (!nodeInterop || obj[${marker}] || obj[Symbol.toStringTag] === 'Module')) return obj;`,
    )
  }
  // An enum of a package whose source the compiler did not see; see `typeRewriter` for the others.
  code = code.replace(/return Reflect\.metadata\((\w+), (\w+)\);/, constructorOf)
  // Line by line as before, for messages with places; the compiler's own directive is then one too many, and no harm.
  if (isFromModule.test(code)) code = `"use strict";${prelude}${code.replace(/^#!/, '//')}`
  return { code, imports: /\brequire\b/.test(code) }
}

/** True for a file that Node would treat as an ES module without its types. */
export function isEsmScope(filename: string): boolean {
  if (/\.m[jt]sx?$/.test(filename)) return true
  return !/\.c[jt]sx?$/.test(filename) && packageType(path.dirname(filename)) === 'module'
}

const packageTypes = new Map<string, string | undefined>()

/** The `type` of the nearest `package.json`. */
function packageType(directory: string): string | undefined {
  const known = packageTypes.get(directory)
  if (known !== undefined || packageTypes.has(directory)) return known
  const parent = path.dirname(directory)
  const type =
    readPackageType(path.join(directory, 'package.json')) ?? (parent === directory ? undefined : packageType(parent))
  packageTypes.set(directory, type)
  return type
}

function readPackageType(file: string): string | undefined {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
  try {
    const manifest: unknown = JSON.parse(text)
    const type = typeof manifest === 'object' && manifest !== null && 'type' in manifest ? manifest.type : undefined
    return type === 'module' ? 'module' : 'commonjs'
  } catch {
    return 'commonjs'
  }
}

/** The compiler's message without the code frame around it. */
function syntaxError(error: unknown, filename: string): SyntaxError {
  const text = stripVTControlCharacters(messageOf(error))
  const words = /^\s*[x×]\s+(.+)$/m.exec(text)?.[1] ?? text.split('\n')[0] ?? text
  const place = /\[.*?:(\d+:\d+)\]/.exec(text)?.[1]
  return new SyntaxError(`${words} (${filename}${place === undefined ? '' : `:${place}`})`, { cause: error })
}
