import { setTimeout as delay } from 'node:timers/promises'

import type { DataSourceOptions, MigrationInterface, QueryRunner } from 'typeorm'

import type { MigratorContext } from '../project/context'
import { inTransaction, replay, replayRecorded } from '../shadow/replay'
import { observed } from '../shadow/statements'
import type { Dialect } from '../dialect/dialect'
import { isAludelError } from '../errors'
import { readRows, type TableRows } from '../proof/rows'
import { insertSamples } from '../proof/samples'
import type { Direction, Revision } from '../revision/revision'
import { writtenStatements } from '../execution/written'
import { NeedsDatabase, recordStatements } from '../execution/recorder'
import { firstWords, trimStatement } from '../sql/text'
import { compare } from '../difference/compare'
import { extensionsMadeBy, withCountedExtensions } from '../schema/extensions'
import type { Schema } from '../schema/schema'
import type { Members } from './members'

/** The replay of one revision, on a shadow database on which all of them were run. */
export interface ReplayedMember {
  readonly revision: Revision
  /** The schema before and after it. */
  readonly from: Schema
  readonly to: Schema
  readonly up: Sent
  readonly down: Sent
  /** True if any table has rows after it. */
  readonly leavesRows: boolean
}

/** The statements of a revision, in one direction. */
export interface Sent {
  /** With inlined parameters. Null if they are unknown, or the revision is irreversible. */
  readonly statements: readonly string[] | null
  /** A table whose rows it reads. */
  readonly reads?: string
  /** True if its values differ each time it runs. */
  readonly varies?: true
}

/** The schemas and rows before and after a replay of all revisions. */
export interface Ends {
  readonly from: Schema
  readonly to: Schema
  readonly rows: { readonly before: Rows; readonly after: Rows }
}

/** A replay of all revisions with its single steps. */
export interface MembersReplay extends Ends {
  readonly steps: readonly ReplayedMember[]
}

/** The rows of a database, by table. */
export type Rows = ReadonlyMap<string, TableRows>

/**
 * Runs the revisions up and down on a new shadow database, and records the effects of each.
 *
 * @throws AludelError `ALUDEL_REPLAY` when one does not run
 */
export function replayMembers(context: MigratorContext, dialect: Dialect, members: Members): Promise<MembersReplay> {
  return onShadow(context, dialect, members, async (walker, runner) => {
    const from = await walker.read()
    const before = await readRows(dialect, runner, from.tables)
    const steps: ReplayedMember[] = []
    let [schema, rows] = [from, before]
    for (const revision of members.all) {
      const { sent, to } = await walker.go(revision, 'upgrade', schema)
      rows = await readRows(dialect, runner, to.tables)
      steps.push({ revision, from: schema, to, up: sent, down: { statements: null }, leavesRows: hasRows(rows) })
      schema = to
    }
    return { from, to: schema, steps: await undoSteps(walker, steps, schema, context), rows: { before, after: rows } }
  })
}

/**
 * Runs the revisions on a new shadow database with sample rows in the tables that exist before the first of them.
 *
 * @throws AludelError `ALUDEL_REPLAY` when one does not run
 */
export function replayMembersWithSamples(context: MigratorContext, dialect: Dialect, members: Members): Promise<Ends> {
  return onShadow(context, dialect, members, async (walker, runner) => {
    const from = await walker.read()
    await putSamples(dialect, runner, from)
    const before = await readRows(dialect, runner, from.tables)
    for (const revision of members.all) await walker.run(revision, 'upgrade')
    const to = await walker.read()
    return { from, to, rows: { before, after: await readRows(dialect, runner, to.tables) } }
  })
}

/**
 * The statements of the revisions up to one of them, from a run on another new shadow database; null if they are unknown.
 *
 * @throws AludelError `ALUDEL_REPLAY` when one does not run
 */
export function statementsAgain(
  context: MigratorContext,
  dialect: Dialect,
  members: Members,
  last: Revision,
): Promise<ReadonlyMap<Revision, Sent['statements']>> {
  return onShadow(context, dialect, members, async (walker) => {
    const found = new Map<Revision, Sent['statements']>()
    for (const revision of members.all) {
      const { sent } = await walker.run(revision, 'upgrade')
      found.set(revision, sent.statements)
      if (revision === last) break
    }
    return found
  })
}

/** Runs `work` on a new shadow database, on which the revisions below the members are applied. */
async function onShadow<T>(
  context: MigratorContext,
  dialect: Dialect,
  members: Members,
  work: (walker: Walker, runner: QueryRunner) => Promise<T>,
): Promise<T> {
  const shadows = await context.shadows()
  return shadows.withRunner(dialect, async (runner, dataSource) => {
    const walker = new Walker(context, dialect, runner, dataSource.options)
    await walker.prepare(members.below)
    return await work(walker, runner)
  })
}

/**
 * Undoes the steps and records the statements. After a revision that does not restore the schema, the others are read
 * without running them.
 *
 * @param top the schema after the last step
 */
