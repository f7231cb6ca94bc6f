import { accessSync, constants, statSync } from 'node:fs'
import path from 'node:path'

import type { DataSourceOptions } from 'typeorm'

import { AludelError, type ErrorCode, isAludelError, messageOf } from '../../errors'
import { unusableDriver } from '../driver-error'
import { type Refusal, refusals } from '../roles/errors'

/** SQLite's own message, without the class names and codes that TypeORM and the drivers put before it. */
export function errorText(error: unknown): string {
  return withoutDecoration(
    messageOf(driverErrorOf(error)).replace(/^(?:(?:SqliteError|QueryFailedError|Error|SQLITE_[A-Z_]+): )+/, ''),
  )
}

const decoration = /^(?:bad JSON path: |JSON path error near )'([\s\S]*)'$/

/** The message of a guard (see guard.ts), without SQLite's words around it. */
function withoutDecoration(message: string): string {
  const found = decoration.exec(message)?.[1]
  return found === undefined || !/^rows .*: \d+$/s.test(found) ? message : found.replaceAll("''", "'")
}

/** The code of a driver's error, such as `SQLITE_BUSY`, also if TypeORM wrapped it; empty without one. */
export function errorCode(error: unknown): string {
  const found = driverErrorOf(error)
  if (typeof found !== 'object' || found === null || !('code' in found)) return ''
  return typeof found.code === 'string' ? found.code : ''
}

/** True if rows violate a constraint, or a guard has counted some that would. */
export function refusesRows(error: unknown): boolean {
  return /^(?:(?:CHECK|FOREIGN KEY|UNIQUE) constraint failed|rows [\s\S]*: \d+$)/.test(errorText(error))
}

/** True if a guard has counted rows, or a trigger called RAISE. */
export function isRaised(error: unknown): boolean {
  return errorCode(error) === 'SQLITE_CONSTRAINT_TRIGGER' || /^rows [\s\S]*: \d+$/.test(errorText(error))
}

const constraint = /^(UNIQUE|NOT NULL|FOREIGN KEY|CHECK) constraint failed/

/** The kind of constraint, or of value, for which rows were refused. A guard counts as a check. */
export function refusalOf(error: unknown): Refusal | undefined {
  const words = errorText(error)
  const kind = constraint.exec(words)?.[1]?.toLowerCase()
  const found = refusals.find((one) => one === kind)
  if (found !== undefined) return found
  // Of STRICT tables and rowids: SQLite converts or stores everything else.
  if (/^(?:datatype mismatch|cannot store \w+ value in \w+ column)/.test(words)) return 'value'
  return refusesRows(error) ? 'check' : undefined
}

/** True if a SELECT failed because its table does not exist. */
export function isMissingTable(error: unknown): boolean {
  return errorText(error).startsWith('no such table: ')
}

/** True if a SELECT failed because a column does not exist. Only a name with its table before it is never taken for a text. */
export function isMissingColumn(error: unknown): boolean {
  return errorText(error).startsWith('no such column: ')
}

/** True if CREATE failed because there is a table, an index or a view of that name. */
export function isTakenName(error: unknown): boolean {
  return /^(?:(?:table|index|view) .* already exists|there is already an? (?:table|index) named .*)$/s.test(
    errorText(error),
  )
}

/** True if another connection holds a lock on the file. */
export function isBusy(error: unknown): boolean {
  return /^SQLITE_(?:BUSY|LOCKED)/.test(errorCode(error))
}

function driverErrorOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'driverError' in error ? error.driverError : error
}

/** The error of a database that cannot be opened or used. */
export function connectError(error: unknown, options: DataSourceOptions): AludelError {
  if (isAludelError(error)) return error
  const driver = unusableDriver(error)
  if (driver !== undefined) return driver
  const database = typeof options.database === 'string' ? options.database : ''
  const [code, message, help] = explain(error, database)
  return new AludelError(code, message, { help, details: { database }, cause: error })
}

