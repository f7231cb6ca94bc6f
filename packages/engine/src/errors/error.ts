import { type ErrorCode, errorCodes, type ErrorKind } from './codes'
import type { DetailsOf } from './details'

/** What an {@link AludelError} may carry besides its message. */
export interface AludelErrorOptions<Code extends ErrorCode = ErrorCode> {
  /** What the reader can do about it; a few lines at most. */
  readonly help?: string
  /** Facts for programs, printed under `details` with `--json`. Never a password. */
  readonly details?: DetailsOf<Code>
  /** The error underneath, kept whole. */
  readonly cause?: unknown
}

/** What the constructor takes: `details` may be left out only where the code has none that are always there. */
export type ErrorArguments<Code extends ErrorCode> =
  Readonly<Record<never, never>> extends DetailsOf<Code>
    ? readonly [options?: AludelErrorOptions<Code>]
    : readonly [options: AludelErrorOptions<Code> & { readonly details: DetailsOf<Code> }]

/**
 * The one error class that Aludel throws on purpose.
 *
 * @typeParam Code decides what `details` holds: see {@link DetailsOf}
 * @typeParam Details follows from it. A parameter, so that the error of one code is an error of any code for the compiler
 * @example
 * throw new AludelError('ALUDEL_UNKNOWN_REVISION', 'no revision starts with "zz"', {
 *   help: 'Nearest: a1b2c3d4e5f6. See `aludel migrate history`.',
 *   details: { revision: 'zz' },
 * })
 */
export class AludelError<Code extends ErrorCode = ErrorCode, Details = DetailsOf<Code>> extends Error {
  override readonly name = 'AludelError'
  readonly code: Code
  /** What an operator can do with it. */
  readonly kind: ErrorKind
  /** What the reader can do about it. */
  readonly help?: string
  /** Facts for programs. */
  readonly details: Details

  constructor(code: Code, message: string, ...[options]: ErrorArguments<Code>) {
    super(message, options?.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.kind = errorCodes[code]
    if (options?.help !== undefined) this.help = options.help
    // Left out only where a code has none that are always there.
    this.details = (options?.details ?? {}) as Details
  }
}

/**
 * True for an {@link AludelError}, also one made by another copy of this package.
 *
 * @param codes true only for these, and `details` has their type then
 * @example
 * if (isAludelError(error, 'ALUDEL_LOCKED')) console.error(`held by ${error.details.owner ?? 'somebody'}`)
 */
export function isAludelError<Code extends ErrorCode = ErrorCode>(
  error: unknown,
  ...codes: readonly Code[]
): error is AludelError<Code> {
  if (!(error instanceof Error) || error.name !== 'AludelError' || !('code' in error)) return false
  return codes.length === 0 || codes.some((code) => code === error.code)
}

/** The message of anything that was thrown, also by code of another realm (a `vm` context). */
export function messageOf(error: unknown): string {
  const message = typeof error === 'object' && error !== null && 'message' in error ? error.message : undefined
  return typeof message === 'string' ? message : String(error)
}