async function undoSteps(
  walker: Walker,
  steps: readonly ReplayedMember[],
  top: Schema,
  context: MigratorContext,
): Promise<readonly ReplayedMember[]> {
  let schema: Schema | null = top
  const found: ReplayedMember[] = []
  for (const step of steps.toReversed()) {
    let down: Sent = { statements: null }
    try {
      if (schema === null) down = await walker.ask(step.revision, 'downgrade')
      else {
        const { sent, to } = await walker.go(step.revision, 'downgrade', schema)
        down = sent
        schema = compare(to, step.from, { unmanaged: context.ignored }).length === 0 ? to : null
      }
    } catch {
      // It throws an error of its own, or does not run: the step is irreversible.
      schema = null
    }
    found.push({ ...step, down })
  }
  return found.reverse()
}

/**
 * Inserts sample rows into all tables.
 *
 * @returns the tables for which no row could be generated
 */
export async function putSamples(
  dialect: Dialect,
  runner: QueryRunner,
  schema: Schema,
): Promise<readonly { readonly table: string; readonly reason: string }[]> {
  const { unsampled } = await inTransaction(runner, () => insertSamples(dialect, runner, schema, schema.tables))
  return unsampled
}

function hasRows(rows: Rows): boolean {
  return [...rows.values()].some((table) => table.rows.length > 0)
}

/** Runs revisions up and down on one shadow database. */
class Walker {
  readonly #extensions: string[] = []

  constructor(
    private readonly context: MigratorContext,
    private readonly dialect: Dialect,
    private readonly runner: QueryRunner,
    private readonly options: DataSourceOptions,
  ) {}

  async prepare(below: readonly Revision[]): Promise<void> {
    const load = async (revision: Revision): Promise<MigrationInterface> =>
      observed(await this.context.revisions.loadToReplay(revision), ({ sql }) =>
        this.#extensions.push(...extensionsMadeBy(sql)),
      )
    await replay(this.dialect, this.runner, below, 'upgrade', load)
  }

  async read(): Promise<Schema> {
    const ignoreTables = await this.context.connection.ignoreTables()
    return withCountedExtensions(await this.dialect.introspection.read(this.runner, { ignoreTables }), this.#extensions)
  }

  /** Runs a revision, and reads the resulting schema. Reading takes most of the time. */
  async go(
    revision: Revision,
    direction: Direction,
    before: Schema,
  ): Promise<{ readonly sent: Sent; readonly to: Schema }> {
    const { sent, asked } = await this.run(revision, direction)
    const to = await this.read()
    const tables = [...before.tables, ...to.tables].map(({ name }) => name)
    const reads = tables.find((name) => asked.some((sql) => readsTable(sql, name)))
    return { sent: reads === undefined ? sent : { ...sent, reads }, to }
  }

  /** @returns `asked`: the statements sent, if they are known only from the run; they may include queries for rows */
  async run(
    revision: Revision,
    direction: Direction,
  ): Promise<{ readonly sent: Sent; readonly asked: readonly string[] }> {
    const written = await this.#written(revision, direction)
    const sent: string[] = []
    const load = async (wanted: Revision): Promise<MigrationInterface> =>
      observed(await this.context.revisions.load(wanted), ({ sql }) => sent.push(sql))
    const { statements } = await replayRecorded(this.dialect, this.runner, revision, direction, load)
    this.#extensions.push(...sent.flatMap(extensionsMadeBy))
    // Statements that are known without a database cannot depend on its rows.
    return { sent: written ?? { statements }, asked: written === undefined ? sent : [] }
  }

  /** The statements of a revision without running it; null if they depend on the database. */
  async ask(revision: Revision, direction: Direction): Promise<Sent> {
    return (await this.#written(revision, direction)) ?? { statements: null }
  }

  /** The statements that are known without a database; undefined if they depend on it. */
  async #written(revision: Revision, direction: Direction): Promise<Sent | undefined> {
    const written = await writtenStatements(revision, direction, this.dialect, this.options.type)
    if ('statements' in written) return written
    const ask = async (): Promise<readonly string[]> =>
      recordStatements(await this.context.revisions.load(revision), direction, this.dialect, this.options)
    try {
      const statements = await ask()
      // Ids and times generated by its code differ a millisecond later.
      await delay(2)
      const again = await ask()
      return { statements, varies: again.join('\n') === statements.join('\n') ? undefined : true }
    } catch (error) {
      if (error instanceof NeedsDatabase || isAludelError(error)) return undefined
      throw error
    }
  }
}

const catalogs = /\b(?:sqlite_master|sqlite_schema|sqlite_sequence|pragma\w*|information_schema|pg_\w+)\b/i

/** True for a query for rows of a table, as opposed to a query of the catalog about it. */
function readsTable(sql: string, table: string): boolean {
  if (!['SELECT', 'WITH', 'TABLE'].includes(firstWords(sql, 1)[0] ?? '') || catalogs.test(sql)) return false
  const name = table.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
  return new RegExp(`(?<![\\p{L}\\p{N}_"])"?${name}"?(?![\\p{L}\\p{N}_"])`, 'iu').test(sql)
}

/** True if two lists contain the same statements, except for comments and semicolons at the ends. */
export function sameStatements(one: readonly string[], other: readonly string[]): boolean {
  return (
    one.length === other.length && one.every((sql, index) => trimStatement(sql) === trimStatement(other[index] ?? ''))
  )
}
