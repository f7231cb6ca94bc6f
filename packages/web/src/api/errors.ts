import { AludelError, type ErrorCode, type ErrorKind, isAludelError } from '@aludel/engine'

import type { ApiError, ApiErrorCode } from './types'

/** HTTP statuses by kind of error. */
const statuses: Readonly<Record<ErrorKind, number>> = {
  failed: 500,
  usage: 400,
  answer: 409,
  refused: 409,
  locked: 423,
  halfway: 500,
  interrupted: 503,
}

/** Codes whose status says more than their kind. */
const statusesOfCodes: Readonly<Partial<Record<ErrorCode, number>>> = {
  ALUDEL_CONNECT: 503,
  ALUDEL_AUTHENTICATION: 503,
  ALUDEL_DATABASE_MISSING: 503,
  ALUDEL_UNKNOWN_REVISION: 404,
  ALUDEL_UNKNOWN_BACKUP: 404,
}

const apiStatuses: Readonly<Record<ApiErrorCode, number>> = {
  ALUDEL_WEB_SESSION: 401,
  ALUDEL_WEB_FORBIDDEN: 403,
  ALUDEL_WEB_NOT_FOUND: 404,
  ALUDEL_WEB_BUSY: 409,
  ALUDEL_WEB_RATE: 429,
  ALUDEL_WEB_INPUT: 400,
  ALUDEL_WEB_TIMEOUT: 504,
}

/** A refusal of the server itself, which no method of `Migrator` can throw. */
export class ApiFailure extends Error {
  override readonly name = 'ApiFailure'

  /**
   * @param message what was refused and why, in one line
   * @param help what to do about it
   */
  constructor(
    readonly code: ApiErrorCode,
    message: string,
    readonly help?: string,
    readonly details?: Readonly<Record<string, unknown>>,
    /** Default: that of the code. */
    readonly status: number = apiStatuses[code],
  ) {
    super(message)
  }
}

/** An answer about an error: never a stack, nor what a cause contains. */
export interface ErrorAnswer {
  readonly status: number
  readonly body: ApiError
}

/** What an error is for a client. */
export function errorAnswer(error: unknown): ErrorAnswer {
  if (error instanceof ApiFailure) {
    const { code, message, help, details, status } = error
    return { status, body: { error: { code, message, help, details } } }
  }
  const known = isAludelError(error) ? error : fromServer(error)
  if (known instanceof ApiFailure) return errorAnswer(known)
  const { code, message, help, details, kind } = known
  return {
    status: statusesOfCodes[code] ?? statuses[kind],
    body: { error: { code, message, help, details: { ...details } } },
  }
}

/** Errors of Fastify (a body that is too large or no JSON) have a status; whatever else has none is a defect. */
function fromServer(error: unknown): ApiFailure | AludelError {
  const { statusCode, message } = error as { readonly statusCode?: unknown; readonly message?: unknown }
  if (typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500 && typeof message === 'string')
    return new ApiFailure('ALUDEL_WEB_INPUT', message, 'Send JSON of at most 64 KB.', undefined, statusCode)
  return new AludelError('ALUDEL_INTERNAL', typeof message === 'string' ? message : String(error), { cause: error })
}
