import type { ApiError } from '../../../src/api/types'

/** A code of {@link Failure}: one of the server, or `NETWORK` if there was no answer of it. */
export type FailureCode = ApiError['error']['code'] | 'NETWORK'

/** A request that did not succeed, in the words of the server: what failed, and what to do. */
export class Failure extends Error {
  readonly code: FailureCode
  readonly help: string | undefined
  readonly details: Readonly<Record<string, unknown>>
  /** Status of the answer; 0 if there was none. */
  readonly status: number

  constructor(status: number, error: { code: FailureCode } & Omit<ApiError['error'], 'code'>) {
    super(error.message)
    this.name = 'Failure'
    this.status = status
    this.code = error.code
    this.help = error.help
    this.details = error.details ?? {}
  }
}

/** A failure of anything that was thrown. */
export function failureOf(error: unknown): Failure {
  if (error instanceof Failure) return error
  return new Failure(0, { code: 'ALUDEL_INTERNAL', message: error instanceof Error ? error.message : String(error) })
}
