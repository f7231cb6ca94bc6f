import { createRequire } from 'node:module'
import path from 'node:path'

import type { DataSource, DataSourceOptions } from 'typeorm'

import { AludelError, isAludelError, messageOf } from '../errors'
import { findPackage, installLine, rebuildLine } from '../packages'
import { firstLine } from '../text'

/** Packages with a native part, which the install script of the package downloads or compiles. */
export const nativeDrivers: readonly string[] = ['better-sqlite3', 'sqlite3']

const drivers = [...nativeDrivers, 'pg'].join('|')

/** TypeORM hides the error behind this one, also if the driver is installed and does not load. */
const hiddenPattern = new RegExp(`package has not been found installed\\..*\\binstall (${drivers})\\b`, 's')
/** Node's own words. */
const missingPattern = new RegExp(`Cannot find (?:module|package) '(${drivers})'`)
/** The files of the native parts: `better_sqlite3.node`, `node_sqlite3.node`. */
const nativeFiles: readonly (readonly [pattern: RegExp, driver: string])[] = [
  [/better[-_]sqlite3/, 'better-sqlite3'],
  [/node_sqlite3|[\\/]sqlite3[\\/]/, 'sqlite3'],
]
const unbuiltPattern =
  /Could not locate the bindings file|was compiled against a different Node|invalid ELF header|wrong ELF class|incompatible architecture|not a valid Win32 application|\bGLIBC(?:XX)?_|cannot open shared object file|Error relocating|Cannot find module '[^']*\.node'/

/**
 * The error for a driver that is not installed, or whose native part was not built: package managers block install scripts
 * (npm 12, pnpm, `--ignore-scripts`), and a native part fits one line of Node and one C library.
 *
 * @param directory of the project
 * @returns undefined for any other error
 */
export function unusableDriver(error: unknown, directory = process.cwd()): AludelError | undefined {
  if (isAludelError(error)) return undefined
  const text = textsOf(error)
  const hidden = hiddenPattern.exec(text)?.[1]
  const missing = missingPattern.exec(text)?.[1]
  if (missing !== undefined) return missingDriver(missing, directory, error)
  if (hidden !== undefined) {
    if (findPackage(hidden, directory) === undefined) return missingDriver(hidden, directory, error)
    return unbuiltDriver(hidden, directory, loadError(hidden, directory))
  }
  const unbuilt = unbuiltPattern.test(text) ? nativeFiles.find(([pattern]) => pattern.test(text))?.[1] : undefined
  return unbuilt === undefined ? undefined : unbuiltDriver(unbuilt, directory, error)
}

function missingDriver(driver: string, directory: string, cause: unknown): AludelError {
  const mend = installLine(driver, directory)
  return new AludelError('ALUDEL_DRIVER', `the database driver ${driver} is not installed`, {
    help: `Drivers are packages of the project. Install it: ${mend}`,
    details: { driver, problem: 'missing', mend },
    cause,
  })
}

function unbuiltDriver(driver: string, directory: string, cause: unknown): AludelError {
  const isNative = nativeDrivers.includes(driver)
  const mend = isNative ? rebuildLine(driver, directory) : installLine(driver, directory)
  return new AludelError(
    'ALUDEL_DRIVER',
    `the database driver ${driver} is installed, but does not load: ${reason(cause)}`,
    {
      help: `${isNative ? 'Its install script did not run, or ran for another Node or system. Run it' : 'Install it again'}: ${mend}`,
      details: { driver, problem: 'unbuilt', mend },
      cause,
    },
  )
}

/**
 * Constructs a DataSource; TypeORM loads the driver then.
 *
 * @throws AludelError `ALUDEL_DRIVER`
 */
export function constructDataSource(template: DataSource, options: DataSourceOptions): DataSource {
  const Constructor = template.constructor as new (options: DataSourceOptions) => DataSource
  try {
    return new Constructor(options)
  } catch (error) {
    throw unusableDriver(error) ?? error
  }
}

/** The messages of an error and its causes. */
function textsOf(error: unknown): string {
  const texts: string[] = []
  for (let current: unknown = error; current !== undefined && texts.length < 5; current = causeOf(current)) {
    texts.push(messageOf(current))
  }
  return texts.join('\n')
}

function causeOf(error: unknown): unknown {
  if (typeof error !== 'object' || error === null) return undefined
  if ('cause' in error && error.cause !== undefined) return error.cause
  return 'driverError' in error && error.driverError !== error ? error.driverError : undefined
}

function loadError(name: string, directory: string): unknown {
  try {
    createRequire(path.join(directory, 'x.js'))(name)
    return new Error('TypeORM does not find it')
  } catch (error) {
    return error
  }
}

function reason(error: unknown): string {
  return firstLine(messageOf(error)).replace(/[.:]? ?(?:Tried:?)?$/, '')
}
