import type { MigratorContext } from '../project/context'
import type { Dialect } from '../dialect/dialect'
import { AludelError } from '../errors'
import { describeOperation, destroysOf } from '../operations'
import type { AnswerJson, UnmanagedObject } from '../results'
import { isDerivedName, type UnmanagedDrop, unmanagedDrops } from '../difference/unmanaged-drops'
import { anyOf, readPatterns } from '../schema/patterns'
import type { IsUnmanaged } from '../schema/unmanaged'
import { plural } from '../text'
import { unmanagedLine } from './unmanaged-text'
import { answerRenames, type DialectDiff, diffOf, renameAnswersJson, type RenameOptions, type SidePair } from './diff'
import { findMakers, type Maker } from './makers'

/** Returns whether an unmanaged object is kept or dropped. */
export type AskUnmanaged = (question: UnmanagedObject) => Promise<'keep' | 'drop'>

/** Answers about unmanaged objects. */
export interface UnmanagedOptions {
  /** `kind:name`: unmanaged objects to keep. */
  readonly keep?: readonly string[]
  /** `kind:name`: unmanaged objects to drop. */
  readonly drop?: readonly string[]
  /** Absent: an open question is an error that lists the flags. */
  readonly askUnmanaged?: AskUnmanaged
}

interface AnsweredDiffs {
  readonly diffs: readonly DialectDiff[]
  /** The patterns of objects that an answer or a flag keeps. */
  readonly kept: readonly string[]
  /** Every answer, with its flag. */
  readonly answers: readonly AnswerJson[]
}

/**
 * Operations from revisions to entities, after every question about renames and unmanaged objects is answered, so that
 * no object is dropped silently.
 *
 * @param replayed false if the left side is a live database, whose objects cannot be traced to revisions
 * @throws AludelError `ALUDEL_RENAME_QUESTION`, `ALUDEL_UNMANAGED_QUESTION` if a question is open and no callback answers it
 */
export async function answerQuestions(
  context: MigratorContext,
  pairs: readonly SidePair[],
  options: RenameOptions & UnmanagedOptions,
  replayed: boolean,
): Promise<AnsweredDiffs> {
  const [keep, drop] = [[...(options.keep ?? [])], [...(options.drop ?? [])]]
  const source = (flag: string) => ({ code: 'ALUDEL_USAGE', where: flag }) as const
  const finder = new UnmanagedFinder(context, replayed)
  let renames: RenameOptions = options
  for (;;) {
    const kept = readPatterns(keep, source('--keep'))
    const dropped = readPatterns(drop, source('--drop'))
    const held = pairs.map((pair) => withUnmanaged(pair, kept))
    const { answers, ...given } = await answerRenames(held, renames)
    const all: AnswerJson[] = [...renameAnswersJson(given), ...unmanagedAnswersJson({ keep, drop })]
    renames = { ...options, ...given }
    const diffs = held.map((pair) => diffOf(pair, answers))
    const open = (await finder.find(diffs)).filter(({ object: { kind, table, name } }) => !dropped(kind, table, name))
    const [first] = open
    if (first === undefined) return { diffs, kept: keep, answers: all }
    if (options.askUnmanaged === undefined) throw openQuestions(open.map(({ question }) => question))
    const answer = await options.askUnmanaged(first.question)
    if (answer === 'keep' && first.question.blockedBy !== null) throw cannotKeep(first.question)
    // An answer becomes a flag, and the questions are computed again.
    if (answer === 'keep') keep.push(first.question.pattern)
    else drop.push(first.question.pattern)
  }
}

/** The answers about unmanaged objects. */
export function unmanagedAnswersJson({
  keep = [],
  drop = [],
}: Pick<UnmanagedOptions, 'keep' | 'drop'>): readonly AnswerJson[] {
  return [
    ...keep.map((flag): AnswerJson => ({ kind: 'keep', flag, text: `${flag} is kept` })),
    ...drop.map((flag): AnswerJson => ({ kind: 'drop', flag, text: `${flag} is dropped` })),
  ]
}

