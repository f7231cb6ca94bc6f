import path from 'node:path'

import type { MigratorContext } from '../project/context'
import { admit, fileLanguage, nextTimestamp } from '../create/place'
import { withReadEffects } from '../create/effects'
import type { Dialect } from '../dialect/dialect'
import type { DialectName } from '../dialect/registry'
import { AludelError, isAludelError } from '../errors'
import type { RevisionBody } from '../files/render'
import { newRevisionId, writeRevisionFile } from '../files/write'
import type { SquashResult } from '../results'
import type { RevisionGraph } from '../revision/graph'
import { needsApplied, resolve } from '../revision/identifier'
import { isRange, parseRange, revisionsInRange } from '../revision/range'
import type { Revision } from '../revision/revision'
import { plural } from '../text'
import { describe, type Members, membersOf, refusal, replacedOf } from './members'
import {
  type Ends,
  replayMembers,
  replayMembersWithSamples,
  type ReplayedMember,
  sameStatements,
  statementsAgain,
} from './replay-members'
import { type Squashed, squashedBody } from './parts'
import { type Differences, proveSquash } from './prove'

/** Options of `Migrator.squash`. */
export interface SquashOptions {
  /** Default: `squash of 12 revisions: …`, with the message of the last. */
  readonly message?: string
  /** Default: a random one. */
  readonly revisionId?: string
  /** Prove the squash, and write nothing. Default is false. */
  readonly dryRun?: boolean
}

/**
 * Writes one revision that replaces several and leaves the same schema and rows, proved in every dialect of the project.
 * Revisions that only change the schema become one difference; others are copied unchanged.
 *
 * The new revision `replaces` the old ones. Keep their files until every database has applied all of them: a database
 * with all of them counts the new one as applied, one with none of them runs only the new one, and one with some of them
 * runs the others first.
 *
 * @param range `A:B`, both ends inclusive, with one revision at its end
 * @throws AludelError `ALUDEL_SQUASH` naming the revision that cannot be squashed, `ALUDEL_PROOF`, `ALUDEL_REPLAY`,
 *   `ALUDEL_NOTHING_TO_DO`; nothing is written then
 */
export async function squash(context: MigratorContext, range: string, options: SquashOptions): Promise<SquashResult> {
  const { graph } = await context.revisions.read()
  const applied = needsApplied(range) ? (await context.state()).applied : undefined
  const members = membersOf(graph, lineOf(graph, range, { applied }))
  const id = options.revisionId ?? newRevisionId()
  await admit(context, members.down, { revisionId: id })
  const dialects = await context.connection.dialects()
  const squashed = new Map<Dialect, Squashed>()
  for (const dialect of dialects) squashed.set(dialect, await squashOn(context, dialect, members))

  const kept = members.all.filter((revision) =>
    [...squashed.values()].some((one) => one.kept.some((step) => step.revision === revision)),
  )
  const body: Partial<Record<DialectName, RevisionBody>> = {}
  for (const [dialect, one] of squashed) body[dialect.name] = await withReadEffects(dialect, one.body, one)
  const result: SquashResult = {
    created: null,
    replaces: members.all.map(({ id: revision, message, path: file }) => ({ revision, message, path: file })),
    kept: kept.map(({ id: revision, message, path: file }) => ({ revision, message, path: file })),
    sql: Object.fromEntries(Object.entries(body).map(([name, statements]) => [name, sqlOf(statements)])),
  }
  if (options.dryRun === true) return result
  const directory = path.dirname(members.last.path)
  const { path: file } = await writeRevisionFile(directory, {
    id,
    timestamp: timestampFor(context, graph, members),
    message: options.message ?? `squash of ${plural(members.all.length, 'revision')}: up to ${members.last.message}`,
    downRevision: members.down,
    branchLabels: members.branchLabels,
    dependsOn: members.dependsOn,
    replaces: replacedOf(members.all),
    language: await fileLanguage(context, directory),
    header: [
      'Delete the old files when every database has applied all or none of them.',
      ...kept.map((revision) => `Copied unchanged: ${describe(revision)}`),
    ],
    body,
    driverTypes: Object.fromEntries(dialects.map((dialect) => [dialect.name, dialect.connection.driverTypes])),
  })
  context.revisions.forget()
  return { ...result, created: { revision: id, path: file } }
}

/** The revisions of a range from which B descends by parents, without mere dependencies. */
function lineOf(
  graph: RevisionGraph,
  range: string,
  options: { readonly applied?: ReadonlySet<string> },
): readonly Revision[] {
  if (!isRange(range)) {
    // One revision is no range, but an unknown one is the mistake to report.
    resolve(graph, range, { purpose: 'history', ...options })
    return []
  }
  const { to = 'heads' } = parseRange(range)
  const line = graph.ancestors(resolve(graph, to, { purpose: 'history', ...options }).ids)
  return revisionsInRange(graph, range, options).filter(({ id }) => line.has(id))
}

