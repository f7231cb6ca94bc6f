import type { QueryRunner } from 'typeorm'

import type { Context } from '../context'
import type { Dialect, DialectName, Statement } from '../dialect/dialect'
import { AludelError, isAludelError } from '../errors'
import { reverseOperations } from '../operations'
import type { Operation } from '../operations/operation'
import type { AnswerJson } from '../results'
import type { Revision } from '../revision/revision'
import { extensionsMadeBy, withCountedExtensions, withoutExtraExtensions } from '../schema/extensions'
import { anyOf } from '../schema/patterns'
import { planChanges } from '../schema/plan'
import { type RenameAnswer, type RenameQuestion, renameQuestions } from '../schema/renames'
import type { Schema } from '../schema/schema'
import { type IsUnmanaged, keepUnmanaged } from '../schema/unmanaged'
import { replay } from './replay'
import { recordStatements } from './statements'
import { type Wanted, wantedSchema } from './wanted'
import { plural } from '../text'

/** What the entities (or the live database) are compared with, in one dialect. */
export interface SidePair {
  readonly dialect: Dialect
  readonly from: Schema
  readonly to: Schema
  /** What is left alone: neither made, nor changed, nor dropped. */
  readonly unmanaged?: IsUnmanaged
  /** `to` was made from entities: what these can not say about a thing stays as it is in `from`. */
  readonly entities?: boolean
}

/** Its `to` has what is left alone as it is in `from`: the operations lead there. */
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

/**
 * The schema of the given revisions, replayed on a shadow database or taken from the cache.
 *
 * @param revisions in run order; default all
 */
export async function replayedSchema(
  context: Context,
  dialect: Dialect,
  revisions?: readonly Revision[],
): Promise<Schema> {
  const [schema] = await schemasAlong(context, dialect, revisions ?? (await context.files()).graph.order, [])
  if (schema === undefined) throw new Error('a replay gives a schema')
  return schema
}

/**
 * The schemas along a way: that of `base`, and one after each revision of `then`; replayed on a shadow database in just this
 * order, or taken from the cache.
 *
 * @throws AludelError `ALUDEL_REPLAY`
 */
export async function schemasAlong(
  context: Context,
  dialect: Dialect,
  base: readonly Revision[],
  then: readonly Revision[],
): Promise<readonly Schema[]> {
  const ignoreTables = await context.ignoreTables()
  const shadows = await context.shadows()
  const server = await shadows.server(dialect)
  const { cache } = context
  const keys = [base.length, ...then.map((_, index) => base.length + index + 1)].map((length) =>
    cache.key(dialect.name, server.version, [...base, ...then].slice(0, length), ignoreTables),
  )
  const cached = await Promise.all(keys.map((key) => cache.get(key)))
  const known = cached.filter((schema) => schema !== null)
  if (known.length === keys.length) return known
  context.progress(`replaying ${plural(base.length + then.length, 'revision')} on ${dialect.name}`)
  const schemas = await shadows.withRunner(dialect, async (runner) => {
    const extensions: string[] = []
    const load = async (revision: Revision) =>
      recordStatements(await context.load(revision), ({ sql }) => extensions.push(...extensionsMadeBy(sql)))
    const read = async (): Promise<Schema> =>
      withCountedExtensions(await dialect.introspect(runner, { ignoreTables }), extensions)
    await replay(dialect, runner, base, 'upgrade', load)
    // To read a schema takes longer than to run a revision.
    const found = [cached[0] ?? (await read())]
    for (const [index, revision] of then.entries()) {
      await replay(dialect, runner, [revision], 'upgrade', load)
      found.push(cached[index + 1] ?? (await read()))
    }
    return found
  })
  for (const [index, schema] of schemas.entries())
    if (schema !== cached[index]) await cache.set(keys[index] ?? '', schema)
  return schemas
}

/** Entities against replayed revisions, in every given dialect. */
export async function entityDiffs(context: Context, dialects: readonly Dialect[]): Promise<readonly SidePair[]> {
  const pairs: SidePair[] = []
  // One after the other: two embedded servers starting at once would only slow each other down.
  for (const dialect of dialects) {
    const from = await replayedSchema(context, dialect)
    pairs.push(entityPair(context, dialect, from, await entitySchema(context, dialect)))
  }
  return pairs
}

/** What the entities ask for is compared with `from`, without what is to be left alone. */
export function entityPair(context: Context, dialect: Dialect, from: Schema, wanted: Wanted): SidePair {
  return {
    dialect,
    from,
    to: wanted.schema,
    entities: true,
    unmanaged: anyOf(context.unmanaged, context.ignored, wanted.unsynchronized),
  }
}

/**
 * The schema that the entities ask for, in one dialect.
 *
 * Entities may call what only a revision written by hand makes: a function in a default, a type of an extension, a
 * sequence. So where something is missing they are read again in a database in which the revisions ran, and from which
 * all tables have gone.
 *
 * @throws AludelError `ALUDEL_ENTITIES`
 */
export async function entitySchema(context: Context, dialect: Dialect): Promise<Wanted> {
  context.progress(`reading the entities on ${dialect.name}`)
  const onWarning = (message: string): void => context.emit({ type: 'warning', message })
  const [shadows, ignoreTables] = [await context.shadows(), await context.ignoreTables()]
  try {
    return await wantedSchema(dialect, shadows, ignoreTables, { onWarning })
  } catch (error) {
    const { graph } = await context.files()
    const mayBeMade = isAludelError(error) && dialect.isMissingObject(error.cause) && graph.order.length > 0
    if (!mayBeMade) throw error
    const prepare = async (runner: QueryRunner): Promise<void> => {
      await replay(dialect, runner, graph.order, 'upgrade', context.load)
      const schema = await dialect.introspect(runner, { ignoreTables })
      for (const statement of dialect.dropDescribed(schema)) await runner.query(statement)
    }
    return await wantedSchema(dialect, shadows, ignoreTables, { onWarning, prepare })
  }
}

/** A live database against what its revisions make, without what others manage. */
export function databasePair(context: Context, dialect: Dialect, expected: Schema, live: Schema): SidePair {
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
export function statementsOf({ dialect, operations, from, to }: DialectDiff): {
  readonly up: readonly Statement[]
  readonly down: readonly Statement[]
} {
  const reverse = reverseOperations(operations)
  return (
    dialect.renderBothWays?.(operations, reverse, from, to) ?? {
      up: dialect.render(operations, from),
      down: dialect.render(reverse, to),
    }
  )
}
