import type { MigratorContext } from '../project/context'
import { dialectNames } from '../dialect/registry'
import type { AnswerJson } from '../results'
import type { Need } from '../difference/needs'
import { expectUsed, parseValueFlag, valueAnswer, type ValueFlag, withValues } from '../difference/value-flags'
import { type DialectDiff, flagOf, type RenameOptions } from './diff'
import { countedNeeds, type CountedNeed } from './needs'

/** A column that rows must have a value in from now on, and nothing says which. */
export interface BackfillQuestion {
  readonly kind: 'new' | 'notNull'
  /** `table.column`, as `--backfill` takes it before the equals sign. */
  readonly flag: string
  readonly type: string
  /** Dialects in which it is asked; an answer that begins with one of them and a colon is for that one alone. */
  readonly dialects: readonly string[]
  /** Rows of the project's database that have no value; null where it was not asked. */
  readonly rows: number | null
  /** For people. */
  readonly message: string
}

/** An SQL expression, or null: the revision then stops where there are such rows. */
export type AskBackfill = (question: BackfillQuestion) => Promise<string | null>

/** Answers about values of new and converted columns. */
export interface AnswerOptions extends RenameOptions {
  /** `table.column=<SQL expression>`: what rows get that have no value. `postgres:` or `sqlite:` before it: there alone; `down:`: on the way back. */
  readonly backfill?: readonly string[]
  /** `table.column=<SQL expression>`: how a value is converted to its new type; prefixes as `backfill`. */
  readonly using?: readonly string[]
  /** Absent: a column without values is confirmed as something that the revision needs. */
  readonly askBackfill?: AskBackfill
}

export interface ValuedDiffs {
  readonly diffs: readonly DialectDiff[]
  /** What was asked or given by flags. */
  readonly answers: readonly AnswerJson[]
  /** What must be true of the rows. */
  readonly needs: readonly CountedNeed[]
}

/**
 * The operations with what was said about the values of columns, after everything has an answer that needs one. Nothing is
 * guessed.
 *
 * @throws AludelError `ALUDEL_USAGE` for a flag about no column that changes
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
      operations: withValues(diff.operations, flags, diff.dialect.name, used),
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
  return { diffs, answers: flags.map(valueAnswerJson), needs }
}

function answered({ flag }: BackfillQuestion, answer: string): ValueFlag {
  const dialect = dialectNames().find((name) => answer.startsWith(`${name}:`))
  const sql = dialect === undefined ? answer : answer.slice(dialect.length + 1)
  return parseValueFlag('backfill', `${dialect === undefined ? '' : `${dialect}:`}${flag}=${sql}`, dialectNames())
}

function valueAnswerJson(flag: ValueFlag): AnswerJson {
  return { kind: flag.kind, flag: flag.text, text: valueAnswer(flag) }
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
        message: `${flag} ${what}${count}: which value do rows get that have none?`,
      },
    ]
  })
}

/** Tables that must be empty for the operations to run. */
export function emptyTables(needs: readonly Need[]): readonly Need['table'][] {
  return needs.filter(({ kind }) => kind === 'noRows').map(({ table }) => table)
}

/** The answers as the options that give them again, for the header: renames together, what was said about values one by one. */
export function answerLines(answers: readonly AnswerJson[]): string[] {
  const isValue = ({ kind }: AnswerJson): boolean => kind === 'backfill' || kind === 'using'
  const renames = answers.filter((answer) => !isValue(answer)).map(flagOf)
  return [
    ...(renames.length === 0 ? [] : [`Answered: ${renames.join(' ')}`]),
    ...answers.filter(isValue).map((answer) => `Answered: ${flagOf(answer)}`),
  ]
}
