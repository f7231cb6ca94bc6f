import { mergeOperations, operationToJson } from '../difference/merge-dialects'
import { needsOf, needText } from '../difference/needs'
import type { Dialect } from '../dialect/dialect'
import { AludelError } from '../errors'
import { reverseOperations } from '../operations'
import type { MigratorContext } from '../project/context'
import type { AnswerJson, CreateResult, NameJson, NeedJson } from '../results'
import { toolTables, withoutTables } from '../history/recognize'
import { withCountedExtensions } from '../schema/extensions'
import { entitySchema, replayedSchema } from '../shadow/schemas'
import { plural } from '../text'
import { answerLines, valuedDiffs } from './answers'
import { type DialectDiff, entityDiffs, entityPair, operationsByDialect, type SidePair } from './diff'
import { lossesOf } from './effects'
import { answerNames } from './names'
import { needJson } from './needs'
import type { CreateOptions } from './options'
import { answerQuestions } from './questions'

/** What a new revision would change, after all questions. Nothing of it is proved yet. */
export interface Changes {
  readonly diffs: readonly DialectDiff[]
  readonly operations: CreateResult['operations']
  /** Rows or values that are lost, in words. */
  readonly destroys: readonly string[]
  readonly needs: readonly NeedJson[]
  readonly answers: readonly AnswerJson[]
  /** Unmanaged objects that an answer keeps, as patterns. */
  readonly kept: readonly string[]
  /** Names that stay as they are. */
  readonly names: readonly NameJson[] | undefined
}

/**
 * Compares the entities with the revisions, or with the database, in every dialect of the project.
 *
 * @throws AludelError `ALUDEL_RENAME_QUESTION`, `ALUDEL_UNMANAGED_QUESTION` if a question is open and no callback answers it;
 *   `ALUDEL_ENTITIES`, `ALUDEL_REPLAY`
 */
export async function findChanges(
  context: MigratorContext,
  dialects: readonly Dialect[],
  options: CreateOptions,
): Promise<Changes> {
  const isFromDatabase = options.from === 'database'
  const found = isFromDatabase ? await databaseDiffs(context, dialects) : await entityDiffs(context, dialects)
  const { pairs, ...named } = await answerNames(context, found, options)
  const names = named.answer === 'rename' || named.names.length === 0 ? undefined : named.names
  const answered = await answerQuestions(context, pairs, options, !isFromDatabase)
  const { diffs, answers: values, needs: counted } = await valuedDiffs(context, answered.diffs, options)
  const merged = mergeOperations(operationsByDialect(diffs))
  return {
    diffs,
    operations: merged.map(({ operation, dialects: needing }) => operationToJson(operation, needing)),
    destroys: [...new Set(merged.flatMap(({ operation }) => lossesOf(operation).map(({ text }) => text)))],
    needs: needJson(counted),
    answers: [...answered.answers, ...values],
    kept: answered.kept,
    names,
  }
}

/** The changes as a result, before anything is written. */
export function resultOf({ operations, destroys, needs, answers, names }: Changes, sql: CreateResult['sql']) {
  return {
    created: null,
    operations,
    destroys,
    needs: needs.length === 0 ? undefined : needs,
    answers: answers.length === 0 ? undefined : answers,
    sql,
    names,
  } satisfies Omit<CreateResult, 'unmanaged'>
}

/** What the header of the file says besides the operations: answers, losses, and conditions. */
export function remarksOf({ answers, destroys, needs, diffs }: Changes): readonly string[] {
  return [
    ...answerLines(answers),
    ...destroys.map((text) => `Loses: ${text}`),
    ...needs.map(({ text }) => `Needs: ${text}`),
    ...undoNeeds(diffs).map((text) => `To undo it needs: ${text}`),
  ]
}

/** Uses the schema of the live database instead of a replay in its dialect; the others are replayed. */
async function databaseDiffs(context: MigratorContext, dialects: readonly Dialect[]): Promise<readonly SidePair[]> {
  const live = await context.connection.dialect()
  const from = await context.connection.withReader(async (runner) => {
    const ignoreTables = await context.connection.ignoreTablesOf(runner)
    const state = await context.state(runner)
    if (state.pending.length > 0) {
      throw new AludelError(
        'ALUDEL_NOT_AT_HEAD',
        `the database is ${plural(state.pending.length, 'revision')} behind, so it cannot replace the replay`,
        {
          help: 'Run `aludel migrate upgrade` first.',
          details: { current: state.current, heads: state.heads },
        },
      )
    }
    const schema = await live.introspection.read(runner, { ignoreTables })
    return withCountedExtensions(withoutTables(schema, toolTables(schema, await context.connection.toolsIn(schema))))
  })
  const pairs: SidePair[] = []
  for (const dialect of dialects) {
    const left = dialect.name === live.name ? from : await replayedSchema(context, dialect)
    pairs.push(entityPair(context, dialect, left, await entitySchema(context, dialect)))
  }
  return pairs
}

/** The tables that must be empty for the downgrade, in words. */
function undoNeeds(diffs: readonly DialectDiff[]): string[] {
  const needs = diffs.flatMap((diff) => needsOf(reverseOperations(diff.operations), diff.to))
  return [...new Set(needs.filter(({ kind }) => kind === 'noRows').map(needText))]
}
