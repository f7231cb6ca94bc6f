import type { MigratorContext } from '../project/context'
import type { Dialect } from '../dialect/dialect'
import type { DialectName } from '../dialect/registry'
import type { BothWays } from '../dialect/roles/ddl'
import { AludelError } from '../errors'
import { reverseOperations } from '../operations'
import type { Operation } from '../operations/operation'
import type { AnswerJson } from '../results'
import type { IsDerived } from '../schema/derived'
import { sameData } from '../schema/json'
import { withoutExtraExtensions } from '../schema/extensions'
import { anyOf } from '../schema/patterns'
import { planChanges } from '../difference/plan-changes'
import { type RenameAnswer, type RenameQuestion, renameQuestions } from '../difference/renames'
import { toolTables, withoutTables } from '../history/recognize'
import { findTable, type Schema } from '../schema/schema'
import { type IsUnmanaged, keepUnmanaged } from '../schema/unmanaged'
import { entitySchema, replayedSchema } from '../shadow/schemas'
import { type GeneratedColumn, keepMomentary, type Wanted } from '../shadow/wanted'
import { plural } from '../text'

/** Two schemas to compare in one dialect: `from` of the revisions, `to` of the entities or the live database. */
export interface SidePair {
  readonly dialect: Dialect
  readonly from: Schema
  readonly to: Schema
  /** The columns that the entities declare as generated. */
  readonly generated?: readonly GeneratedColumn[]
  /** True for objects that are never created, changed or dropped. */
  readonly unmanaged?: IsUnmanaged
  /** `to` was created from entities: which names TypeORM derived. */
  readonly derived?: IsDerived
  /** `to` was created from entities: properties that entities cannot declare stay as in `from`. */
  readonly entities?: boolean
}

/** The operations of one dialect. `to` is the schema after them, with the unmanaged objects of `from`. */
export interface DialectDiff extends SidePair {
  /** In an order in which they apply. */
  readonly operations: readonly Operation[]
  /** True for an unmanaged object under the name of its table before or after the operations. Absent: none. */
  readonly kept?: IsUnmanaged
}

/**
 * Called if a table, a column or a value of an enum may have been renamed. Returns the new name, null if the old one is
 * dropped, or, for a value, the remaining value that its rows get.
 */
export type AskRename = (question: RenameQuestion) => Promise<string | null | { readonly map: string }>

/** Answers about renames. */
export interface RenameOptions {
  /** `table.old=new`, `old_table=new_table`, or `table.column.old=new` for a value of an enum */
  readonly rename?: readonly string[]
  /** `table.old`, `old_table` or `table.column.old`: dropped, not renamed */
  readonly noRename?: readonly string[]
  /** `table.column.old=kept`: rows with a removed value of an enum get a remaining one */
  readonly map?: readonly string[]
  /** Absent: an open question is an error that lists the flags. */
  readonly askRename?: AskRename
}

/** The schemas of replayed revisions and of the entities, in every given dialect. */
export async function entityDiffs(
  context: MigratorContext,
  dialects: readonly Dialect[],
): Promise<readonly SidePair[]> {
  const pairs: SidePair[] = []
  // One after the other: two embedded servers that start together would slow each other down.
  for (const dialect of dialects) {
    const from = await replayedSchema(context, dialect)
    pairs.push(entityPair(context, dialect, from, await entitySchema(context, dialect)))
  }
  return pairs
}

/** The comparison of the entities with `from`, without unmanaged objects. */
export function entityPair(context: MigratorContext, dialect: Dialect, from: Schema, wanted: Wanted): SidePair {
  return {
    dialect,
    from,
    to: keepMomentary(wanted, from),
    entities: true,
    generated: wanted.generated,
    derived: wanted.derived,
    unmanaged: anyOf(context.unmanaged, context.ignored, wanted.unsynchronized),
  }
}

/**
 * {@link databasePair} of a live database. Whether it has a schema of the history depends on runs, not on revisions. The histories of
 * other tools are left out, unless the revisions create them.
 */
export async function livePair(
  context: MigratorContext,
  dialect: Dialect,
  expected: Schema,
  live: Schema,
): Promise<SidePair> {
  const tables = toolTables(live, await context.connection.toolsIn(live))
  const shown = withoutTables(
    live,
    tables.filter((table) => findTable(expected, table) === undefined),
  )
  const own = new Set(await context.connection.ownSchemas())
  const schemas = [
    ...shown.schemas.filter((name) => !own.has(name)),
    ...expected.schemas.filter((name) => own.has(name)),
  ].sort()
  return databasePair(context, dialect, expected, { ...shown, schemas })
}

/** The comparison of a database with the schema of its revisions, without ignored objects. */
export function databasePair(context: MigratorContext, dialect: Dialect, expected: Schema, live: Schema): SidePair {
  return { dialect, from: expected, to: withoutExtraExtensions(live, expected), unmanaged: context.ignored }
}

/** Operations from one side to the other. A rename without an answer is a drop and an add. */
export function diffOf(pair: SidePair, answers: readonly RenameAnswer[] = []): DialectDiff {
  return { ...pair, ...planChanges(pair.from, pair.to, answers, pair) }
}

interface RenamesAnswered extends Required<Pick<RenameOptions, 'rename' | 'noRename' | 'map'>> {
  readonly answers: readonly RenameAnswer[]
}

/**
 * The renames from flags and questions (decision D5: nothing is guessed).
 *
 * @throws AludelError `ALUDEL_RENAME_QUESTION` if a question is open and `askRename` is absent
 */
export async function answerRenames(pairs: readonly SidePair[], options: RenameOptions): Promise<RenamesAnswered> {
  const rename = [...(options.rename ?? [])]
  const noRename = [...(options.noRename ?? [])]
  const map = [...(options.map ?? [])]
  const isUnasked = rename.length + noRename.length + map.length === 0
  if (isUnasked && pairs.every(({ from, to }) => sameData(from, to))) return { answers: [], rename, noRename, map }
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
    // An answer becomes a flag and the questions are computed again: a table's answer changes those about columns.
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

/** The option that gives the answer without a question. */
export function flagOf({ kind, flag }: AnswerJson): string {
  return `${optionNames[kind]} ${/^[\w.=:*-]+$/.test(flag) ? flag : JSON.stringify(flag)}`
}

/** The answers about renames, as the header of a revision lists them. */
export function renameAnswersJson({ rename, noRename, map }: Omit<RenamesAnswered, 'answers'>): AnswerJson[] {
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
    `${plural(open.length, 'possible rename')}; answer with --rename or --no-rename`,
    {
      help: [...lines, 'Answer each question with one of these flags. Nothing was written.'].join('\n'),
      details: {
        questions: open.map(({ noRenameFlag, candidates, kind, message, kept }) => ({
          ...{ gone: noRenameFlag, candidates, kind, message },
          ...(kept !== undefined && { kept }),
        })),
      },
    },
  )
}

/** Operations of every dialect, keyed by its name. */
export function operationsByDialect(diffs: readonly DialectDiff[]): Partial<Record<DialectName, readonly Operation[]>> {
  return Object.fromEntries(diffs.map((diff) => [diff.dialect.name, diff.operations]))
}

/** The statements of the revision, up and down. */
export function statementsOf({ dialect, operations, from, to }: DialectDiff): BothWays {
  return dialect.ddl.renderBothWays(operations, reverseOperations(operations), from, to)
}
