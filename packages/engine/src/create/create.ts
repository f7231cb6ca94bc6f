import type { Context } from '../context'
import type { Dialect, DialectName, Statement } from '../dialect/dialect'
import { AludelError } from '../errors'
import type { RevisionFileSpec } from '../files/write'
import { newRevisionId, writeRevisionFile } from '../files/write'
import { destroysOf, reverseOperations } from '../operations'
import type { Operation } from '../operations/operation'
import { prove } from '../proof/proof'
import type { CreateResult } from '../results'
import { mergeOperations, operationToJson } from '../schema/merge-dialects'
import { compare } from '../schema/compare'
import { withCountedExtensions } from '../schema/extensions'
import { orderOperations } from '../schema/order'
import { emptySchema, type ObjectName } from '../schema/schema'
import {
  type DialectDiff,
  entityDiffs,
  entityPair,
  entitySchema,
  operationsByDialect,
  type RenameOptions,
  statementsOf,
  replayedSchema,
  type SidePair,
} from './diff'
import { settle, type UnmanagedOptions } from './settle'
import { howToRemember, rememberUnmanaged } from '../project/remember'
import { headerLines } from './header'
import { fileLanguage, nextTimestamp, parentsFor } from './place'
import { replay } from './replay'
import { plural } from '../text'

/** What is shown before a revision that loses something is written. */
export interface CreateConfirmation {
  readonly operations: CreateResult['operations']
  /** Rows and values that will be gone. */
  readonly destroys: readonly string[]
  /** What must be true of the data for the revision to run. */
  readonly conditions: readonly string[]
}

export interface CreateOptions extends RenameOptions, UnmanagedOptions {
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
    return write(context, message, parents, options, null, { operations: [], destroys: [], header: [], sql: {} })
  }

  const dialects = await context.dialects()
  const pairs =
    options.from === 'database' ? await databaseDiffs(context, dialects) : await entityDiffs(context, dialects)
  const { diffs, kept, answers } = await settle(context, pairs, options, options.from !== 'database')
  if (diffs.every((diff) => diff.operations.length === 0)) {
    return { ...nothing, unmanaged: await noteUnmanaged(context, kept, options) }
  }

  const merged = mergeOperations(operationsByDialect(diffs))
  const operations = merged.map(({ operation, dialects: names }) => operationToJson(operation, names))
  const destroys = [...new Set(merged.flatMap(({ operation }) => destroysOf(operation)))]
  const needsEmpty = diffs.map(columnsThatNeedEmptyTables)
  const conditions = [
    ...new Set(
      needsEmpty
        .flat()
        .map(
          ({ table, column }) => `${table.name} has no rows: its new column ${column} is NOT NULL and has no default`,
        ),
    ),
  ]
  if (options.sql !== true && destroys.length + conditions.length > 0)
    await confirmOrRefuse(options, { operations, destroys, conditions })

  const bodies: Partial<Record<DialectName, { up: readonly Statement[]; down: readonly Statement[] }>> = {}
  const transactional = true
  for (const [index, diff] of diffs.entries()) {
    const body = statementsOf(diff)
    bodies[diff.dialect.name] = body
    context.progress(`proving the revision on ${diff.dialect.name}`)
    await proveOnShadow(
      context,
      diff,
      body,
      (needsEmpty[index] ?? []).map(({ table }) => table),
      transactional,
      options.from === 'database',
    )
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
      ...(answers.length === 0 ? [] : [`Answered: ${answers.join(' ')}`]),
      ...destroys.map((text) => `Loses: ${text}`),
      ...conditions.map((text) => `Needs: ${text}`),
    ]),
  ]
  if (options.sql === true) return { ...nothing, operations, destroys, sql, unmanaged: { added: kept, path: null } }
  const result = await write(context, message, parents, options, bodies, { operations, destroys, header, sql })
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
    sql: outcome.sql,
    unmanaged: nothing.unmanaged,
  }
}

async function proveOnShadow(
  context: Context,
  diff: DialectDiff,
  body: { readonly up: readonly Statement[]; readonly down: readonly Statement[] },
  emptyTables: readonly ObjectName[],
  transactional: boolean,
  fromDatabase: boolean,
): Promise<void> {
  const { dialect } = diff
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
        reverse: reverseOperations(diff.operations),
        up: body.up,
        down: body.down,
        emptyTables,
        transactional,
      })
    } finally {
      await runner.release()
    }
  })
  for (const { table, reason } of unsampled) {
    context.emit({
      type: 'warning',
      message: `no sample row could be made for ${table} on ${dialect.name} (${reason}): its data was not part of the proof`,
    })
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

/** New columns that a table with rows would refuse. */
function columnsThatNeedEmptyTables(diff: DialectDiff): { table: ObjectName; column: string }[] {
  const created = new Set(
    diff.operations.flatMap((operation) => (operation.op === 'createTable' ? [operation.table.name] : [])),
  )
  return diff.operations.flatMap((operation: Operation) => {
    if (operation.op !== 'addColumn' || created.has(operation.table.name)) return []
    const { column } = operation
    const filled =
      column.nullable ||
      column.default !== undefined ||
      column.generated !== undefined ||
      column.identity !== undefined ||
      column.serial !== undefined
    return filled ? [] : [{ table: operation.table, column: column.name }]
  })
}

async function confirmOrRefuse(options: CreateOptions, question: CreateConfirmation): Promise<void> {
  if (options.confirm !== undefined && (await options.confirm(question))) return
  const lines = [
    ...question.destroys.map((text) => `loses ${text}`),
    ...question.conditions.map((text) => `needs: ${text}`),
  ]
  throw new AludelError(
    'ALUDEL_CONFIRMATION',
    'the revision would lose data or needs an empty table, and that was not confirmed',
    {
      help: [...lines, 'Nothing was written. Confirm with --yes.'].join('\n'),
      details: { destroys: question.destroys, conditions: question.conditions },
    },
  )
}
