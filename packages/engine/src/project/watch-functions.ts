import type { DataSource } from 'typeorm'

import { findDialect } from '../dialect/registry'
import { AludelError, isAludelError, messageOf } from '../errors'
import { runProjectCode } from '../files/project-code'
import { firstLine } from '../text'

const watched = new WeakSet<object>()

/**
 * Makes functions of the options, such as the password function of PostgreSQL, throw errors that say where they come from.
 * Otherwise the driver passes on what they throw, and a refused connection to a server of secrets looks like one to the database.
 * Does nothing for an initialized DataSource, whose driver has its options already.
 *
 * @param where `the DataSource`, or its file
 */
export function watchFunctions(dataSource: DataSource, where: string): void {
  if (dataSource.isInitialized) return
  const functions = findDialect(dataSource.options.type)?.connection.functions ?? {}
  watchIn(dataSource.options, functions, where, 0)
}

/** `replication.slaves[0].password` is three levels below the options. */
const deepest = 3

type Functions = Readonly<Record<string, (error: unknown) => boolean>>

function watchIn(options: object, functions: Functions, where: string, depth: number): void {
  for (const [name, value] of Object.entries(options) as [string, unknown][]) {
    const concernsDatabase = functions[name]
    if (typeof value === 'function' && concernsDatabase !== undefined && !watched.has(value)) {
      const what = `the ${name} function of ${where}`
      const failed = (cause: unknown): unknown => (concernsDatabase(cause) ? cause : functionError(what, cause))
      const replaced = watch(what, value as (...parameters: unknown[]) => unknown, failed)
      watched.add(replaced)
      Reflect.set(options, name, replaced)
    } else if (depth < deepest && isPlain(value)) {
      watchIn(value, functions, where, depth + 1)
    }
  }
}

/** Stays synchronous where the function is, because a driver may use its result at once. */
function watch(what: string, work: (...parameters: unknown[]) => unknown, failed: (cause: unknown) => unknown) {
  return function (this: unknown, ...parameters: unknown[]): unknown {
    let result: unknown
    try {
      result = work.apply(this, parameters)
    } catch (cause) {
      throw failed(cause)
    }
    if (!(result instanceof Promise)) return result
    return runProjectCode(what, () => result).catch((cause: unknown) => {
      throw failed(cause)
    })
  }
}

function functionError(what: string, cause: unknown): unknown {
  if (isAludelError(cause)) return cause
  return new AludelError('ALUDEL_DATA_SOURCE', `${what} throws: ${firstLine(messageOf(cause))}`, {
    help: 'It is code of the project. The database was not asked yet.',
    cause,
  })
}

/** Options, and lists of them (`replication.slaves`); not pools, drivers or other instances of classes. */
function isPlain(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return Array.isArray(value) || prototype === null || Object.getPrototypeOf(prototype) === null
}
