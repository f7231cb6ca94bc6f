import path from 'node:path'

import type { Dialect } from '../dialect/dialect'
import { writtenStatements } from '../execution/written'
import { effectsOfPart } from '../execution/written-effects'
import type { FileEffects } from '../files/recorded-effects'
import { textOfFile } from '../files/statements'
import type { State } from '../history/state'
import type { MigratorContext } from '../project/context'
import type { RevisionDetails, RevisionInfo } from '../results'
import { resolveOne } from '../revision/identifier'
import { type Direction, type Revision, saysOutside } from '../revision/revision'
import { lockText } from '../sql/effects'
import { type Examined, examineHistory } from './findings'
import { revisionInfo } from './inspect'
import { runsOfRevision } from './journal'

const newestRuns = 100

/**
 * Reads everything that is known of one revision from its file, the history and the journal. Runs no code of it.
 *
 * @param rev a REV that names one revision; one that a squash replaces by its id
 * @throws AludelError as `show`, and `ALUDEL_AMBIGUOUS_REVISION` for a REV that names several
 */
export async function describeRevision(context: MigratorContext, rev: string): Promise<RevisionDetails> {
  const examined = await context.connection.readHistory((history, database) =>
    examineHistory(context, history, database),
  )
  const revision = await findRevision(context, examined.state, rev)
  const { id, name } = revision
  const dialect = await context.connection.dialect()
  const parts = await partsOf(context, revision)
  const upgrade = parts.find((part) => part.dialect.name === dialect.name && part.direction === 'upgrade')
  const statements = upgrade?.statements ?? null
  // What other revisions create must not change the words, so nothing is known of the database.
  const reader = await dialect.sql.readEffects()
  const effects = effectsOfPart({ ...upgrade, statements }, reader)
  const isOutside = statements !== null && dialect.statements.outsideTransaction(statements) !== undefined
  const unread = parts.flatMap(({ dialect: { name: dialectName }, direction, unread: reason }) =>
    reason === undefined ? [] : [{ dialect: dialectName, direction, reason }],
  )
  return {
    ...infoOf(revision, examined),
    file: path.relative(context.root, revision.path).split(path.sep).join('/'),
    source: textOfFile(revision) ?? '',
    language: /\.[cm]?ts$/.test(revision.path) ? 'ts' : 'js',
    transactional: !saysOutside({}, revision) && !isOutside,
    does: effects.does,
    destroys: effects.destroys.map(({ text }) => text),
    unknown: effects.unknown,
    needs: upgrade?.recorded?.needs ?? [],
    locks: dialect.sql.locksTables ? effects.locks.map(lockText) : [],
    rewrites: effects.rewrites,
    sql: sqlOf(parts),
    ...(unread.length > 0 && { unread }),
    runs: await runsOfRevision(context, revision, newestRuns),
    findings: examined.findings.filter((finding) => finding.revision === id || finding.name === name),
  }
}

async function findRevision(context: MigratorContext, { graph, applied }: State, rev: string): Promise<Revision> {
  const { revisions } = await context.revisions.read()
  const replaced = graph.has(rev) ? undefined : revisions.find(({ id }) => id === rev)
  return replaced ?? resolveOne(graph, rev, { purpose: 'show', applied })
}

/** What `history` lists of a revision. One that a squash replaces is in no graph, and is no head. */
function infoOf(revision: Revision, { state, findings, entries }: Examined): RevisionInfo {
  const { graph, applied, names } = state
  const halfway = findings.filter(({ kind }) => kind === 'halfway')
  const entry = entries.get(revision.name)
  const recorded = entry === undefined ? {} : { appliedAt: entry.at.toISOString(), appliedBy: entry.actor }
  const squash = graph.byReplaced(revision.id)
  const isApplied = names.includes(revision.name) || applied.has(squash?.id ?? revision.id)
  return { ...revisionInfo(graph, revision, state, halfway), applied: isApplied, ...(isApplied ? recorded : {}) }
}

/** The statements of one direction on one dialect. */
interface Part {
  readonly dialect: Dialect
  readonly direction: Direction
  /** Null: they are known only when the revision runs. */
  readonly statements: readonly string[] | null
  readonly unread?: string
  readonly recorded?: FileEffects
}

async function partsOf(context: MigratorContext, revision: Revision): Promise<readonly Part[]> {
  const dialects = await context.connection.dialects()
  const parts: Part[] = []
  for (const dialect of dialects) {
    const driverType = await context.connection.driverOf(dialect)
    for (const direction of ['upgrade', 'downgrade'] as const) {
      const written = await writtenStatements(revision, direction, dialect, driverType)
      parts.push(
        'unread' in written
          ? { dialect, direction, statements: null, unread: written.unread }
          : { dialect, direction, statements: written.statements, recorded: written.effects },
      )
    }
  }
  return parts
}

function sqlOf(parts: readonly Part[]): RevisionDetails['sql'] {
  const known = parts.filter(({ statements }) => statements !== null)
  const of = (name: string, wanted: Direction): readonly string[] =>
    known.find(({ dialect, direction }) => dialect.name === name && direction === wanted)?.statements ?? []
  return Object.fromEntries(
    known.map(({ dialect: { name } }) => [name, { up: of(name, 'upgrade'), down: of(name, 'downgrade') }]),
  )
}
