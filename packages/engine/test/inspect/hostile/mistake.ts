/** A mistake that works on a developer's machine: a schema, a revision on it, and the same revision repaired. */
export interface Mistake {
  readonly name: string
  readonly before: readonly string[]
  readonly up: readonly string[]
  readonly down: readonly string[]
  /** The statements of the repaired revision, which finds nothing. */
  readonly repaired: readonly string[]
  /** What is found: severity, kind and message. */
  readonly found: readonly string[]
}

/** A table of users with these columns. */
export const users = (columns: string): readonly string[] => [
  `CREATE TABLE "users" ("id" integer PRIMARY KEY NOT NULL, ${columns})`,
]
