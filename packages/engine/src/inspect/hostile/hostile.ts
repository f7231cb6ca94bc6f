import type { QueryRunner } from 'typeorm'

import type { Dialect } from '../../dialect/dialect'
import { refuseAborted } from '../../errors'
import { writtenPlaces, writtenStatements } from '../../execution/written'
import { lineAt } from '../../files/comments'
import { textOfFile } from '../../files/statements'
import type { MigratorContext } from '../../project/context'
import type { HostileFinding, HostileResult } from '../../results'
import type { Revision } from '../../revision/revision'
import { mentionsName } from '../../schema/expressions'
import { replay } from '../../shadow/replay'
import { trimStatement } from '../../sql/text'
import { plural } from '../../text'
import { type Attacked, attackRevision } from './attack-revision'
import type { Case } from './cases'
import { Comments, fileOf } from './comments'
import { shown } from './words'

/** The most sets of rows for one revision on one dialect. */
const mostTrials = 500

/** In this order. */
const severities: readonly HostileFinding['severity'][] = ['error', 'warning', 'info']

/** Options of {@link hostileRows}. */
export interface HostileOptions {
  /** The most sets of rows for one revision on one dialect. Default is 500. What is left out is reported. */
  readonly mostTrials?: number
  /** True for a failure that the author expects. Default: none. */
  readonly isExpected?: (revision: Revision, dialect: Dialect, error: unknown) => boolean
}

type Writable<T> = { -readonly [K in keyof T]: T[K] }

/**
 * Runs revisions with rows that the schema before them allows and that they may not expect, on shadow databases of every dialect:
 * duplicates, NULLs, orphans, values at the edges of types. The code of the revisions is executed.
 *
 * @param judged ids of the revisions; those below them are only replayed
 * @throws AludelError `ALUDEL_REPLAY` if a revision below them does not run, `ALUDEL_SHADOW`
 */
export async function hostileRows(
  context: MigratorContext,
  judged: ReadonlySet<string>,
  options: HostileOptions = {},
): Promise<HostileResult> {
  const { graph } = await context.revisions.read()
  const needed = graph.ancestors(judged, { dependencies: true })
  const order = graph.order.filter(({ id }) => needed.has(id))
  const none = { findings: [], trials: 0, untried: [], ignored: 0, unusedIgnores: [] }
  const result: Writable<HostileResult> = { ...none, revisions: judged.size }
  const comments = new Comments(context)
  // Without a revision, no shadow server is needed.
  const dialects = judged.size === 0 ? [] : await context.connection.dialects()
  for (const dialect of dialects) {
    await (
      await context.shadows()
    ).withRunner(dialect, (runner) => attackAll(context, dialect, runner, order, judged, options, comments, result))
  }
  const place = new Map(order.map(({ id }, index) => [id, index]))
  return {
    ...result,
    unusedIgnores: comments.unused(dialects.length),
    findings: result.findings.toSorted(
      (a, b) =>
        (place.get(a.revision) ?? 0) - (place.get(b.revision) ?? 0) ||
        severities.indexOf(a.severity) - severities.indexOf(b.severity),
    ),
  }
}

async function attackAll(
  context: MigratorContext,
  dialect: Dialect,
  runner: QueryRunner,
  order: readonly Revision[],
  judged: ReadonlySet<string>,
  options: HostileOptions,
  comments: Comments,
  result: Writable<HostileResult>,
): Promise<void> {
  const { loadToReplay } = context.revisions
  for (const [index, revision] of order.entries()) {
    refuseAborted(context.signal)
    if (judged.has(revision.id)) {
      context.reporter.progress(`trying hostile rows with ${revision.id} on ${dialect.name}`)
      // It leaves the shadow database with the schema before the revision, also if that needs a replay.
      await replay(dialect, runner, [], 'upgrade', loadToReplay)
      const attacked = await attackRevision(
        context,
        dialect,
        runner,
        order.slice(0, index),
        revision,
        options.mostTrials ?? mostTrials,
      )
      result.trials += attacked.trials
      if (attacked.untried > 0)
        result.untried = [
          ...result.untried,
          {
            revision: revision.id,
            dialect: dialect.name,
            reason: `${plural(attacked.untried, 'set')} of rows too many`,
          },
        ]
      if (attacked.failsEmpty !== undefined) {
        const reason = `it does not run on empty tables: ${attacked.failsEmpty}`
        result.untried = [...result.untried, { revision: revision.id, dialect: dialect.name, reason }]
        return
      }
      const { kept, ignored } = await findingsOf(context, dialect, revision, attacked, options, comments)
      result.findings = [...result.findings, ...kept]
      result.ignored += ignored
    }
    await replay(dialect, runner, [revision], 'upgrade', loadToReplay)
  }
}

async function findingsOf(
  context: MigratorContext,
  dialect: Dialect,
  revision: Revision,
  attacked: Attacked,
  { isExpected }: HostileOptions,
  comments: Comments,
): Promise<{ readonly kept: readonly HostileFinding[]; readonly ignored: number }> {
  const text = textOfFile(revision) ?? ''
  const ignores = await comments.of(revision, attacked)
  const kept: HostileFinding[] = []
  for (const one of attacked.cases) {
    const start = await placeOf(context, dialect, revision, one)
    if (ignores.covers(one.kind, start)) continue
    if (one.failure !== undefined && isExpected?.(revision, dialect, one.failure.error) === true) continue
    kept.push({
      revision: revision.id,
      path: fileOf(context, revision),
      line: start === undefined ? null : lineAt(text, start),
      dialect: dialect.name,
      ...reported(one),
    })
  }
  return { kept, ignored: attacked.cases.length - kept.length }
}

function reported(one: Case): Omit<HostileFinding, 'revision' | 'path' | 'line' | 'dialect'> {
  const { kind, direction, table, columns, rows, failure, message, help } = one
  const refuses = failure?.deliberate === true
  const isGrave = failure !== undefined || kind === 'lost'
  const isUpgrade = direction === 'upgrade' && isGrave && one.again !== true && !one.rare
  return {
    kind,
    severity: refuses ? 'info' : isUpgrade ? 'error' : 'warning',
    direction,
    table,
    columns,
    rows: rows.map((row) => Object.fromEntries([...row].map(([column, sql]) => [column, shown(sql)]))),
    statement: failure?.statement ?? null,
    error: failure?.text ?? null,
    message,
    help,
  }
}

/**
 * The offset in the file of the statement that failed, or that is about what was lost; undefined if it is not written there.
 */
async function placeOf(
  context: MigratorContext,
  dialect: Dialect,
  revision: Revision,
  { direction, failure, table, columns }: Case,
): Promise<number | undefined> {
  if (failure?.statement === null) return undefined
  const driverType = await context.connection.driverOf(dialect)
  const written = await writtenStatements(revision, direction, dialect, driverType)
  if ('unread' in written) return undefined
  const statements = written.statements.map(trimStatement)
  const at =
    failure === undefined
      ? statements.findIndex(
          (sql) => /\b(?:type|select)\b/i.test(sql) && [table, ...columns].every((name) => mentionsName(sql, name)),
        )
      : statements.indexOf(failure.statement ?? '')
  return at < 0 ? undefined : (await writtenPlaces(revision, direction, dialect, driverType))[at]
}
