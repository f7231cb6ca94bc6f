/** `error`: `lint` exits with 3 · `warning` · `info`: shown, and nothing more. */
export type Severity = 'error' | 'warning' | 'info'

/** What a rule has found in a statement, or in a revision as a whole. */
export interface Found {
  /** What happens, and whom it blocks or breaks: `creating ix_orders_email blocks writes to orders until it is built`. */
  readonly message: string
  /** What to do, in one or two sentences. */
  readonly help: string
  /** The corrected statements, in order; absent if there is no form that is right for everybody. */
  readonly instead?: readonly string[]
  /** The table that it is about, as the database names it (`schema.name` outside the default schema). */
  readonly table?: string
  /** True if the harm grows with the rows of the table: it is a note where the table is known to be small. */
  readonly grows?: boolean
  /** Position of the statement in the revision, from 0. Default: that of the statement that the rule was asked about. */
  readonly index?: number
  /** Default is that of the rule. */
  readonly severity?: Severity
}