function sqlOf({ up, down }: RevisionBody): { readonly up: readonly string[]; readonly down: readonly string[] } {
  return { up: up.map(({ sql }) => sql), down: down.map(({ sql }) => sql) }
}

/** Squashes the revisions in one dialect, with the shortest body that is proved. */
async function squashOn(context: MigratorContext, dialect: Dialect, members: Members): Promise<Squashed> {
  context.reporter.progress(`running ${plural(members.all.length, 'revision')} on ${dialect.name}`)
  const empty = await replayMembers(context, dialect, members)
  const sampled = empty.from.tables.length === 0 ? undefined : await replayWithSamples(context, dialect, members)
  const way = sampled ?? empty
  const short = squashedBody(context, dialect, members, empty, { verbatim: false })
  await refuseVarying(context, dialect, members, short.kept)
  context.reporter.progress(`proving the squash on ${dialect.name}`)
  const samples = sampled !== undefined
  const first = await tryOut(context, dialect, members, way, short, samples)
  if (first === undefined) return short
  const long = squashedBody(context, dialect, members, empty, { verbatim: true })
  const isLonger = long.kept.length > short.kept.length
  const second = isLonger ? await tryOut(context, dialect, members, way, long, samples) : first
  if (second === undefined) return long
  throw second
}

/** Replays with sample rows in the tables below the range; undefined if the revisions fail on these rows. */
async function replayWithSamples(
  context: MigratorContext,
  dialect: Dialect,
  members: Members,
): Promise<Ends | undefined> {
  try {
    return await replayMembersWithSamples(context, dialect, members)
  } catch (error) {
    if (!isAludelError(error) || error.code !== 'ALUDEL_REPLAY') throw error
    context.reporter.warn(
      `on ${dialect.name} the squash is proved without rows, because the revisions fail on the sample rows: ${error.message}`,
    )
    return undefined
  }
}

/** Statements that are copied must be the same on another new database. */
async function refuseVarying(
  context: MigratorContext,
  dialect: Dialect,
  members: Members,
  kept: readonly ReplayedMember[],
): Promise<void> {
  const last = kept.at(-1)
  if (last === undefined) return
  const again = await statementsAgain(context, dialect, members, last.revision)
  for (const step of kept) {
    if (sameStatements(step.up.statements ?? [], again.get(step.revision) ?? [])) continue
    throw refusal(
      `${describe(step.revision)} writes rows, and its values differ each time it runs`,
      `Write constant values, or squash the revisions before it and those after it separately. File: ${step.revision.path}`,
      [step.revision],
    )
  }
}

/** @returns why the squash is not equivalent; undefined if it is proved */
async function tryOut(
  context: MigratorContext,
  dialect: Dialect,
  members: Members,
  way: Ends,
  { body }: Squashed,
  samples: boolean,
): Promise<AludelError | undefined> {
  try {
    const differences = await proveSquash(context, dialect, members, way, body, { samples })
    return differences.schema.length + differences.rows.length === 0 ? undefined : notTheSame(dialect, differences)
  } catch (error) {
    if (isAludelError(error, 'ALUDEL_PROOF')) return error
    throw error
  }
}

function notTheSame(dialect: Dialect, { schema, rows }: Differences): AludelError {
  const lines = [...schema, ...rows]
  return new AludelError(
    'ALUDEL_PROOF',
    `the squash does not leave on ${dialect.name} what the revisions leave: ${lines.slice(0, 3).join('; ')}`,
    {
      help: 'Squash a shorter range. Nothing was written.',
      details: { dialect: dialect.name, schema, rows },
    },
  )
}

/** After all that the squash replaces, and before the revisions that depend on it, for TypeORM's own order. */
function timestampFor(context: MigratorContext, graph: RevisionGraph, { all, last }: Members): number {
  const above = [...graph.descendants([last.id], { dependencies: true })].filter((one) => one !== last.id)
  if (above.length === 0) return nextTimestamp(context.now(), graph.all)
  const latest = Math.max(...all.map(({ timestamp }) => timestamp))
  const first = Math.min(...above.map((one) => graph.get(one).timestamp))
  if (latest + 1 < first) return latest + 1
  context.reporter.warn(
    `no timestamp is free between ${last.id} and what depends on it: TypeORM's own runner, which orders by it, may run the squash too late`,
  )
  return latest
}