/** The unmanaged objects in a difference, and the difference without them, for `check`. Asks no questions. */
export async function unmanagedIn(
  context: MigratorContext,
  pairs: readonly SidePair[],
): Promise<{ readonly diffs: readonly DialectDiff[]; readonly unmanaged: readonly UnmanagedObject[] }> {
  const all = pairs.map((pair) => diffOf(pair))
  const found = await new UnmanagedFinder(context, true).find(all)
  if (found.length === 0) return { diffs: all, unmanaged: [] }
  const isOpen = readPatterns(
    found.map(({ object }) => object.pattern),
    { code: 'ALUDEL_INTERNAL', where: 'check' },
  )
  const diffs = pairs.map((pair) => diffOf(withUnmanaged(pair, isOpen)))
  return { diffs, unmanaged: found.map(({ question }) => question) }
}

function withUnmanaged(pair: SidePair, more: IsUnmanaged): SidePair {
  const unmanaged = pair.unmanaged === undefined ? more : anyOf(pair.unmanaged, more)
  return { ...pair, unmanaged }
}

interface Found {
  readonly object: UnmanagedDrop
  readonly question: UnmanagedObject
}

/** Finds unmanaged objects. Caches the revisions that created them, so that a question causes at most one replay per dialect. */
class UnmanagedFinder {
  readonly #makers = new Map<string, Maker | null>()

  constructor(
    readonly context: MigratorContext,
    readonly replayed: boolean,
  ) {}

  /** The unmanaged objects of all dialects, each of them once. */
  async find(diffs: readonly DialectDiff[]): Promise<Found[]> {
    const found = new Map<string, Found>()
    for (const { dialect, operations, from } of diffs) {
      const objects = unmanagedDrops(operations, from)
      const makers = await this.#makersOf(dialect, objects)
      for (const object of objects) {
        const maker = makers(object)
        const isGenerated = maker?.generated ?? (!object.certain && isDerivedName(object.name))
        if (isGenerated || found.has(object.pattern)) continue
        found.set(object.pattern, { object, question: questionOf(object, maker) })
      }
    }
    return [...found.values()]
  }

  async #makersOf(
    dialect: Dialect,
    objects: readonly UnmanagedDrop[],
  ): Promise<(object: UnmanagedDrop) => Maker | undefined> {
    const key = ({ pattern }: UnmanagedDrop): string => `${dialect.name} ${pattern}`
    const unknown = this.replayed
      ? objects.filter((object) => !this.#makers.has(key(object)) && (object.certain || !isDerivedName(object.name)))
      : []
    const makers = await findMakers(this.context, dialect, unknown)
    for (const object of unknown) this.#makers.set(key(object), makers.get(object.pattern) ?? null)
    return (object) => this.#makers.get(key(object)) ?? undefined
  }
}

function questionOf({ pattern, operation, blockedBy }: UnmanagedDrop, maker: Maker | undefined): UnmanagedObject {
  return {
    pattern,
    description: describeOperation(operation),
    madeBy:
      maker === undefined
        ? null
        : { revision: maker.revision.id, message: maker.revision.message, path: maker.revision.path },
    destroys: destroysOf(operation),
    blockedBy: blockedBy ?? null,
  }
}

function openQuestions(open: readonly UnmanagedObject[]): AludelError {
  const lines = open.flatMap((question) => [
    question.blockedBy === null
      ? unmanagedLine(question)
      : `${unmanagedLine(question)}; it needs ${question.blockedBy}`,
    ...(question.blockedBy === null ? [`  --keep '${question.pattern}'`] : []),
    `  --drop '${question.pattern}'`,
  ])
  return new AludelError(
    'ALUDEL_UNMANAGED_QUESTION',
    `${plural(open.length, 'unmanaged object')} would be dropped; answer with --keep or --drop`,
    {
      help: [
        ...lines,
        'Answer each with one of these flags (--keep adds it to `unmanaged` in the configuration). Nothing was written.',
      ].join('\n'),
      details: { unmanaged: open },
    },
  )
}

function cannotKeep(question: UnmanagedObject): AludelError {
  return new AludelError(
    'ALUDEL_UNMANAGED_QUESTION',
    `${question.pattern} cannot be kept: it needs ${question.blockedBy ?? ''}`,
    {
      help: `Change it first in a separate revision (--no-autogenerate), or drop it with --drop '${question.pattern}'. Nothing was written.`,
      details: { unmanaged: [question] },
    },
  )
}
