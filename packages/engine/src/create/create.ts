import type { Context } from '../context'
import type { Dialect, DialectName, Statement } from '../dialect/dialect'
import { AludelError } from '../errors'
import type { RevisionFileSpec } from '../files/write'
import { newRevisionId, writeRevisionFile } from '../files/write'
import { destroysOf, reverseOperations } from '../operations'
import type { Operation } from '../operations/operation'
import { prove } from '../proof/proof'
import type { CreateResult, NeedJson } from '../results'
import { mergeOperations, operationToJson } from '../schema/merge-dialects'
import { compare } from '../schema/compare'
import { withCountedExtensions } from '../schema/extensions'
import { orderOperations } from '../schema/order'
import { LineageOfNames } from '../schema/lineage-of-names'
import { needsOf, needText } from '../schema/needs'
import { emptySchema, type ObjectName } from '../schema/schema'
import { answerLines, type AnswerOptions, emptyTables, valuedDiffs } from './answers'
import {
  type DialectDiff,
  entityDiffs,
  entityPair,
  entitySchema,
  operationsByDialect,
  statementsOf,
  replayedSchema,
  type SidePair,
} from './diff'
import { settle, type UnmanagedOptions } from './settle'
import { howToRemember, rememberUnmanaged } from '../project/remember'
import { explainProof } from './explain-proof'
import { headerLines } from './header'
import { conditionText, needJson } from './needs'
import { fileLanguage, nextTimestamp, parentsFor } from './place'
import { replay } from './replay'
import { plural } from '../text'

/** What is shown before a revision that loses something is written. */
export interface CreateConfirmation {
  readonly operations: CreateResult['operations']
  /** Rows and values that will be gone. */
  readonly destroys: readonly string[]
  /** What must be true of the data for the revision to run, in words, with the number of rows in the way where it is known. */
  readonly conditions: readonly string[]
  readonly needs: readonly NeedJson[]
}

export interface CreateOptions extends AnswerOptions, UnmanagedOptions {
  /** False: an empty revision, to be filled by hand. Default true. */
  readonly autogenerate?: boolean
  /** Work everything out, write nothing. */
  readonly sql?: boolean
  /** What the entities are compared with. Default `revisions`, replayed. */
  readonly from?: 'revisions' | 'database'
  /** Parent of the new revision; default the one head. `base` begins a new line. */
  readonly head?: string
  /** Allow a parent that is no head. */
  readonly splice?: boolean
  readonly branchLabels?: readonly string[]
  readonly dependsOn?: readonly string[]
  readonly revisionId?: string
  /** Asked when something would be lost. Absent: refused. */
  readonly confirm?: (question: CreateConfirmation) => Promise<boolean>
}

/**
 * Writes a revision from the difference between entities and revisions, after it was proved in every dialect.
 *
 * @throws AludelError `ALUDEL_RENAME_QUESTION`, `ALUDEL_UNMANAGED_QUESTION`, `ALUDEL_CONFIRMATION`, `ALUDEL_PROOF`, `ALUDEL_ENTITIES`, `ALUDEL_REPLAY` …;
 *   nothing is written then
 */
export async function createRevision(context: Context, message: string, options: CreateOptions): Promise<CreateResult> {
  if (message.trim() === '') {
    throw new AludelError('ALUDEL_USAGE', 'a revision needs a message', {
      help: 'aludel migrate create "add priority to workflows"',
    })
  }
  context.allowMissingDirectories()
  const parents = await parentsFor(context, options)
  if (options.autogenerate === false) {
    if (options.sql === true) return nothing
    return write(context, message, parents, options, null, {
      operations: [],
      destroys: [],
      header: [],
      said: {},
      sql: {},
    })
  }

  const dialects = await context.dialects()
  const pairs =
    options.from === 'database' ? await databaseDiffs(context, dialects) : await entityDiffs(context, dialects)
  const settled = await settle(context, pairs, options, options.from !== 'database')
  const { kept } = settled
  const { diffs, answers: values, needs: counted } = await valuedDiffs(context, settled.diffs, options)
  const answers = [...settled.answers, ...values]
  if (diffs.every((diff) => diff.operations.length === 0)) {
    return { ...nothing, unmanaged: await noteUnmanaged(context, kept, options) }
  }

  const merged = mergeOperations(operationsByDialect(diffs))
  const operations = merged.map(({ operation, dialects: names }) => operationToJson(operation, names))
  const destroys = [...new Set(merged.flatMap(({ operation }) => lossesOf(operation)))]
  const needs = needJson(counted)
  if (options.sql !== true && destroys.length + needs.length > 0)
    await confirmOrRefuse(options, { operations, destroys, conditions: needs.map(conditionText), needs })

  const bodies: Partial<Record<DialectName, { up: readonly Statement[]; down: readonly Statement[] }>> = {}
  const transactional = true
  for (const diff of diffs) {
    const body = statementsOf(diff)
    bodies[diff.dialect.name] = body
    context.progress(`proving the revision on ${diff.dialect.name}`)
    await proveOnShadow(context, diff, body, transactional, options.from === 'database')
  }
  const sql = Object.fromEntries(
    Object.entries(bodies).map(([name, body]) => [
      name,
      { up: body.up.map(({ sql: text }) => text), down: body.down.map(({ sql: text }) => text) },
    ]),
  )
  const header = [
    ...headerLines(
      merged,
      dialects.map(({ name }) => name),
    ),
    ...apart([
      ...answerLines(answers),
      ...destroys.map((text) => `Loses: ${text}`),
      ...needs.map(({ text }) => `Needs: ${text}`),
      ...undoNeeds(diffs).map((text) => `To undo it needs: ${text}`),
    ]),
  ]
  const said = { ...(needs.length === 0 ? {} : { needs }), ...(answers.length === 0 ? {} : { answers }) }
  if (options.sql === true)
    return { ...nothing, operations, destroys, ...said, sql, unmanaged: { added: kept, path: null } }
  const result = await write(context, message, parents, options, bodies, { operations, destroys, header, said, sql })
  return { ...result, unmanaged: await noteUnmanaged(context, kept, options) }
}

