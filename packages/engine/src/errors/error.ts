import { type ErrorCode, errorCodes, type ErrorKind } from './codes'
import type { DetailsOf } from './details'

/** Options of an {@link AludelError}. */
export interface AludelErrorOptions<Code extends ErrorCode = ErrorCode> {
  /** What the reader can do about it; a few lines at most. */
  readonly help?: string
  /** Structured data, printed under `details` with `--json`. Never a password. */
  readonly details?: DetailsOf<Code>
  /** The original error. */
  readonly cause?: unknown
}

/** The last constructor arguments: `details` is optional only if no detail of the code is required. */
export type ErrorArguments<Code extends ErrorCode> =
  Readonly<Record<never, never>> extends DetailsOf<Code>
    ? readonly [options?: AludelErrorOptions<Code>]
    : readonly [options: AludelErrorOptions<Code> & { readonly details: DetailsOf<Code> }]

/**
 * The class of all errors that Aludel throws on purpose.
 *
 * @typeParam Code determines the type of `details`, see {@link DetailsOf}
 * @typeParam Details derived from Code; a parameter so that an error of one code is assignable to an error of any code
 * @example
 * throw new AludelError('ALUDEL_UNKNOWN_REVISION', 'no revision starts with "zz"', {
 *   help: 'Nearest: a1b2c3d4e5f6. See `aludel migrate history`.',
 *   details: { revision: 'zz' },
 * })
 */
export class AludelError<Code extends ErrorCode = ErrorCode, Details = DetailsOf<Code>> extends Error {
  override readonly name = 'AludelError'
  /** Stable; see {@link errorCodes}. */
  readonly code: Code
  /** Decides the exit code of the command line. */
  readonly kind: ErrorKind
  /** What the reader can do about it. */
  readonly help?: string
  /** Structured data; see {@link ErrorDetails}. */
  readonly details: Details

  constructor(code: Code, message: string, ...[options]: ErrorArguments<Code>) {
    super(message, options?.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.kind = errorCodes[code]
    if (options?.help !== undefined) this.help = options.help
    // ErrorArguments allows leaving them out only if none is required.
    this.details = (options?.details ?? {}) as Details
  }
}

/**
 * True for an {@link AludelError}, also one from another copy of this package.
 *
 * @param codes if given, true only for these, and `details` has their type
 * @example
 * if (isAludelError(error, 'ALUDEL_LOCKED')) console.error(`held by ${error.details.owner ?? 'another process'}`)
 */
export function isAludelError<Code extends ErrorCode = ErrorCode>(
  error: unknown,
  ...codes: readonly Code[]
): error is AludelError<Code> {
  if (!(error instanceof Error) || error.name !== 'AludelError' || !('code' in error)) return false
  return codes.length === 0 || codes.some((code) => code === error.code)
}

/** The message of any thrown value, also from another realm (a `vm` context). */
export function messageOf(error: unknown): string {
  const message = typeof error === 'object' && error !== null && 'message' in error ? error.message : undefined
  return typeof message === 'string' ? message : String(error)
}
