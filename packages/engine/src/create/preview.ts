import { parseValueFlag } from '../difference/value-flags'
import { dialectNames } from '../dialect/registry'
import { isAludelError, type RenameQuestionDetails } from '../errors'
import type { MigratorContext } from '../project/context'
import type {
  AnswerJson,
  CreateAnswer,
  CreatePreview,
  CreateQuestion,
  PreviewedFile,
  UnmanagedObject,
} from '../results'
import { type BackfillQuestion, valueAnswersJson } from './answers'
import { findChanges, remarksOf, resultOf } from './changes'
import { splitConcurrent } from './concurrent'
import { placeOf } from './create'
import { renameAnswersJson } from './diff'
import { lintParts } from './lint-parts'
import { filesOf, renderFiles } from './files'
import type { NamesQuestion } from './names'
import type { CreateOptions } from './options'
import { proveParts, sqlOf } from './proved-parts'
import { unmanagedAnswersJson } from './questions'
import { unmanagedLine } from './unmanaged-text'

/** Options of `Migrator.previewCreate`: those of `create`, without its callbacks. */
export interface PreviewCreateOptions extends Pick<
  CreateOptions,
  | 'rename'
  | 'noRename'
  | 'map'
  | 'backfill'
  | 'using'
  | 'keep'
  | 'drop'
  | 'names'
  | 'from'
  | 'head'
  | 'splice'
  | 'branchLabels'
  | 'dependsOn'
  | 'revisionId'
  | 'online'
> {
  /** `table.column`: do not ask which value its rows without one get. The upgrade stops if there are such rows. */
  readonly accept?: readonly string[]
}

/**
 * Does the work of `create` without writing anything: questions are returned instead of asked, and the proved file as a text.
 *
 * @throws AludelError as `create`, except for open questions and confirmations
 */
export async function previewCreate(
  context: MigratorContext,
  message: string,
  { accept = [], ...given }: PreviewCreateOptions,
): Promise<CreatePreview> {
  const place = await placeOf(context, message, { ...given, sql: true })
  const questions: CreateQuestion[] = []
  const options: CreateOptions = {
    ...place.options,
    // No answer: what follows from `keep` is still computed.
    askNames: (question) => {
      questions.push(namesQuestion(question))
      return Promise.resolve('keep')
    },
    askBackfill: (question) => {
      if (!accept.includes(question.flag)) questions.push(backfillQuestion(question))
      return Promise.resolve(null)
    },
  }
  const dialects = await context.connection.dialects()
  const changes = await findChanges(context, dialects, options).catch((error: unknown) => {
    const open = questionsIn(error)
    if (open === undefined) throw error
    questions.push(...open)
    return undefined
  })
  if (changes === undefined || questions.length > 0)
    return { state: 'questions', questions, answers: changes?.answers ?? answersIn(given) }
  if (changes.operations.length === 0) return { state: 'same' }

  const parts = await proveParts(
    context,
    splitConcurrent(changes.diffs, options.online ?? context.options.online),
    options.from === 'database',
  )
  const specs = await filesOf(context, place, parts, remarksOf(changes))
  const texts = await renderFiles(context, specs)
  const files = specs.map(({ id, language }, at): PreviewedFile => ({
    revision: id,
    path: texts[at]?.path ?? '',
    source: texts[at]?.text ?? '',
    language: language === 'ts' ? 'ts' : 'js',
  }))
  const [file, ...more] = files
  if (file === undefined) throw new Error('changes have at least one file')
  const result = {
    ...resultOf(changes, sqlOf(dialects, parts)),
    unmanaged: { added: changes.kept, path: null },
    ...(await lintParts(context, parts)),
  }
  return { state: 'ready', result, file, ...(more.length > 0 && { more }) }
}

/** The questions of an error that lists open ones; undefined for any other error. */
function questionsIn(error: unknown): readonly CreateQuestion[] | undefined {
  if (isAludelError(error, 'ALUDEL_RENAME_QUESTION')) return error.details.questions.map(renameQuestion)
  if (isAludelError(error, 'ALUDEL_UNMANAGED_QUESTION')) return error.details.unmanaged.map(unmanagedQuestion)
  return undefined
}

function answersIn(given: PreviewCreateOptions): readonly AnswerJson[] {
  const { rename = [], noRename = [], map = [], backfill = [], using = [] } = given
  const values = [
    ...using.map((text) => parseValueFlag('using', text, dialectNames())),
    ...backfill.map((text) => parseValueFlag('backfill', text, dialectNames())),
  ]
  return [...renameAnswersJson({ rename, noRename, map }), ...unmanagedAnswersJson(given), ...valueAnswersJson(values)]
}

function renameQuestion({ gone, candidates, kept = [], kind, message }: RenameQuestionDetails): CreateQuestion {
  const isValue = kind === 'value'
  const hint = isValue ? 'rows with it get the new name' : 'it keeps its data'
  return {
    kind: 'rename',
    text: message,
    options: [
      ...candidates.map((name): CreateAnswer => ({
        label: `renamed to ${name}: ${hint}`,
        answer: { list: 'rename', value: `${gone}=${name}` },
      })),
      ...kept.map((value): CreateAnswer => ({
        label: `no, rows with it get ${value}: the distinction is lost`,
        answer: { list: 'map', value: `${gone}=${value}` },
        destroys: true,
      })),
      {
        label: `no, ${gone} is dropped: ${isValue ? 'the upgrade stops if rows have it' : 'its data is lost'}`,
        answer: { list: 'noRename', value: gone },
        ...(!isValue && { destroys: true }),
      },
    ],
  }
}

function unmanagedQuestion(unmanaged: UnmanagedObject): CreateQuestion {
  const { pattern, description, destroys, blockedBy } = unmanaged
  const drop: CreateAnswer = {
    label: destroys.length === 0 ? description : `${description}: loses ${destroys.join(', ')}`,
    answer: { list: 'drop', value: pattern },
    ...(destroys.length > 0 && { destroys: true }),
  }
  return {
    kind: 'unmanaged',
    text: unmanagedLine(unmanaged),
    ...(blockedBy !== null && {
      detail: `It cannot be kept: it needs ${blockedBy}. To keep it, change it first, in a revision of its own.`,
    }),
    unmanaged,
    options:
      blockedBy === null
        ? [{ label: 'keep it, now and in future', answer: { list: 'keep', value: pattern } }, drop]
        : [drop],
  }
}

function backfillQuestion({ flag, message, type, dialects }: BackfillQuestion): CreateQuestion {
  const prefixes = dialects.map((name) => `${name}:`).join(' or ')
  return {
    kind: 'backfill',
    text: message,
    ...(dialects.length > 1 && { detail: `A value may differ by database: begin the answer with ${prefixes}` }),
    options: [
      {
        label: 'a value',
        typed: { list: 'backfill', prefix: `${flag}=`, placeholder: `an SQL expression of type ${type}` },
      },
      { label: 'none: the upgrade stops if there are such rows', answer: { list: 'accept', value: flag } },
    ],
  }
}

function namesQuestion({ names, message }: NamesQuestion): CreateQuestion {
  const isOne = names.length === 1
  return {
    kind: 'names',
    text: message,
    names,
    options: [
      { label: isOne ? 'keep its name' : 'keep their names', answer: { list: 'names', value: 'keep' } },
      {
        label: isOne ? 'rename it' : `rename ${String(names.length)} to the names of TypeORM`,
        answer: { list: 'names', value: 'rename' },
      },
    ],
  }
}
