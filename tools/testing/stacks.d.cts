/** What the tests run on: a major of TypeORM and the drivers that go with it. */
export interface Stack {
  /** The installed package that tests get when they import `typeorm`. */
  readonly typeorm: string
  /** TypeORM's `type` of a SQLite database. */
  readonly sqlite: 'better-sqlite3' | 'sqlite'
  readonly dialects: readonly ('sqlite' | 'postgres')[]
  /** The target of nx. */
  readonly target: string
}

export const stacks: Readonly<Record<string, Stack>>
/** The stack that every test runs on. */
export const mainStack: string
/** The stack of `npm run servers`. */
export const servers: string
/** The stack of this process. */
export const stackName: string
export const stack: Stack
/** Regular expressions for the paths of test files that have nothing to say on the stack of this process. */
export const leftOut: readonly string[]
/**
 * The target of a package's tests on a stack, as the summary names it; on the stack `servers`, one for each version.
 *
 * @param version of the server
 */
export function targetOf(name: string, version?: string): string
