import type { Found, Severity } from './finding'
import type { Checks, LintStep, Rule, Subject, Undone } from './rule'

/** What a rule has found, with its place. */
export interface Placed extends Found {
  readonly rule: Rule
  readonly severity: Severity
  /** The text of the revision that it is about; undefined for the revision as a whole. */
  readonly index?: number
  /** The statement itself. */
  readonly sql?: string
}

/** What is known of a database after some revisions, from their statements alone. */
export interface Knowledge<S extends Subject> {
  /** The statements of a step in order. What is known grows with each that is taken. */
  subjects(step: LintStep): Iterable<S>
  copy(): Knowledge<S>
}

/** The rows of a table below which work that grows with them is a matter of milliseconds. */
export const smallTable = 10_000

/**
 * Reads the revisions of one dialect in order, and applies rules to them.
 *
 * @example
 * linter.learn(before)          // revisions that are not asked about
 * const found = linter.lint(up) // and then its down: linter.lint(down)
 */
export interface Linter {
  /** Takes note of what an upgrade leaves behind, without looking for anything. */
  learn(step: LintStep): void

  /**
   * What the rules find. After an upgrade, its effects are known to what follows; a downgrade is read as if it ran after its
   * upgrade, and leaves nothing behind.
   */
  lint(step: LintStep): readonly Placed[]
}

/** A linter over what a dialect knows. */
export class RuleLinter<S extends Subject> implements Linter {
  readonly #rules: readonly { readonly rule: Rule; readonly checks: Checks<S> }[]
  readonly #knowledge: Knowledge<S>
  readonly #rows: (table: string) => number | undefined
  /** The last upgrade that was linted. */
  #upgrade: Undone<S> | undefined

  /**
   * @param checksOf the checks of a rule on this dialect
   * @param rules those that are on
   */
  constructor(
    knowledge: Knowledge<S>,
    checksOf: (rule: Rule) => Checks<S> | undefined,
    rules: readonly Rule[],
    rows: (table: string) => number | undefined,
  ) {
    this.#knowledge = knowledge
    this.#rows = rows
    this.#rules = rules.flatMap((rule) => {
      const checks = checksOf(rule)
      return checks === undefined ? [] : [{ rule, checks }]
    })
  }

  learn(step: LintStep): void {
    // Taking the statements is what makes them known.
    for (const _ of this.#knowledge.subjects(step));
  }

  lint(step: LintStep): readonly Placed[] {
    const knowledge = step.direction === 'upgrade' ? this.#knowledge : this.#knowledge.copy()
    const placed: Placed[] = []
    const subjects: S[] = []
    for (const subject of knowledge.subjects(step)) {
      for (const { rule, checks } of this.#rules)
        for (const found of listOf(checks.statement?.(subject)))
          placed.push({
            ...this.#weighed(rule, found, step),
            rule,
            index: found.index ?? subject.index,
            sql:
              found.index === undefined || found.index === subject.index ? subject.sql : step.statements?.[found.index],
          })
      subjects.push(subject)
    }
    if (step.direction === 'upgrade') this.#upgrade = { step, subjects }
    const undone = this.#upgrade?.step.revision === step.revision ? this.#upgrade : undefined
    for (const { rule, checks } of this.#rules)
      for (const found of listOf(checks.step?.(step, subjects, step.direction === 'downgrade' ? undone : undefined)))
        placed.push({
          ...this.#weighed(rule, found, step),
          rule,
          ...(found.index !== undefined && { index: found.index, sql: step.statements?.[found.index] }),
        })
    return placed.toSorted((a, b) => (a.index ?? -1) - (b.index ?? -1))
  }

  /** The finding with its severity: less in a downgrade, and on a table that is known to be small. */
  #weighed(rule: Rule, found: Found, step: LintStep): Found & { readonly severity: Severity } {
    const severity = found.severity ?? rule.severity
    const rows = found.grows === true && found.table !== undefined ? this.#rows(found.table) : undefined
    if (rows !== undefined && rows < smallTable) return { ...found, severity: 'info' }
    return { ...found, severity: step.direction === 'downgrade' && severity === 'error' ? 'warning' : severity }
  }
}

function listOf(result: Found | readonly Found[] | undefined): readonly Found[] {
  if (result === undefined) return []
  return Array.isArray(result) ? (result as readonly Found[]) : [result as Found]
}
