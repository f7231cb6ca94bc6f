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

/** What one of the revisions did, on a shadow database on which all of them were run. */
export interface ReplayedMember {
  readonly revision: Revision
  /** The schema before and after it. */
  readonly from: Schema
  readonly to: Schema
  readonly up: Sent
  readonly down: Sent
  /** There are rows behind it, in any table. */
  readonly leavesRows: boolean
}

/** The statements of a revision, in one direction. */
export interface Sent {
  /** Parameters are written into them. Null: they could not be found out, or it says that there is no such way. */
  readonly statements: readonly string[] | null
  /** A table whose rows it reads before it acts. */
  readonly reads?: string
  /** Other values each time it is asked. */
  readonly varies?: true
}

/** Where the revisions begin and where they end. */
export interface Ends {
  readonly from: Schema
  readonly to: Schema
  /** Rows before and after. */
  readonly rows: { readonly before: Rows; readonly after: Rows }
}

/** The way that leads through all of the revisions. */
export interface MembersReplay extends Ends {
  readonly steps: readonly ReplayedMember[]
}

export type Rows = ReadonlyMap<string, TableRows>

/**
 * Runs the revisions on a new shadow database, one after the other and back, and writes down what each did.
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
 * Runs the revisions on a new shadow database with rows in the tables that are there before the first of them.
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
 * The statements of the revisions up to one of them, when they run on yet another shadow database; null where they cannot be
 * found out.
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

/** Works on a new shadow database, at the revisions below. */
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
 * The way back, as far as it can be gone: behind a revision that does not restore, nothing can be asked any more.
 *
 * @param top the schema from which it starts
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
      // It throws by itself, or does not run: there is no way back.
      schema = null
    }
    found.push({ ...step, down })
  }
  return found.reverse()
}

/** @returns tables for which no row could be made */
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

/** Goes up and down on one shadow database. */
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
      observed(await this.context.revisions.load(revision), ({ sql }) =>
        this.#extensions.push(...extensionsMadeBy(sql)),
      )
    await replay(this.dialect, this.runner, below, 'upgrade', load)
  }

  async read(): Promise<Schema> {
    const ignoreTables = await this.context.connection.ignoreTables()
    return withCountedExtensions(await this.dialect.introspection.read(this.runner, { ignoreTables }), this.#extensions)
  }

  /** Runs a revision, and reads what is there behind it: as often as that is needed, and it is what takes the time. */
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

  /** @returns `asked`: what it sent where its statements are known only from the database; it may have read rows there */
  async run(
    revision: Revision,
    direction: Direction,
  ): Promise<{ readonly sent: Sent; readonly asked: readonly string[] }> {
    const written = await this.#written(revision, direction)
    const told: string[] = []
    const load = async (wanted: Revision): Promise<MigrationInterface> =>
      observed(await this.context.revisions.load(wanted), ({ sql }) => told.push(sql))
    const statements = await replayRecorded(this.dialect, this.runner, revision, direction, load)
    this.#extensions.push(...told.flatMap(extensionsMadeBy))
    // What was found without a database did not ask it anything.
    return { sent: written ?? { statements }, asked: written === undefined ? told : [] }
  }

  /** The statements of a revision that is not run: one that asks the database cannot be asked. */
  async ask(revision: Revision, direction: Direction): Promise<Sent> {
    return (await this.#written(revision, direction)) ?? { statements: null }
  }

  /** Found without a database; undefined for a revision that asks it something. */
  async #written(revision: Revision, direction: Direction): Promise<Sent | undefined> {
    const written = await writtenStatements(revision, direction, this.dialect, this.options.type)
    if ('statements' in written) return written
    const ask = async (): Promise<readonly string[]> =>
      recordStatements(await this.context.revisions.load(revision), direction, this.dialect, this.options)
    try {
      const statements = await ask()
      // Ids and times that its code makes: a millisecond later they are others.
      await delay(2)
      const again = await ask()
      return { statements, ...(again.join('\n') !== statements.join('\n') && { varies: true as const }) }
    } catch (error) {
      if (error instanceof NeedsDatabase || isAludelError(error)) return undefined
      throw error
    }
  }
}

const catalogs = /\b(?:sqlite_master|sqlite_schema|sqlite_sequence|pragma\w*|information_schema|pg_\w+)\b/i

/** True for a statement that asks for rows of a table, and not about the table. */
function readsTable(sql: string, table: string): boolean {
  if (!['SELECT', 'WITH', 'TABLE'].includes(firstWords(sql, 1)[0] ?? '') || catalogs.test(sql)) return false
  const name = table.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
  return new RegExp(`(?<![\\p{L}\\p{N}_"])"?${name}"?(?![\\p{L}\\p{N}_"])`, 'iu').test(sql)
}

/** Without comments and semicolons at the end, as two texts of one statement are compared. */
export function sameStatements(one: readonly string[], other: readonly string[]): boolean {
  return (
    one.length === other.length && one.every((sql, index) => trimStatement(sql) === trimStatement(other[index] ?? ''))
  )
}