/** Lines behind an empty one. */
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

/** What was kept is remembered, so that it is asked about once. */
async function noteUnmanaged(
  context: Context,
  kept: readonly string[],
  { sql }: CreateOptions,
): Promise<CreateResult['unmanaged']> {
  const { configPath = null, unmanaged = [] } = context.options
  const added = [...new Set(kept)].filter((pattern) => !unmanaged.includes(pattern))
  if (added.length === 0 || sql === true) return { added, path: null }
  const path = await rememberUnmanaged(configPath, added)
  if (path === null) context.emit({ type: 'warning', message: howToRemember(configPath, [...unmanaged, ...added]) })
  return { added, path }
}

interface Outcome {
  readonly operations: CreateResult['operations']
  readonly destroys: readonly string[]
  readonly header: readonly string[]
  readonly said: Pick<CreateResult, 'needs' | 'answers'>
  readonly sql: CreateResult['sql']
}

async function write(
  context: Context,
  message: string,
  parents: readonly string[],
  options: CreateOptions,
  body: RevisionFileSpec['body'],
  outcome: Outcome,
): Promise<CreateResult> {
  const { graph } = await context.files()
  const directory = context.directories[0]
  if (directory === undefined) throw new AludelError('ALUDEL_CONFIG', 'there is no revision directory to write to')
  const id = options.revisionId ?? newRevisionId()
  if (graph.has(id)) {
    throw new AludelError('ALUDEL_DUPLICATE_REVISION', `revision id ${id} is taken`, {
      help: `By ${graph.get(id).path}.`,
    })
  }
  const dialects = await context.dialects()
  const { path } = await writeRevisionFile(directory, {
    id,
    timestamp: nextTimestamp(context.now(), graph.all),
    message: message.trim(),
    downRevision: parents,
    branchLabels: options.branchLabels ?? [],
    dependsOn: options.dependsOn ?? [],
    language: await fileLanguage(context, directory),
    header: outcome.header,
    body,
    driverTypes: Object.fromEntries(dialects.map((dialect) => [dialect.name, dialect.driverTypes])),
  })
  context.forgetFiles()
  return {
    created: { revision: id, path },
    operations: outcome.operations,
    destroys: outcome.destroys,
    ...outcome.said,
    sql: outcome.sql,
    unmanaged: nothing.unmanaged,
  }
}

