import type { DataSource } from 'typeorm'

import type { ColumnsOf, EffectsReader } from '../../sql/effects'

/** Writes SQL for a database, and reads it. */
export interface SqlRole {
  /**
   * Quotes an identifier, doubling quotes inside it.
   *
   * @example
   * dialect.sql.quote('a"b') // '"a""b"'
   */
  quote(identifier: string): string

  /** A literal for offline scripts: strings, numbers, booleans, null, Date, Buffer, and JSON for other objects. */
  literal(value: unknown): string

  /** The placeholder of the n-th parameter (1-based): `$1`, `?`. */
  placeholder(n: number): string

  /**
   * A reader of the effects of statements; see `sql/effects.ts`. Loads the parser that it needs.
   *
   * @param columns of the live tables; called where a rebuild loses the columns that it does not copy. Absent: nobody knows them
   */
  readEffects(columns?: () => Promise<ColumnsOf>): Promise<EffectsReader>

  /** True where statements lock single tables, which a plan then lists; false where a writer locks the whole database. */
  readonly locksTables: boolean

  /** The frame around the statements of an offline script. */
  readonly script: ScriptFrame
}

/** Text around the statements of one revision in an offline script, for `psql` or `sqlite3`. */
export interface ScriptFrame {
  /** Once, at the top (for example `\set ON_ERROR_STOP on`, `.bail on`). */
  readonly header: readonly string[]
  /**
   * What TypeORM does when it connects to a database and these statements need: a script runs on a database to which it
   * may never have connected.
   */
  connect(dataSource: DataSource, statements: readonly string[]): Promise<readonly string[]>
  begin(transactional: boolean): readonly string[]
  /** The statements of a revision as a script executes them. */
  statements(statements: readonly string[]): readonly string[]
  /** What surrounds the statements of a revision, after `begin`: it keeps what recreated objects would lose. */
  around(
    statements: readonly string[],
    isGenerated: boolean,
  ): { readonly before: readonly string[]; readonly after: readonly string[] }
  /** Checks that run before a revision is recorded, or before a transaction of several is committed. */
  readonly check: readonly string[]
  commit(transactional: boolean): readonly string[]
  readonly footer: readonly string[]
  /** Where a session has a role and settings that a revision may change, and its record depends on. */
  readonly session?: ScriptSession
}

/** Keeps the role and the settings of a session for the record of a revision, and for the next revision. */
export interface ScriptSession {
  /** Whether the text of a statement may change them. */
  changes(sql: string): boolean
  /** Statements that keep them, once. */
  readonly keep: readonly string[]
  /** Statements that restore them. */
  readonly restore: readonly string[]
}
