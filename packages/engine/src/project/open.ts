import type { DataSource } from 'typeorm'

import type { Dialect } from '../dialect/dialect'
import { initializeUntouched } from '../dialect/typeorm-decorators'
import { AludelError, isAludelError, messageOf } from '../errors'
import { projectCodeAtWork, runProjectCode } from '../files/project-code'
import { projectFileOf } from '../files/project-file'
import { columnTypeError, rejectionHelp } from '../shadow/entity-errors'
import { firstLine } from '../text'

/**
 * Initializes a DataSource.
 *
 * @throws AludelError `ALUDEL_ENTITIES` when TypeORM rejects the entities, or a file of entities, migrations or subscribers
 *   does not load; `ALUDEL_CONNECT` and similar codes for errors of the database
 */
export async function openDataSource(dataSource: DataSource, dialect: Dialect): Promise<void> {
  const steps = watchSteps(dataSource)
  const before = projectCodeAtWork().length
  try {
    await runProjectCode('initialize() of the DataSource', () => initializeUntouched(dataSource))
  } catch (error) {
    // The server has closed the connection, because a function of the options did not return in time.
    const waiting = projectCodeAtWork()[before]
    throw waiting === undefined
      ? openError(error, steps.failed(error), dialect, dataSource)
      : notSettled(waiting, dialect.errors.textOf(error), error)
  } finally {
    steps.restore()
  }
}

/** What TypeORM does in `initialize()` after it has connected: it calls these methods, in this order. */
const projectSteps: Readonly<Record<string, string>> = {
  buildMetadatas: 'load its entities, migrations and subscribers',
  runMigrations: 'run its migrations on connecting (migrationsRun)',
  synchronize: 'synchronize on connecting (synchronize)',
}

/** Notes in which step an error is thrown: an error of the project's code may look like one of a network. */
function watchSteps(dataSource: DataSource) {
  const thrown = new Map<unknown, string>()
  const names = Object.keys(projectSteps).filter((name) => !Object.hasOwn(dataSource, name))
  for (const name of names) {
    const method: unknown = Reflect.get(dataSource, name)
    if (typeof method !== 'function') continue
    const watched = async (...parameters: unknown[]): Promise<unknown> => {
      try {
        return await (Reflect.apply(method, dataSource, parameters) as unknown)
      } catch (error) {
        thrown.set(error, projectSteps[name] ?? name)
        throw error
      }
    }
    Object.defineProperty(dataSource, name, { value: watched, configurable: true, writable: true })
  }
  return {
    failed: (error: unknown) => thrown.get(error),
    restore: () => {
      for (const name of names) Reflect.deleteProperty(dataSource, name)
    },
  }
}

function notSettled(what: string, text: string, cause: unknown): AludelError {
  return new AludelError('ALUDEL_DATA_SOURCE', `${what} has not settled: ${firstLine(text)}`, {
    help: 'It is code of the project, and the connection waits for it.',
    cause,
  })
}

function openError(error: unknown, step: string | undefined, dialect: Dialect, dataSource: DataSource): AludelError {
  if (isAludelError(error)) return error
  if (isEntityError(error)) {
    const untyped = columnTypeError(messageOf(error), error)
    if (untyped !== undefined) return untyped
    return new AludelError('ALUDEL_ENTITIES', `TypeORM does not accept the entities: ${messageOf(error)}`, {
      help: rejectionHelp,
      cause: error,
    })
  }
  if (step === undefined) return dialect.errors.connectError(error, dataSource.options)
  const file = projectFileOf(error)
  const place = file === undefined ? '' : ` (${file})`
  return new AludelError(
    'ALUDEL_ENTITIES',
    `the DataSource cannot ${step}: ${firstLine(dialect.errors.textOf(error))}${place}`,
    {
      help: 'The connection works; the error comes from code of the project. With --verbose, its stack is printed.',
      details: file === undefined ? {} : { path: file },
      cause: error,
    },
  )
}

/** TypeORM's own errors concern entities, except those about a driver. Errors of a driver are not TypeORMErrors. */
function isEntityError(error: unknown): boolean {
  if (!(error instanceof Error) || /Driver|Connection|QueryFailed/.test(error.name)) return false
  for (
    let type: unknown = Object.getPrototypeOf(error);
    typeof type === 'object' && type !== null;
    type = Object.getPrototypeOf(type)
  ) {
    if (type.constructor.name === 'TypeORMError') return true
  }
  return false
}