async function proveOnShadow(
  context: Context,
  diff: DialectDiff,
  body: { readonly up: readonly Statement[]; readonly down: readonly Statement[] },
  transactional: boolean,
  fromDatabase: boolean,
): Promise<void> {
  const { dialect } = diff
  const reverse = reverseOperations(diff.operations)
  const empty = emptyTables(needsOf(diff.operations, diff.from))
  // What goes back only into empty tables is proved twice: with rows as far as that goes, and there and back without them.
  const emptyBack = tablesBefore(emptyTables(needsOf(reverse, diff.to)), reverse, diff)
  if (emptyBack.length > 0) await proveOnce({ emptyTables: empty, onlyUp: true }, false)
  await proveOnce({ emptyTables: [...empty, ...emptyBack], onlyUp: false }, emptyBack.length === 0)

  async function proveOnce(
    what: { readonly emptyTables: readonly ObjectName[]; readonly onlyUp: boolean },
    warns: boolean,
  ): Promise<void> {
    const { graph } = await context.files()
    const ignoreTables = await context.ignoreTables()
    const shadows = await context.shadows()
    const { unsampled } = await shadows.withDatabase(dialect, async ({ dataSource }) => {
      const runner = dataSource.createQueryRunner()
      try {
        if (fromDatabase) await build(dialect, runner, diff)
        else await replay(dialect, runner, graph.order, 'upgrade', context.load)
        return await prove({
          dialect,
          runner,
          ignoreTables,
          from: diff.from,
          to: diff.to,
          operations: diff.operations,
          reverse,
          up: body.up,
          down: body.down,
          ...what,
          transactional,
        })
      } catch (error) {
        throw explainProof(error, diff, reverse)
      } finally {
        await runner.release()
      }
    })
    if (!warns && !what.onlyUp) return
    for (const { table, reason } of unsampled) {
      context.emit({
        type: 'warning',
        message: `no sample row could be made for ${table} on ${dialect.name} (${reason}): its data was not part of the proof`,
      })
    }
  }
}

/** Makes the schema of a live database on a shadow, for a project whose revisions can not be replayed. */
async function build(
  dialect: Dialect,
  runner: { query(sql: string): Promise<unknown> },
  diff: SidePair,
): Promise<void> {
  const operations = orderOperations(compare(emptySchema, diff.from), emptySchema, diff.from)
  for (const statement of dialect.render(operations, emptySchema)) await runner.query(statement.sql)
}

/** The live database stands for the replay in its own dialect; the others are replayed. */
async function databaseDiffs(context: Context, dialects: readonly Dialect[]): Promise<readonly SidePair[]> {
  const live = await context.dialect()
  const ignoreTables = await context.ignoreTables()
  const from = await context.withRunner(async (runner) => {
    const state = await context.state(runner)
    if (state.pending.length > 0) {
      throw new AludelError(
        'ALUDEL_NOT_AT_HEAD',
        `the database is ${plural(state.pending.length, 'revision')} behind, so it can not stand for them`,
        {
          help: 'Run `aludel migrate upgrade` first.',
          details: { current: state.current, heads: state.heads },
        },
      )
    }
    return withCountedExtensions(await live.introspect(runner, { ignoreTables }))
  })
  const pairs: SidePair[] = []
  for (const dialect of dialects) {
    const left = dialect.name === live.name ? from : await replayedSchema(context, dialect)
    pairs.push(entityPair(context, dialect, left, await entitySchema(context, dialect)))
  }
  return pairs
}

/** What is gone afterwards. What does not fit a narrower type, or an enum, is not lost: the revision stops at it. */
function lossesOf(operation: Operation): readonly string[] {
  if (operation.op === 'alterEnum') return []
  if (operation.op !== 'alterColumn') return destroysOf(operation)
  const { from, to, values } = operation
  const stops = values?.using === undefined && from.generated === undefined && to.generated === undefined
  return stops ? [] : destroysOf(operation)
}

/** Which tables must be empty to undo it, in words. */
function undoNeeds(diffs: readonly DialectDiff[]): string[] {
  const needs = diffs.flatMap((diff) => needsOf(reverseOperations(diff.operations), diff.to))
  return [...new Set(needs.filter(({ kind }) => kind === 'noRows').map(needText))]
}

/** The names that tables have before operations, of those that they have behind them. */
function tablesBefore(tables: readonly ObjectName[], reverse: readonly Operation[], diff: DialectDiff): ObjectName[] {
  const names = new LineageOfNames(diff.to)
  for (const operation of reverse) names.follow(operation)
  return tables.flatMap((table) => names.tableNow(table) ?? [])
}

async function confirmOrRefuse(options: CreateOptions, question: CreateConfirmation): Promise<void> {
  if (options.confirm !== undefined && (await options.confirm(question))) return
  const lines = [
    ...question.destroys.map((text) => `loses ${text}`),
    ...question.conditions.map((text) => `needs: ${text}`),
  ]
  throw new AludelError(
    'ALUDEL_CONFIRMATION',
    'the revision would lose data or needs something of the rows, and that was not confirmed',
    {
      help: [
        ...lines,
        ...(question.needs.length === 0
          ? []
          : ['Or say what becomes of them:', ...question.needs.map(({ flag }) => `  ${flag}`)]),
        'Nothing was written. Confirm with --yes.',
      ].join('\n'),
      details: { destroys: question.destroys, conditions: question.conditions, needs: question.needs },
    },
  )
}