/** The error for a file that is not there; undefined if it is, or if the database is in memory. */
export function missingFile(database: unknown): AludelError | undefined {
  if (typeof database !== 'string' || /^$|^:memory:$|^file:/.test(database)) return undefined
  if (kindOf(database) !== 'missing') return undefined
  return new AludelError('ALUDEL_DATABASE_MISSING', `there is no database ${JSON.stringify(database)}`, {
    help: 'Check the path.',
    details: { database },
  })
}

type Explanation = readonly [code: ErrorCode, message: string, help: string]

function explain(error: unknown, database: string): Explanation {
  const code = errorCode(error)
  const text = errorText(error)
  const file = JSON.stringify(database)
  if (/^SQLITE_(?:NOTADB|CORRUPT)/.test(code)) {
    const what = code.startsWith('SQLITE_NOTADB') ? 'is not a SQLite database' : 'is damaged'
    return ['ALUDEL_NOT_A_DATABASE', `${file} ${what}: ${text}`, 'Check the path. An encrypted database needs its key.']
  }
  if (code.startsWith('SQLITE_READONLY') || code === 'EROFS') {
    return ['ALUDEL_READ_ONLY', `${file} cannot be written: ${text}`, readOnlyHelp]
  }
  if (isBusy(error)) {
    return [
      'ALUDEL_LOCKED',
      `${file} is in use: ${text}`,
      'Another program is writing to it, or has an open transaction. Nothing was changed.',
    ]
  }
  if (code === 'EACCES' || code === 'EPERM' || /^SQLITE_(?:PERM|AUTH)/.test(code)) return noPermission(file, text)
  if (
    code.startsWith('SQLITE_CANTOPEN') ||
    text.includes('directory does not exist') ||
    ['ENOTDIR', 'EEXIST', 'EISDIR', 'ENOENT'].includes(code)
  ) {
    return explainOpening(database, text)
  }
  return ['ALUDEL_CONNECT', `cannot open ${file}: ${text}`, 'Check the path, and that the disk is not full.']
}

const readOnlyHelp = 'Allow writing to the file and to its folder (SQLite keeps a journal there), or open a copy.'

function noPermission(file: string, text: string): Explanation {
  return [
    'ALUDEL_PERMISSION',
    `no permission to open ${file}: ${text}`,
    'Allow this user to read and write the file and its folder.',
  ]
}

/** SQLite reports only that it cannot open a file; the file system shows why. */
function explainOpening(database: string, text: string): Explanation {
  const file = JSON.stringify(database)
  const kind = kindOf(database)
  if (kind === 'directory') return ['ALUDEL_CONNECT', `${file} is a directory`, 'Name a file in it.']
  if (kind === 'forbidden' || (kind === 'file' && !isAllowed(database))) return noPermission(file, text)
  const folder = path.dirname(database)
  switch (kindOf(folder)) {
    case 'missing':
      return [
        'ALUDEL_DATABASE_MISSING',
        `there is no folder ${JSON.stringify(folder)} for the database`,
        'Create the folder, or check the path.',
      ]
    case 'file':
      return ['ALUDEL_CONNECT', `${JSON.stringify(folder)} is a file, not a folder for the database`, 'Check the path.']
    case 'forbidden':
      return noPermission(file, text)
    case 'directory':
  }
  if (kind === 'missing') {
    return isAllowed(folder)
      ? ['ALUDEL_DATABASE_MISSING', `there is no database ${file}`, 'Check the path.']
      : noPermission(file, `the folder ${JSON.stringify(folder)} cannot be written`)
  }
  return [
    'ALUDEL_CONNECT',
    `cannot open ${file}: ${text}`,
    'Check that it is a file, and that its folder can be written.',
  ]
}

function kindOf(file: string): 'file' | 'directory' | 'missing' | 'forbidden' {
  try {
    return statSync(file).isDirectory() ? 'directory' : 'file'
  } catch (error) {
    const code = errorCode(error)
    return code === 'EACCES' || code === 'EPERM' ? 'forbidden' : 'missing'
  }
}

/** Whether this user may read and write it. */
export function isAllowed(file: string): boolean {
  try {
    accessSync(file, constants.R_OK | constants.W_OK)
    return true
  } catch {
    return false
  }
}
