/** A stack that tests run on; see stacks.cjs. */
export interface Stack {
  /** The installed package of its TypeORM. */
  readonly typeorm: string
  /** TypeORM's `type` for SQLite. */
  readonly sqlite: 'better-sqlite3' | 'sqlite'
  readonly dialects: readonly ('sqlite' | 'postgres')[]
}

/** A group of tests: the reason for it, and regular expressions for their paths. */
export interface Group {
  readonly why: string
  readonly tests: readonly string[]
}

export const stacks: Readonly<Record<string, Stack>>
export const mainStack: string
export const servers: string
export const stackDependent: Readonly<Record<string, readonly Group[]>>
export function stackOf(name: string): Stack
export function testsOf(
  name: string,
  scope: 'change' | 'all',
): { readonly match: readonly string[]; readonly ignore: readonly string[] }
export const chosen: string | undefined
export const stackName: string
export const stack: Stack
