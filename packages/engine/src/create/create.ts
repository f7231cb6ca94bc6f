import type { MigratorContext } from '../project/context'
import type { Dialect } from '../dialect/dialect'
import type { DialectName } from '../dialect/registry'
import { AludelError } from '../errors'
import type { RevisionBody } from '../files/render'
import type { RevisionFileSpec } from '../files/write'
import { readTemplate } from '../files/template'
import { newRevisionId, writeRevisionFile } from '../files/write'
import { reverseOperations } from '../operations'
import type { CreateResult, NeedJson } from '../results'
import { mergeOperations, operationToJson } from '../difference/merge-dialects'
import { withCountedExtensions } from '../schema/extensions'
import { needsOf, needText } from '../difference/needs'
import { answerLines, type AnswerOptions, valuedDiffs } from './answers'
import { type Part, splitConcurrent } from './concurrent'
import { type DialectDiff, entityDiffs, entityPair, operationsByDialect, statementsOf, type SidePair } from './diff'
import { entitySchema, replayedSchema } from '../shadow/schemas'
import { answerQuestions, type UnmanagedOptions } from './questions'
import { howToRemember, rememberUnmanaged } from '../project/remember'
import { answerNames, type NamesOptions } from './names'
import { headerLines } from './header'
import { conditionText, needJson } from './needs'
import { admit, fileLanguage, nextTimestamp, parentsFor } from './place'
import { lossesOf, withEffects } from './effects'
import { proveOnShadow } from './prove-on-shadow'
import { plural } from '../text'

/** The question before a revision is written that destroys something or makes assumptions about rows. */
export interface CreateConfirmation {
  readonly operations: CreateResult['operations']
  /** The rows and values that will be destroyed. */
  readonly destroys: readonly string[]
  /** The conditions that rows must meet, in words, with the number of violating rows if it is known. */
  readonly conditions: readonly string[]
  readonly needs: readonly NeedJson[]
}

/** Options of `Migrator.create`. */
export interface CreateOptions extends AnswerOptions, UnmanagedOptions, NamesOptions {
  /** False: an empty revision, to be filled by hand. Default is true. */
  readonly autogenerate?: boolean
  /** Compute everything, but write nothing. */
  readonly sql?: boolean
  /** What the entities are compared with. Default is `revisions`, which are replayed. */
  readonly from?: 'revisions' | 'database'
  /** The parent of the new revision. Default is the only head. `base` begins a new branch without a parent. */
  readonly head?: string
  /** Allow a parent that is not a head. */
  readonly splice?: boolean
  readonly branchLabels?: readonly string[]
  readonly dependsOn?: readonly string[]
  readonly revisionId?: string
  /** Called if the revision destroys something or makes assumptions about rows. Absent: the revision is refused. */
  readonly confirm?: (question: CreateConfirmation) => Promise<boolean>
}

/**
 * Writes a revision with the difference between entities and revisions, after proving it in every dialect.
 *
 * @throws AludelError `ALUDEL_RENAME_QUESTION`, `ALUDEL_UNMANAGED_QUESTION`, `ALUDEL_CONFIRMATION`, `ALUDEL_PROOF`, `ALUDEL_ENTITIES`, `ALUDEL_REPLAY` …;
 *   nothing is written then
 */
export async function createRevision(
  context: MigratorContext,
  message: string,
  asked: CreateOptions,
): Promise<CreateResult> {
  if (message.trim() === '') {
    throw new AludelError('ALUDEL_USAGE', 'a revision needs a message', {
      help: 'aludel migrate create "add priority to workflows"',
    })
  }
  context.revisions.allowMissing()
  const parents = await parentsFor(context, asked)
  const options: CreateOptions = { ...asked, dependsOn: await admit(context, parents, asked) }
  if (options.sql !== true) await checkTemplate(context)
  if (options.autogenerate === false) {
    if (options.sql === true) return nothing
    return { ...nothing, created: await write(context, message, parents, options, null) }
  }

  const dialects = await context.connection.dialects()
  const found =
    options.from === 'database' ? await databaseDiffs(context, dialects) : await entityDiffs(context, dialects)
  const { pairs, ...named } = await answerNames(context, found, options)
  const names = named.answer === 'rename' || named.names.length === 0 ? undefined : named.names
  const answered = await answerQuestions(context, pairs, options, options.from !== 'database')
  const { kept } = answered
  const { diffs, answers: values, needs: counted } = await valuedDiffs(context, answered.diffs, options)
  const answers = [...answered.answers, ...values]
  if (diffs.every((diff) => diff.operations.length === 0)) {
    return { ...nothing, names, unmanaged: await noteUnmanaged(context, kept, options) }
  }

  const merged = mergeOperations(operationsByDialect(diffs))
  const operations = merged.map(({ operation, dialects: names }) => operationToJson(operation, names))
  const destroys = [...new Set(merged.flatMap(({ operation }) => lossesOf(operation).map(({ text }) => text)))]
  const needs = needJson(counted)
  if (options.sql !== true && destroys.length + needs.length > 0)
    await confirmOrRefuse(options, { operations, destroys, conditions: needs.map(conditionText), needs })

  const parts = await proveParts(context, splitConcurrent(diffs), options.from === 'database')
  const sql = Object.fromEntries(
    dialects.map(({ name }) => [
      name,
      {
        up: parts.flatMap(({ bodies }) => (bodies[name]?.up ?? []).map((statement) => statement.sql)),
        down: parts.toReversed().flatMap(({ bodies }) => (bodies[name]?.down ?? []).map((statement) => statement.sql)),
      },
    ]),
  )
  const outcome = {
    ...nothing,
    operations,
    destroys,
    needs: needs.length === 0 ? undefined : needs,
    answers: answers.length === 0 ? undefined : answers,
    sql,
    names,
  }
  if (options.sql === true) return { ...outcome, unmanaged: { added: kept, path: null } }
  const remarks = [
    ...answerLines(answers),
    ...destroys.map((text) => `Loses: ${text}`),
    ...needs.map(({ text }) => `Needs: ${text}`),
    ...undoNeeds(diffs).map((text) => `To undo it needs: ${text}`),
  ]
  const [created = null, ...more] = await writeParts(context, message, parents, options, parts, remarks)
  const unmanaged = await noteUnmanaged(context, kept, options)
  return { ...outcome, created, more: more.length === 0 ? undefined : more, unmanaged }
}

