import type { MigratorContext } from '../project/context'
import { dialectNames } from '../dialect/registry'
import type { AnswerJson } from '../results'
import type { Need } from '../difference/needs'
import { expectUsed, parseValueFlag, valueAnswer, type ValueFlag, withValues } from '../difference/value-flags'
import { type DialectDiff, flagOf, type RenameOptions } from './diff'
import { withGeneratedValues } from './generated'
import { countedNeeds, type CountedNeed } from './needs'

/** The question which value rows get in a column that becomes NOT NULL or is new and has no default. */
export interface BackfillQuestion {
  readonly kind: 'new' | 'notNull'
  /** `table.column`, the left side of `--backfill`. */
  readonly flag: string
  readonly type: string
  /** Dialects that need an answer. An answer with the prefix `dialect:` is for that dialect alone. */
  readonly dialects: readonly string[]
  /** Rows of the project's database without a value; null if they were not counted. */
  readonly rows: number | null
  /** The question in words. */
  readonly message: string
}

/** Returns an SQL expression, or null: the revision then stops at such rows. */
export type AskBackfill = (question: BackfillQuestion) => Promise<string | null>

/** Answers about values of new and converted columns. */
export interface AnswerOptions extends RenameOptions {
  /**
   * `table.column=<SQL expression>`: the value of rows that have none. The prefix `postgres:` or `sqlite:` limits it to
   * that dialect, `down:` to the downgrade.
   */
  readonly backfill?: readonly string[]
  /** `table.column=<SQL expression>`: converts values to the new type; same prefixes as `backfill`. */
  readonly using?: readonly string[]
  /** Absent: missing values become a condition that the user confirms. */
  readonly askBackfill?: AskBackfill
}

interface ValuedDiffs {
  readonly diffs: readonly DialectDiff[]
  /** The answers from flags and questions. */
  readonly answers: readonly AnswerJson[]
  /** The conditions that rows must meet. */
  readonly needs: readonly CountedNeed[]
}

/**
 * The operations with all answers about the values of columns. Nothing is guessed.
 *
 * @throws AludelError `ALUDEL_USAGE` for a flag that does not apply to any changed column
 */
export async function valuedDiffs(
  context: MigratorContext,
  plain: readonly DialectDiff[],
  options: AnswerOptions,
): Promise<ValuedDiffs> {
  const flags = [
    ...(options.using ?? []).map((text) => parseValueFlag('using', text, dialectNames())),
    ...(options.backfill ?? []).map((text) => parseValueFlag('backfill', text, dialectNames())),
  ]
  const apply = (): readonly DialectDiff[] => {
    const used = new Set<ValueFlag>()
    const diffs = plain.map((diff) => ({
      ...diff,
      operations: withValues(withGeneratedValues(diff), flags, diff.dialect.name, used),
    }))
    expectUsed(
      flags,
      used,
      plain.flatMap(({ operations }) => operations),
    )
    return diffs
  }
  let diffs = apply()
  let needs = await countedNeeds(context, diffs)
  if (options.askBackfill !== undefined) {
    const before = flags.length
    for (const question of questionsOf(needs)) {
      const answer = await options.askBackfill(question)
      if (answer !== null && answer.trim() !== '') flags.push(answered(question, answer.trim()))
    }
    if (flags.length > before) {
      diffs = apply()
      needs = await countedNeeds(context, diffs, needs)
    }
  }
  return { diffs, answers: valueAnswersJson(flags), needs }
}

function answered({ flag }: BackfillQuestion, answer: string): ValueFlag {
  const dialect = dialectNames().find((name) => answer.startsWith(`${name}:`))
  const sql = dialect === undefined ? answer : answer.slice(dialect.length + 1)
  return parseValueFlag('backfill', `${dialect === undefined ? '' : `${dialect}:`}${flag}=${sql}`, dialectNames())
}

export function valueAnswersJson(flags: readonly ValueFlag[]): readonly AnswerJson[] {
  return flags.map((flag) => ({ kind: flag.kind, flag: flag.text, text: valueAnswer(flag) }))
}

function questionsOf(needs: readonly CountedNeed[]): BackfillQuestion[] {
  const asked = needs.filter(({ need }) => need.kind === 'noRows' || need.kind === 'noNulls')
  const byFlag = new Map<string, CountedNeed[]>()
  for (const item of asked) byFlag.set(item.need.flag, [...(byFlag.get(item.need.flag) ?? []), item])
  return [...byFlag].flatMap(([flag, items]) => {
    const [first] = items
    if (first === undefined) return []
    const rows = items.reduce<number | null>((found, item) => found ?? item.rows, null)
    const kind = first.need.kind === 'noRows' ? 'new' : 'notNull'
    const what = kind === 'new' ? 'is new, NOT NULL and has no default' : 'becomes NOT NULL'
    const count = rows === null ? '' : ` (${String(rows)} ${rows === 1 ? 'row has' : 'rows have'} no value)`
    return [
      {
        kind,
        flag,
        type: first.type,
        dialects: items.map(({ dialect }) => dialect),
        rows,
        message: `${flag} ${what}${count}: which value do rows without one get?`,
      },
    ]
  })
}

/** The tables that must be empty for the operations to run. */
export function emptyTables(needs: readonly Need[]): readonly Need['table'][] {
  return needs.filter(({ kind }) => kind === 'noRows').map(({ table }) => table)
}

/** The answers as options for the header: renames on one line, answers about values on a line each. */
export function answerLines(answers: readonly AnswerJson[]): string[] {
  const isValue = ({ kind }: AnswerJson): boolean => kind === 'backfill' || kind === 'using'
  const renames = answers.filter((answer) => !isValue(answer)).map(flagOf)
  return [
    ...(renames.length === 0 ? [] : [`Answered: ${renames.join(' ')}`]),
    ...answers.filter(isValue).map((answer) => `Answered: ${flagOf(answer)}`),
  ]
}
