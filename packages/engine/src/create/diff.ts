import type { MigratorContext } from '../project/context'
import type { Dialect } from '../dialect/dialect'
import type { DialectName } from '../dialect/registry'
import type { BothWays } from '../dialect/roles/ddl'
import { AludelError } from '../errors'
import { reverseOperations } from '../operations'
import type { Operation } from '../operations/operation'
import type { AnswerJson } from '../results'
import { withoutExtraExtensions } from '../schema/extensions'
import { anyOf } from '../schema/patterns'
import { planChanges } from '../difference/plan-changes'
import { type RenameAnswer, type RenameQuestion, renameQuestions } from '../difference/renames'
import type { Schema } from '../schema/schema'
import { type IsUnmanaged, keepUnmanaged } from '../schema/unmanaged'
import { entitySchema, replayedSchema } from '../shadow/schemas'
import { keepMomentary, type Wanted } from '../shadow/wanted'

/** What the entities (or the live database) are compared with, in one dialect. */
export interface SidePair {
  readonly dialect: Dialect
  readonly from: Schema
  readonly to: Schema
  /** Objects that are never created, changed or dropped. */
  readonly unmanaged?: IsUnmanaged
  /** `to` was made from entities: what these cannot say about a thing stays as it is in `from`. */
  readonly entities?: boolean
}

/** Its `to` has unmanaged objects as they are in `from`: the operations lead there. */
export interface DialectDiff extends SidePair {
  /** In an order that applies. */
  readonly operations: readonly Operation[]
}

/**
 * Asked when a table, a column or a value of an enum may have been renamed: the new name, null when the old one is really
 * dropped, or, for a value, one that stays and that its rows get.
 */
export type AskRename = (question: RenameQuestion) => Promise<string | null | { readonly map: string }>

export interface RenameOptions {
  /** `table.old=new`, `old_table=new_table`, or `table.column.old=new` for a value of an enum */
  readonly rename?: readonly string[]
  /** `table.old`, `old_table` or `table.column.old`: really dropped */
  readonly noRename?: readonly string[]
  /** `table.column.old=kept`: rows that have a value of an enum that goes get one that stays */
  readonly map?: readonly string[]
  /** Absent: an open question is an error that shows the flags. */
  readonly askRename?: AskRename
}

/** Entities against replayed revisions, in every given dialect. */
export async function entityDiffs(
  context: MigratorContext,
  dialects: readonly Dialect[],
): Promise<readonly SidePair[]> {
  const pairs: SidePair[] = []
  // One after the other: two embedded servers starting at once would only slow each other down.
  for (const dialect of dialects) {
    const from = await replayedSchema(context, dialect)
    pairs.push(entityPair(context, dialect, from, await entitySchema(context, dialect)))
  }
  return pairs
}

/** Compares the entities with `from`, without unmanaged objects. */
export function entityPair(context: MigratorContext, dialect: Dialect, from: Schema, wanted: Wanted): SidePair {
  return {
    dialect,
    from,
    to: keepMomentary(wanted, from),
    entities: true,
    unmanaged: anyOf(context.unmanaged, context.ignored, wanted.unsynchronized),
  }
}

/** A live database against what its revisions make, without what others manage. */
export function databasePair(context: MigratorContext, dialect: Dialect, expected: Schema, live: Schema): SidePair {
  return { dialect, from: expected, to: withoutExtraExtensions(live, expected), unmanaged: context.ignored }
}

/** Operations from one side to the other; a rename that nobody named shows as a drop and an add. */
export function diffOf(pair: SidePair, answers: readonly RenameAnswer[] = []): DialectDiff {
  const { from, unmanaged, entities } = pair
  const plan = planChanges(from, pair.to, answers, {
    ...(unmanaged === undefined ? {} : { unmanaged }),
    ...(entities === undefined ? {} : { entities }),
  })
  return { ...pair, ...plan }
}

export interface RenamesAnswered extends Required<Pick<RenameOptions, 'rename' | 'noRename' | 'map'>> {
  readonly answers: readonly RenameAnswer[]
}

/**
 * The renames that were named, or asked about (decision D5: nothing is guessed).
 *
 * @throws AludelError `ALUDEL_RENAME_QUESTION` when a question is open and nobody can be asked
 */
export async function answerRenames(pairs: readonly SidePair[], options: RenameOptions): Promise<RenamesAnswered> {
  const rename = [...(options.rename ?? [])]
  const noRename = [...(options.noRename ?? [])]
  const map = [...(options.map ?? [])]
  const sides = pairs.map(({ dialect, from, to, unmanaged }) => ({
    dialect: dialect.name,
    from,
    to: unmanaged === undefined ? to : keepUnmanaged(from, to, unmanaged),
  }))
  for (;;) {
    const { answers, open } = renameQuestions(sides, { rename, noRename, map })
    const [question] = open
    if (question === undefined) return { answers, rename, noRename, map }
    if (options.askRename === undefined) throw openQuestions(open)
    const answer = await options.askRename(question)
    // An answer becomes the flag that would have given it: a table's answer changes which columns are asked about.
    if (answer === null) noRename.push(question.noRenameFlag)
    else if (typeof answer === 'object') map.push(`${question.noRenameFlag}=${answer.map}`)
    else rename.push(`${question.noRenameFlag}=${answer}`)
  }
}

const optionNames = {
  rename: '--rename',
  noRename: '--no-rename',
  map: '--map',
  backfill: '--backfill',
  using: '--using',
  keep: '--keep',
  drop: '--drop',
}

/** An answer as the option that gives it without a question. */
export function flagOf({ kind, flag }: AnswerJson): string {
  return `${optionNames[kind]} ${/^[\w.=:*-]+$/.test(flag) ? flag : JSON.stringify(flag)}`
}

/** The answers about renames, as a revision tells them. */
export function saidOf({ rename, noRename, map }: Omit<RenamesAnswered, 'answers'>): AnswerJson[] {
  const cut = (flag: string): [string, string] => [flag.slice(0, flag.indexOf('=')), flag.slice(flag.indexOf('=') + 1)]
  return [
    ...rename.map((flag): AnswerJson => ({ kind: 'rename', flag, text: `${cut(flag)[0]} became ${cut(flag)[1]}` })),
    ...noRename.map((flag): AnswerJson => ({ kind: 'noRename', flag, text: `${flag} was not renamed` })),
    ...map.map((flag): AnswerJson => ({ kind: 'map', flag, text: `rows with ${cut(flag)[0]} get ${cut(flag)[1]}` })),
  ]
}

function openQuestions(open: readonly RenameQuestion[]): AludelError {
  const lines = open.flatMap((question) => [question.message, ...question.flags.map((flag) => `  ${flag}`)])
  return new AludelError(
    'ALUDEL_RENAME_QUESTION',
    `${open.length === 1 ? 'a rename is' : `${String(open.length)} renames are`} possible and nobody can be asked`,
    {
      help: [...lines, 'Say which with one of these flags each; nothing was written.'].join('\n'),
      details: {
        questions: open.map((question) => ({ gone: question.noRenameFlag, candidates: question.candidates })),
      },
    },
  )
}

/** Operations of every dialect, keyed by its name. */
export function operationsByDialect(diffs: readonly DialectDiff[]): Partial<Record<DialectName, readonly Operation[]>> {
  return Object.fromEntries(diffs.map((diff) => [diff.dialect.name, diff.operations]))
}

/** The statements of a revision that carries out the difference, there and back. */
export function statementsOf({ dialect, operations, from, to }: DialectDiff): BothWays {
  return dialect.ddl.renderBothWays(operations, reverseOperations(operations), from, to)
}
