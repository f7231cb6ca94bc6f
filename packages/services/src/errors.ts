/**
 * The error of this package. It has the fields of the engine's `AludelError` (name, code, kind, help, details), which this
 * package must not import, so that the command line treats both alike.
 */
export class ReviewError extends Error {
  override readonly name: string = 'AludelError'
  readonly code = 'ALUDEL_REVIEWS'
  readonly kind = 'failed'
  /** What the reader can do about it. */
  readonly help?: string
  /** Structured data. */
  readonly details: Readonly<Record<string, unknown>>

  constructor(
    message: string,
    options: {
      readonly help?: string
      readonly details?: Readonly<Record<string, unknown>>
      readonly cause?: unknown
    } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    if (options.help !== undefined) this.help = options.help
    this.details = options.details ?? {}
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

  constructor(issues: readonly ReviewIssue[]) {
    const shown = issues.slice(0, 5).map((issue) => `${issue.path} ${issue.reason}`)
    const more = issues.length - shown.length
    super(`invalid review decision: ${shown.join('; ')}${more > 0 ? `; and ${more} more` : ''}`, {
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
