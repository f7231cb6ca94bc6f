import type { Direction } from '../revision/revision'
import type { StatementEffects } from '../sql/effects'
import type { Found, Severity } from './finding'
import type { PostgresSubject } from './postgres/subject'
import type { SqliteSubject } from './sqlite/subject'

/**
 * `loss`: rows or values are gone · `compatibility`: running code of the release before fails · `rows`: passes on an empty table and
 * fails on rows · `locks`, `rewrites`: others wait · `hygiene`: the revision does not do what it seems to · `sqlite`: traps of
 * SQLite · `style`: opinions, which are off by default
 */
export type Category = 'loss' | 'compatibility' | 'rows' | 'locks' | 'rewrites' | 'hygiene' | 'sqlite' | 'style'

/** A rule of `lint`. One file each, in the folder of its category. */
export interface Rule {
  /** The short name in the list of rules: `L1`. */
  readonly id: string
  /** The name for configurations, comments and results: `create-index`. */
  readonly name: string
  readonly category: Category
  /** In an upgrade. In a downgrade, an error is a warning: it runs when something else has gone wrong. */
  readonly severity: Severity
  /** One sentence for the documentation: what is dangerous, and what to do. */
  readonly about: string
  readonly postgres?: Checks<PostgresSubject>
  readonly sqlite?: Checks<SqliteSubject>
}

type Result = Found | readonly Found[] | undefined

/** What a rule looks at on one dialect. */
export interface Checks<S extends Subject> {
  /** Called for each statement in order, with what is known before it. */
  readonly statement?: (subject: S) => Result
  /**
   * Called after all statements of a revision, in one direction. What the subjects know is then what is known after them.
   *
   * @param undone in a downgrade, its upgrade
   */
  readonly step?: (step: LintStep, subjects: readonly S[], undone?: Undone<S>) => Result
}

/** The upgrade that a downgrade undoes. */
export interface Undone<S extends Subject> {
  readonly step: LintStep
  readonly subjects: readonly S[]
}

/** A revision in one direction. */
export interface LintStep {
  readonly revision: string
  readonly direction: Direction
  /** The texts that it sends, in order; null: they are known only when it runs. */
  readonly statements: readonly string[] | null
  /** Why they are not known: `line 12 calls queryRunner.createTable`. */
  readonly unread?: string
  /** Whether it runs in a transaction. */
  readonly transactional: boolean
  /** Whether the file says `transaction = false`. */
  readonly declaresOutside: boolean
  /** Whether the tool wrote these statements, and nobody has changed them since. */
  readonly generated: boolean
}

/** A statement, as rules see it. Each dialect adds its own form of it, and of what is known. */
export interface Subject {
  readonly step: LintStep
  /** The statement alone. */
  readonly sql: string
  /** The position of its text in the revision: a text may contain several statements. */
  readonly index: number
  /** What the whole text does. */
  readonly effects: StatementEffects
  /** Estimated number of rows; undefined if no database was asked, or it does not have the table. */
  rows(table: string): number | undefined
}

/** Returns the rule unchanged. It exists to give editors its type. */
export function defineRule(rule: Rule): Rule {
  return rule
}
