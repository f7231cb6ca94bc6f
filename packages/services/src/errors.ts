/** Options of a {@link CodedError}. */
export interface CodedErrorOptions {
  readonly help?: string
  readonly details?: Readonly<Record<string, unknown>>
  readonly cause?: unknown
}

/**
 * Has the fields of the engine's `AludelError` (name, code, kind, help, details), which this package must not import, so that the
 * command line treats both alike.
 */
export abstract class CodedError extends Error {
  override readonly name: string = 'AludelError'
  abstract readonly code: string
  abstract readonly kind: string
  /** What the reader can do about it. */
  readonly help?: string
  /** Structured data. */
  readonly details: Readonly<Record<string, unknown>>

  constructor(message: string, options: CodedErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    if (options.help !== undefined) this.help = options.help
    this.details = options.details ?? {}
  }
}

/** The error of this package. */
export class ReviewError extends CodedError {
  readonly code = 'ALUDEL_REVIEWS'
  readonly kind = 'failed'
}

/** A value that a service does not accept. Nothing was stored. */
export class InvalidValueError extends CodedError {
  readonly code = 'ALUDEL_INVALID_VALUE'
  readonly kind = 'usage'

  /**
   * @param path its place: `percent`, `[3].name`
   * @param reason for example `must be a whole number from 0 to 100, not 101`
   */
  constructor(path: string, reason: string) {
    super(`${path} ${reason}`, { details: { path, reason } })
  }
}

/** There is no such row. */
export class NotFoundError extends CodedError {
  readonly code = 'ALUDEL_NOT_FOUND'
  readonly kind = 'failed'

  /** @param what for example `workflow` */
  constructor(what: string, id: string, help?: string) {
    super(`there is no ${what} ${JSON.stringify(id)}`, { help, details: { what, id } })
  }
}

/** A row is in a state in which this cannot be done with it. Nothing was changed. */
export class WrongStateError extends CodedError {
  readonly code = 'ALUDEL_WRONG_STATE'
  readonly kind = 'failed'

  constructor(
    message: string,
    details: { readonly id: string; readonly state: string; readonly expected: readonly string[] },
  ) {
    super(message, { help: `Possible when it is: ${details.expected.join(', ')}.`, details })
  }
}

/** Stored data is not what was stored. */
export class CorruptDataError extends CodedError {
  readonly code = 'ALUDEL_CORRUPT_DATA'
  readonly kind = 'failed'

  constructor(message: string, help: string, details: Readonly<Record<string, unknown>>) {
    super(message, { help, details })
  }
}

/** Rows are to be added to tables that have some. */
export class NotEmptyError extends CodedError {
  readonly code = 'ALUDEL_NOT_EMPTY'
  readonly kind = 'refused'

  constructor(tables: readonly string[]) {
    super(`the database has rows in ${tables.join(', ')}`, {
      help: 'Nothing was inserted. Use an empty database, or --append to add to what is there.',
      details: { tables },
    })
  }
}

/** A command would change something that somebody has to agree to first, or that should not be changed this way. */
export class RefusedError extends CodedError {
  readonly kind = 'refused'

  constructor(
    readonly code: 'ALUDEL_CONFIRMATION' | 'ALUDEL_PRODUCTION',
    message: string,
    help: string,
    details: Readonly<Record<string, unknown>> = {},
  ) {
    super(message, { help, details })
  }
}

/** A file cannot be written. It is as it was. */
export class FileError extends CodedError {
  readonly code = 'ALUDEL_FILE'
  readonly kind = 'failed'

  constructor(path: string, reason: string, cause?: unknown) {
    super(`cannot write ${path}: ${reason}`, { details: { path }, cause })
  }
}

/** Ctrl-C has stopped a command between two batches. */
export class Interrupted extends CodedError {
  readonly code = 'ALUDEL_INTERRUPTED'
  readonly kind = 'interrupted'

  constructor(message: string, help: string, details: Readonly<Record<string, unknown>>) {
    super(message, { help, details })
  }
}

/** A command has an option with a wrong value. */
export class UsageError extends CodedError {
  readonly code = 'ALUDEL_USAGE'
  readonly kind = 'usage'

  constructor(message: string, help: string) {
    super(message, { help })
  }
}

/** Files are in the way of an export. Nothing was written. */
export class FilesExistError extends CodedError {
  readonly code = 'ALUDEL_FILES_EXIST'
  readonly kind = 'refused'

  /** @param files each with the reason why it is not replaced */
  constructor(directory: string, files: readonly { readonly file: string; readonly reason: string }[]) {
    const shown = files.slice(0, 3).map(({ file, reason }) => `${file} ${reason}`)
    const more = files.length - shown.length
    super(
      `the export would replace files in ${directory}: ${shown.join('; ')}${more > 0 ? `; and ${more} more` : ''}`,
      {
        help: 'Nothing was written. Export into another directory, or replace files with `--overwrite` (`overwrite: true`).',
        details: { directory, files },
      },
    )
  }
}

/** Ctrl-C stopped an export. */
export class ExportInterrupted extends CodedError {
  readonly code = 'ALUDEL_INTERRUPTED'
  readonly kind = 'interrupted'

  constructor(directory: string) {
    super(`the export into ${directory} was stopped`, { help: 'Nothing was written. Run it again.' })
  }
}

/** Ctrl-C stopped an import in this file. */
export class ImportInterrupted extends CodedError {
  readonly code = 'ALUDEL_INTERRUPTED'
  readonly kind = 'interrupted'

  constructor(file: string, details: Readonly<Record<string, unknown>>) {
    super(`the import was stopped in ${file}`, {
      help: 'Nothing of that file was imported; the files before it were. Run it again to resume.',
      details,
    })
  }
}

/** An invalid value. */
export interface ReviewIssue {
  /** Its place, for example `finalDecision`, or `[3].finalDecision` in a batch. */
  readonly path: string
  /** For example `must be one of …, not "Ignore it"`. */
  readonly reason: string
}

/**
 * Thrown for invalid review decisions. Nothing was stored.
 *
 * @example
 * try {
 *   await reviews.submit(decision)
 * } catch (error) {
 *   if (error instanceof ReviewValidationError) for (const { path, reason } of error.issues) show(path, reason)
 * }
 */
export class ReviewValidationError extends ReviewError {
  readonly issues: readonly ReviewIssue[]

  constructor(issues: readonly ReviewIssue[], what: 'review decision' | 'risk' = 'review decision') {
    const shown = issues.slice(0, 5).map((issue) => `${issue.path} ${issue.reason}`.trim())
    const more = issues.length - shown.length
    super(`invalid ${what}: ${shown.join('; ')}${more > 0 ? `; and ${more} more` : ''}`, {
      details: { issues },
    })
    this.issues = issues
  }
}

/** The message of any thrown value. */
export function messageOf(error: unknown): string {
  // not `instanceof Error`, which is false for an error of another realm (a test runner's, a worker's)
  return typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : String(error)
}
