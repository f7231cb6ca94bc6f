import { setTimeout as delay } from 'node:timers/promises'

import type { DataSourceOptions, MigrationInterface, QueryRunner } from 'typeorm'

import type { Context } from '../context'
import { replay } from '../create/replay'
import { recordStatements as tellOfStatements } from '../create/statements'
import type { Dialect } from '../dialect/dialect'
import { isAludelError } from '../errors'
import { inTransaction } from '../proof/proof'
import { readRows, type TableRows } from '../proof/rows'
import { insertSamples } from '../proof/samples'
import type { Direction, Revision } from '../revision/revision'
import { NeedsDatabase, recordOnDatabase, recordStatements } from '../run/recorder'
import { isRead, trimStatement } from '../run/sql-text'
import { compare } from '../schema/compare'
import { extensionsMadeBy, withCountedExtensions } from '../schema/extensions'
import type { Schema } from '../schema/schema'
import type { Members } from './members'

/** What one of the revisions did, on a shadow database on which all of them were run. */
export interface OldStep {
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

/** The way that leads through all of the revisions. */
export interface OldWay {
  readonly from: Schema
  readonly to: Schema
  readonly steps: readonly OldStep[]
  /** Rows before and after. */
  readonly rows: { readonly before: Rows; readonly after: Rows }
}

export type Rows = ReadonlyMap<string, TableRows>

/**
 * Runs the revisions on a new shadow database, one after the other and back, and writes down what each did.
 *
 * @param samples put rows into the tables that are there before the first of them
 * @throws AludelError `ALUDEL_REPLAY` when one does not run
 */
export async function goOldWay(
  context: Context,
  dialect: Dialect,
  members: Members,
  { samples }: { readonly samples: boolean },
): Promise<OldWay> {
  const shadows = await context.shadows()
  return shadows.withDatabase(dialect, async ({ dataSource }) => {
    const runner = dataSource.createQueryRunner()
    try {
      const walker = new Walker(context, dialect, runner, dataSource.options)
      await walker.prepare(members.below)
      const from = await walker.read()
      if (samples) await putSamples(dialect, runner, from)
      const before = await readRows(dialect, runner, from.tables)
      const steps: OldStep[] = []
      let schema = from
      for (const revision of members.all) {
        const up = await walker.go(revision, 'upgrade')
        const to = await walker.read()
        const leavesRows = hasRows(await readRows(dialect, runner, to.tables))
        steps.push({ revision, from: schema, to, up, down: { statements: null }, leavesRows })
        schema = to
      }
      const after = await readRows(dialect, runner, schema.tables)
      return { from, to: schema, steps: await goBack(walker, steps, context), rows: { before, after } }
    } finally {
      await runner.release()
    }
  })
}

/** The way back, as far as it can be gone: behind a revision that does not restore, nothing can be asked any more. */
async function goBack(walker: Walker, steps: readonly OldStep[], context: Context): Promise<readonly OldStep[]> {
  let isOpen = true
  const found: OldStep[] = []
  for (const step of steps.toReversed()) {
    let down: Sent = { statements: null }
    try {
      down = await walker.ask(step.revision, 'downgrade', isOpen)
      if (isOpen) {
        const restored = compare(await walker.read(), step.from, { unmanaged: context.ignored })
        isOpen = restored.length === 0
      }
    } catch {
      // It throws by itself, or does not run: there is no way back.
      isOpen = false
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
    private readonly context: Context,
    private readonly dialect: Dialect,
    private readonly runner: QueryRunner,
    private readonly options: DataSourceOptions,
  ) {}

  async prepare(below: readonly Revision[]): Promise<void> {
    const load = async (revision: Revision): Promise<MigrationInterface> =>
      tellOfStatements(await this.context.load(revision), ({ sql }) => this.#extensions.push(...extensionsMadeBy(sql)))
    await replay(this.dialect, this.runner, below, 'upgrade', load)
  }

  async read(): Promise<Schema> {
    const ignoreTables = await this.context.ignoreTables()
    return withCountedExtensions(await this.dialect.introspect(this.runner, { ignoreTables }), this.#extensions)
  }

  go(revision: Revision, direction: Direction): Promise<Sent> {
    return this.ask(revision, direction, true)
  }

  /** @param isOpen run it as well; without that, one that asks the database cannot be asked */
  async ask(revision: Revision, direction: Direction, isOpen: boolean): Promise<Sent> {
    const migration = await this.context.load(revision)
    const written = await this.#written(revision, direction)
    let sent: Sent = written ?? { statements: null }
    if (!isOpen) return sent
    const reads: string[] = []
    const watched = async (runner: QueryRunner): Promise<void> => {
      const observed = tellOfStatements(asUp(migration, direction), ({ sql }) => reads.push(sql))
      const statements = await recordOnDatabase(observed, 'upgrade', this.dialect, runner)
      if (written === undefined) sent = { statements }
    }
    const load = (): Promise<MigrationInterface> =>
      Promise.resolve({
        ...(migration.transaction === undefined ? {} : { transaction: migration.transaction }),
        up: watched,
        down: watched,
      })
    const before = await this.read()
    await replay(this.dialect, this.runner, [revision], direction, load)
    this.#extensions.push(...reads.flatMap(extensionsMadeBy))
    // What was found without a database did not ask it anything.
    if (written !== undefined) return sent
    const tables = [...before.tables, ...(await this.read()).tables].map(({ name }) => name)
    const read = tables.find((name) => reads.some((sql) => readsTable(sql, name)))
    return read === undefined ? sent : { ...sent, reads: read }
  }

  /** Found without a database; undefined for a revision that asks it something. */
  async #written(revision: Revision, direction: Direction): Promise<Sent | undefined> {
    const ask = async (): Promise<readonly string[]> =>
      recordStatements(await this.context.load(revision), direction, this.dialect, this.options)
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

/** A migration whose `up` is one direction of another. */
function asUp(migration: MigrationInterface, direction: Direction): MigrationInterface {
  return {
    up: (runner) => (direction === 'upgrade' ? migration.up(runner) : migration.down(runner)),
    down: (runner) => migration.down(runner),
  }
}

const catalogs = /\b(?:sqlite_master|sqlite_schema|sqlite_sequence|pragma\w*|information_schema|pg_\w+)\b/i

/** True for a statement that asks for rows of a table, and not about the table. */
function readsTable(sql: string, table: string): boolean {
  if (!isRead(sql) || catalogs.test(sql)) return false
  const name = table.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
  return new RegExp(`(?<![\\p{L}\\p{N}_"])"?${name}"?(?![\\p{L}\\p{N}_"])`, 'iu').test(sql)
}

/** Without comments and semicolons at the end, as two texts of one statement are compared. */
export function sameStatements(one: readonly string[], other: readonly string[]): boolean {
  return (
    one.length === other.length && one.every((sql, index) => trimStatement(sql) === trimStatement(other[index] ?? ''))
  )
}
