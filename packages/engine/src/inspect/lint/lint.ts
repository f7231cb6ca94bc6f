import path from 'node:path'

import type { Dialect } from '../../dialect/dialect'
import { type DialectName, dialectNames } from '../../dialect/registry'
import { refuseAborted } from '../../errors'
import { writtenPlaces } from '../../execution/written'
import { lineAt } from '../../files/comments'
import { filesSince } from '../../files/git'
import { pauses } from '../../files/pauses'
import { CachedPlans } from '../../files/plan-cache'
import { textOfFile } from '../../files/statements'
import type { Linter, Placed } from '../../lint/linter'
import { merged, type OnDialect, reported, ruleOf } from '../../lint/report'
import type { Rule } from '../../lint/rule'
import { rules } from '../../lint/rules'
import { chosenRules } from '../../lint/settings'
import { askedRevisions } from '../../project/asked'
import type { MigratorContext } from '../../project/context'
import type { LintFinding, LintResult, LintRuleInfo, LintTrace, Stall } from '../../results'
import type { Revision } from '../../revision/revision'
import { toolVersion } from '../../version'
import { Ignores } from './ignores'
import { askDatabase, type Live, type OfHistory, ofHistory } from './live'
import { unseen } from './measured'
import { stepOf } from './steps'
import { type TracedStep, traceRevisions } from './trace'
import { measuredStatements, stallKeys } from './trace-plan'
import { foretellPending } from '../stalls/foretell-steps'
import type { ForetoldStep } from '../stalls/foretell'

/** Options of `Migrator.lint`. */
export interface LintOptions {
  /** `A:B`, or a REV. Default: all revisions. */
  readonly range?: string
  /** Exactly these, by their whole ids, instead of a range. Unknown ones are ignored. */
  readonly revisions?: readonly string[]
  /** Only revisions whose files are new since this branch, tag or commit, committed or not. */
  readonly since?: string
  /** Ask the database for the sizes of its tables, its version and what is applied. Default is false. */
  readonly database?: boolean
  /**
   * Run the revisions on a shadow database with sample rows, and measure what each statement locks, rewrites and reads. Where a
   * file does not show the statements, they are known then. With `database`, also foretell how long each pending revision would keep
   * others waiting. Default is false.
   */
  readonly trace?: boolean
}

/**
 * Applies the rules of `lint` to revisions, up and down, on every dialect of the project. Executes no code of a revision, unless
 * `trace` asks for it. The revisions below the range are read, too: what they have made is known to the rules.
 *
 * @throws AludelError what `verify` throws for a range; `ALUDEL_CONFIG` for settings that name no rule; `ALUDEL_GIT`
 */
export async function lintRevisions(
  context: MigratorContext,
  { range, revisions, since, database = false, trace = false }: LintOptions = {},
): Promise<LintResult> {
  const { graph } = await context.revisions.read()
  const chosen = chosenRules(rules, context.options.lint ?? {})
  const inRange = revisions === undefined ? await askedRevisions(context, range) : graph.sort(revisions)
  const asked = since === undefined ? inRange : await newSince(context, inRange, since)
  const judged = new Set(asked.map(({ id }) => id))
  const needed = graph.ancestors(judged, { dependencies: true })
  const order = graph.order.filter(({ id }) => needed.has(id))
  const live = database ? await askDatabase(context) : undefined

  const found = new Map<string, Found[]>()
  const pause = pauses()
  const traces: LintTrace[] = []
  // In a file of its own: a plan forgets the revisions that it does not read.
  const cache = CachedPlans.open(context.cacheDirectory, `lint of ${context.root}`, order.length, toolVersion)
  for (const dialect of await context.connection.dialects()) {
    const sizes = live?.dialect === dialect.name ? live : undefined
    const linter = await dialect.lint.linter({
      rules: chosen,
      rows: (table) => sizes?.sizes.get(table)?.rows ?? undefined,
      server: sizes?.server ?? context.options.lint?.server,
    })
    const traced = trace ? await traceRevisions(context, dialect, order, judged) : []
    const foretold = trace && sizes !== undefined ? await foretellPending(context, dialect, judged, traced) : []
    traces.push(...tracesOf(dialect, judged, traced, foretold))
    for (const revision of order) {
      await pause()
      refuseAborted(context.signal)
      const own = traced.filter((step) => step.revision === revision.id)
      const times = foretold.find((step) => step.revision === revision.id)
      const settings = { isJudged: judged.has(revision.id), traced: own, times, chosen, cache }
      const some = await lintRevision(context, dialect, linter, revision, settings)
      found.set(revision.id, [...(found.get(revision.id) ?? []), ...some])
    }
  }
  cache?.save()
  const ofHistories = database ? await ofHistory(context, judged, chosen) : []
  return {
    ...(await summary(context, asked, chosen, found, live, ofHistories)),
    ...(trace && { traces }),
  }
}

async function newSince(
  context: MigratorContext,
  revisions: readonly Revision[],
  since: string,
): Promise<readonly Revision[]> {
  const files = new Set<string>()
  for (const directory of context.revisions.directories)
    for (const file of await filesSince(directory, since)) files.add(file)
  return revisions.filter(({ path: file }) => files.has(file))
}

/** A finding on one dialect, with its place in the file. */
interface Found extends OnDialect<DialectName> {
  /** Offset of its statement in the file; undefined if it is not written there. */
  readonly start?: number
  readonly stall?: Stall
}

/** How one revision is looked at. */
interface Settings {
  /** False: it is only learned. */
  readonly isJudged: boolean
  readonly traced: readonly TracedStep[]
  /** Of its upgrade, if that is pending. */
  readonly times: ForetoldStep | undefined
  readonly chosen: readonly Rule[]
  readonly cache: CachedPlans | undefined
}