/** A proved file that will be written. */
interface ProvedPart extends Part {
  readonly bodies: Readonly<Partial<Record<DialectName, RevisionBody>>>
}

/** Proves all parts before the first one is written. */
async function proveParts(
  context: MigratorContext,
  parts: readonly Part[],
  fromDatabase: boolean,
): Promise<readonly ProvedPart[]> {
  const proved: ProvedPart[] = []
  for (const part of parts) {
    const bodies: Partial<Record<DialectName, RevisionBody>> = {}
    for (const diff of part.diffs) {
      const { name } = diff.dialect
      const body = await withEffects(diff, statementsOf(diff))
      bodies[name] = body
      context.reporter.progress(`proving the revision on ${name}`)
      const before = proved.flatMap((one) => one.bodies[name]?.up ?? [])
      await proveOnShadow(context, { diff, body, before, transactional: part.transactional, fromDatabase })
    }
    proved.push({ ...part, bodies })
  }
  return proved
}

/** @param remarks for the first file: answers, losses, needs */
async function writeParts(
  context: MigratorContext,
  message: string,
  parents: readonly string[],
  options: CreateOptions,
  parts: readonly ProvedPart[],
  remarks: readonly string[],
): Promise<readonly CreatedRevision[]> {
  const names = (await context.connection.dialects()).map(({ name }) => name)
  const written: CreatedRevision[] = []
  for (const { diffs, bodies, transactional } of parts) {
    const [before] = written.slice(-1)
    const header = headerLines(mergeOperations(operationsByDialect(diffs)), names)
    written.push(
      before === undefined
        ? await write(context, message, parents, options, bodies, [...header, ...apart(remarks)], transactional)
        : await write(context, `${message} (concurrently)`, [before.revision], {}, bodies, header, transactional),
    )
  }
  return written
}

/** The lines after an empty line. */
function apart(lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : ['', ...lines]
}

const nothing: CreateResult = {
  created: null,
  operations: [],
  destroys: [],
  sql: {},
  unmanaged: { added: [], path: null },
}

/** Adds kept objects to the configuration, so that there is no question about them again. */
async function noteUnmanaged(
  context: MigratorContext,
  kept: readonly string[],
  { sql }: CreateOptions,
): Promise<CreateResult['unmanaged']> {
  const { configPath = null, unmanaged = [] } = context.options
  const added = [...new Set(kept)].filter((pattern) => !unmanaged.includes(pattern))
  if (added.length === 0 || sql === true) return { added, path: null }
  const path = await rememberUnmanaged(configPath, added)
  if (path === null) context.reporter.warn(howToRemember(configPath, [...unmanaged, ...added]))
  return { added, path }
}

type CreatedRevision = NonNullable<CreateResult['created']>

/** Refuses a template that cannot be used before anything is asked or proved. */
async function checkTemplate(context: MigratorContext): Promise<void> {
  const [directory] = context.revisions.directories
  if (directory !== undefined) await readTemplate(directory, await fileLanguage(context, directory))
}

async function write(
  context: MigratorContext,
  message: string,
  parents: readonly string[],
  options: CreateOptions,
  body: RevisionFileSpec['body'],
  header: readonly string[] = [],
  transactional = true,
): Promise<CreatedRevision> {
  const { graph } = await context.revisions.read()
  const directory = context.revisions.directories[0]
  if (directory === undefined) throw new AludelError('ALUDEL_CONFIG', 'there is no revision directory to write to')
  const id = options.revisionId ?? newRevisionId()
  const dialects = await context.connection.dialects()
  const { path } = await writeRevisionFile(directory, {
    id,
    timestamp: nextTimestamp(context.now(), graph.all),
    message: message.trim(),
    downRevision: parents,
    branchLabels: options.branchLabels ?? [],
    dependsOn: options.dependsOn ?? [],
    language: await fileLanguage(context, directory),
    transaction: transactional ? undefined : false,
    header,
    body,
    driverTypes: Object.fromEntries(dialects.map((dialect) => [dialect.name, dialect.connection.driverTypes])),
  })
  context.revisions.forget()
  return { revision: id, path }
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
    return withCountedExtensions(await live.introspection.read(runner, { ignoreTables }))
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

async function confirmOrRefuse(options: CreateOptions, question: CreateConfirmation): Promise<void> {
  if (options.confirm !== undefined && (await options.confirm(question))) return
  const lines = [
    ...question.destroys.map((text) => `loses ${text}`),
    ...question.conditions.map((text) => `needs: ${text}`),
  ]
  throw new AludelError(
    'ALUDEL_CONFIRMATION',
    'the revision loses data or makes assumptions about rows; confirm with --yes',
    {
      help: [
        ...lines,
        ...(question.needs.length === 0
          ? []
          : ['Or use these flags:', ...question.needs.map(({ flag }) => `  ${flag}`)]),
        'Nothing was written. Confirm with --yes.',
      ].join('\n'),
      details: { destroys: question.destroys, conditions: question.conditions, needs: question.needs },
    },
  )
}