async function lintRevision(
  context: MigratorContext,
  dialect: Dialect,
  linter: Linter,
  revision: Revision,
  { isJudged, traced, times, chosen, cache }: Settings,
): Promise<readonly Found[]> {
  const driverType = await context.connection.driverOf(dialect)
  const found: Found[] = []
  for (const direction of ['upgrade', 'downgrade'] as const) {
    if (!isJudged && direction === 'downgrade') break
    const trace = traced.find((one) => one.direction === direction)
    const sent = trace?.statements.map(({ sql }) => sql)
    const stalls = direction === 'upgrade' ? (times?.stalls ?? []) : []
    const step = await stepOf(dialect, revision, direction, driverType, sent, cache)
    if (!isJudged) {
      linter.learn(step)
      continue
    }
    const placed = [...linter.lint(step), ...(trace === undefined ? [] : await unseen(dialect, trace, chosen))]
    const places = placed.length === 0 ? [] : await writtenPlaces(revision, direction, dialect, driverType)
    for (const one of placed)
      found.push({
        ...one,
        dialect: dialect.name,
        direction,
        start: one.index === undefined ? undefined : places[one.index],
        stall: stallOf(one, stalls),
      })
  }
  return found
}

async function summary(
  context: MigratorContext,
  asked: readonly Revision[],
  chosen: readonly Rule[],
  found: ReadonlyMap<string, readonly Found[]>,
  live: Live | undefined,
  ofHistories: readonly OfHistory[],
): Promise<LintResult> {
  const findings: LintFinding[] = []
  let ignored = 0
  const pause = pauses()
  for (const revision of asked) {
    await pause()
    const text = textOfFile(revision) ?? ''
    const file = {
      revision: revision.id,
      path: path.relative(context.root, revision.path).split(path.sep).join('/'),
    }
    const all = found.get(revision.id) ?? []
    const ignores = await Ignores.of(revision, text)
    const kept = all.filter((one) => !ignores.covers(one.rule.name, one.start))
    ignored += all.length - kept.length
    const problems = ignores
      .problems(chosen)
      .map(({ rule, ...one }) => ({ ...file, ...ruleOf(rule), ...about, ...one }))
    const ofDatabase = ofHistories
      .filter((one) => one.revision === revision.id)
      .map(({ rule, message, help }) => ({ ...file, ...ruleOf(rule), ...about, line: null, message, help }))
    const ofStatements = merged<DialectName, Found>(kept).map((one) => ({ ...file, ...findingOf(one, text, live) }))
    findings.push(...ofDatabase, ...[...ofStatements, ...problems].toSorted(byLine))
  }
  return { findings, revisions: asked.length, ignored }
}

/** By their place in the file; first what is about a whole direction of it. */
function byLine(a: LintFinding, b: LintFinding): number {
  return (a.line ?? 0) - (b.line ?? 0)
}

/** Of a finding about a file. */
const about = { direction: null, dialects: [], statement: null } as const

function findingOf(
  one: Found & { readonly dialects: readonly DialectName[] },
  text: string,
  live: Live | undefined,
): Omit<LintFinding, 'revision' | 'path'> {
  const { dialects, start, table, stall } = one
  const isLive = live !== undefined && table !== undefined && dialects.some((name) => name === live.dialect)
  const size = isLive ? live.sizes.get(table) : undefined
  return {
    ...reported(one),
    line: start === undefined ? null : lineAt(text, start),
    ...(size !== undefined && size.rows !== null && { rows: size.rows }),
    ...(size !== undefined && size.bytes !== null && { bytes: size.bytes }),
    ...(stall !== undefined && { stall }),
  }
}

/** For how long the statement of a finding keeps others from its table. */
function stallOf({ index, table }: Placed, stalls: readonly Stall[]): Stall | undefined {
  if (index === undefined) return undefined
  const at = index + 1
  return stalls.find((one) => one.first <= at && at <= one.last && (one.table === null || one.table === table))
}

/** What was measured of each step, and of SQLite what was foretold. */
function tracesOf(
  dialect: Dialect,
  judged: ReadonlySet<string>,
  traced: readonly TracedStep[],
  foretold: readonly ForetoldStep[],
): readonly LintTrace[] {
  const timesOf = ({ revision, direction }: TracedStep): ForetoldStep | undefined =>
    foretold.find((one) => one.revision === revision && one.direction === direction)
  const both = traced.map((step): LintTrace => {
    const { revision, direction, error } = step
    const times = timesOf(step)
    return {
      revision,
      direction,
      dialect: dialect.name,
      statements: measuredStatements(step, times),
      ...(error !== undefined && { error }),
      ...stallKeys(times, step),
    }
  })
  const timed = foretold.filter((step) => judged.has(step.revision) && !traced.some((one) => timesOf(one) === step))
  return [
    ...both,
    ...timed.map((step): LintTrace => ({
      revision: step.revision,
      direction: step.direction,
      dialect: dialect.name,
      statements: measuredStatements(undefined, step),
      ...stallKeys(step),
    })),
  ]
}

/** All rules, with their severities in this project. */
export function lintRules(context: MigratorContext): readonly LintRuleInfo[] {
  const chosen = chosenRules(rules, context.options.lint ?? {})
  return rules.map((rule) => ({
    id: rule.id,
    rule: rule.name,
    category: rule.category,
    severity: chosen.find(({ name }) => name === rule.name)?.severity ?? 'off',
    dialects: dialectNames().filter((name) => rule[name] !== undefined),
    about: rule.about,
  }))
}
