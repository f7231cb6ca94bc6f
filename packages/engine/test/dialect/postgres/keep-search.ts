import fc from 'fast-check'
import type { DataSource, QueryRunner } from 'typeorm'

import { answerRenames, diffOf, statementsOf } from '../../../src/create/diff'
import { lossesOf } from '../../../src/create/effects'
import { postgres } from '../../../src/dialect/postgres'
import { planChanges } from '../../../src/difference/plan-changes'
import { isAludelError } from '../../../src/errors'
import { describeOperation } from '../../../src/operations'
import { withCountedExtensions, withoutExtraExtensions } from '../../../src/schema/extensions'
import { displayName, keyOf, type Schema } from '../../../src/schema/schema'
import { synchronize } from '../../../src/shadow/wanted'
import { ignoreTables } from '../../support/ignore-tables'
import { catalog, catalogDifferences } from '../../support/pairs/catalog'
import { type PairDatabases, pairDatabases } from '../../support/pairs/databases'
import { arbitraryPair, type ModelPair } from '../../support/pairs/edits'
import { entitiesOf } from '../../support/pairs/entities'
import { type Snapshot, snapshot } from '../../support/pairs/kept-rows'
import type { Model } from '../../support/pairs/model'
import { fillTables, qualified } from '../../support/pairs/rows'
import { forgetClasses, makeClasses } from '../../support/pairs/source'
import { KeptRevision } from './keep-support'

interface SearchSummary {
  /** Pairs of which the upgrade kept something and the downgrade gave it back. */
  kept: number
  /** Pairs whose downgrade was refused because of what was written since, and went on without it. */
  refused: number
  /** Pairs whose upgrade the rows refused, or that are the same. */
  skipped: number
  rows: number
  readonly failures: string[]
}

interface SearchOptions {
  readonly pairs: number
  readonly seed: number
  /** Rounds of rows for each table. */
  readonly rounds: number
  readonly onFailure?: (text: string) => void
}

/**
 * Random pairs of models: an upgrade that keeps what it drops, a writer, a downgrade. Every row that the writer did not touch is as
 * it was, every row of the writer is there, and the schema is that of before; after a prune, it is that of a plain upgrade.
 */
export async function searchKept(options: SearchOptions): Promise<SearchSummary> {
  const summary: SearchSummary = { kept: 0, refused: 0, skipped: 0, rows: 0, failures: [] }
  const databases = await pairDatabases('postgres')
  try {
    for (const pair of fc.sample(arbitraryPair, { numRuns: options.pairs, seed: options.seed })) {
      const before = summary.failures.length
      await checkOne(pair, databases, options, summary)
      for (const text of summary.failures.slice(before)) options.onFailure?.(text)
    }
  } finally {
    await databases.close()
  }
  return summary
}

async function open(databases: PairDatabases, side: 'live' | 'wanted', model: Model): Promise<DataSource | undefined> {
  let dataSource: DataSource | undefined
  try {
    dataSource = await databases.open(side, makeClasses(entitiesOf(model, 'postgres')))
    await synchronize(dataSource, postgres)
    return dataSource
  } catch {
    await dataSource?.destroy()
    return undefined
  } finally {
    forgetClasses()
  }
}

async function checkOne(
  pair: ModelPair,
  databases: PairDatabases,
  options: SearchOptions,
  summary: SearchSummary,
): Promise<void> {
  const live = await open(databases, 'live', pair.from)
  const wanted = live === undefined ? undefined : await open(databases, 'wanted', pair.to)
  try {
    if (live === undefined || wanted === undefined) {
      summary.skipped += 1
      return
    }
    const runner = live.createQueryRunner()
    try {
      await new KeptCheck(runner, wanted, pair.seed, options, summary).run()
    } finally {
      await runner.release()
    }
  } finally {
    await live?.destroy()
    await wanted?.destroy()
  }
}

class KeptCheck {
  constructor(
    readonly runner: QueryRunner,
    readonly wanted: DataSource,
    readonly seed: number,
    readonly options: SearchOptions,
    readonly summary: SearchSummary,
  ) {}

  async run(): Promise<void> {
    const { runner, wanted, summary } = this
    const from = await this.#read()
    const wish = withCountedExtensions(await postgres.introspection.read(wanted, { ignoreTables }))
    const { answers } = await answerRenames([{ dialect: postgres, from, to: wish }], {
      askRename: () => Promise.resolve(null),
    })
    const diff = diffOf({ dialect: postgres, from, to: wish }, answers)
    const operations = diff.operations.filter(({ op }) => op !== 'dropExtension')
    if (operations.length === 0) {
      summary.skipped += 1
      return
    }
    const { to } = diff
    const { up, down } = statementsOf({ dialect: postgres, operations, from, to })
    const texts = { up: up.map(({ sql }) => sql), down: down.map(({ sql }) => sql) }
    const losses = operations.flatMap(lossesOf).map(({ text, table }) => ({ text, table: table ?? '*' }))
    const revision = new KeptRevision(runner, texts, losses)
    const fail = (what: string, details: readonly string[]): void => {
      summary.failures.push(
        [
          `${what} (seed ${String(this.options.seed)}, rows ${String(this.seed)})`,
          ...details.slice(0, 10),
          '--- operations',
          ...operations.map(describeOperation),
          '--- up',
          ...texts.up,
          '--- down',
          ...texts.down,
          ...(revision.warnings.length === 0 ? [] : ['--- warnings', ...revision.warnings]),
        ].join('\n'),
      )
    }
    await this.#fill(from, this.seed)
    const rows = await snapshot(postgres, runner, from)
    const wasCatalog = await catalog('postgres', runner)
    try {
      await revision.up()
    } catch (error) {
      if (isAboutRows(error)) summary.skipped += 1
      else fail('up does not run', [String(error)])
      return
    }
    const upgraded = this.#differences(await this.#read(), to)
    if (upgraded.length > 0) fail('up gives another schema', upgraded)
    const entries = (await revision.entries()).length
    if (entries === 0) {
      summary.skipped += 1
      return
    }
    const deletes = this.seed % 3 === 0
    const { id, inserted } = deletes
      ? { id: '', inserted: await this.#delete(to) }
      : await this.#write(to, this.seed + 7)
    try {
      await revision.down()
    } catch (error) {
      if (!isAboutRows(error) && !isAludelError(error, 'ALUDEL_GIVE_BACK')) {
        fail('down does not run', [String(error), (error as Error).stack ?? ''])
        return
      }
      summary.refused += 1
      if (deletes) return
      await this.#remove(to, id)
      inserted.clear()
      try {
        await revision.down()
      } catch (again) {
        fail('down does not run without what was written', [String(error), String(again), (again as Error).stack ?? ''])
        return
      }
    }
    const undone = this.#differences(await this.#read(), from)
    if (undone.length > 0) fail('down gives another schema', undone)
    else {
      const unseen = catalogDifferences(await catalog('postgres', runner), wasCatalog)
      if (unseen.length > 0) fail('down gives another schema, unseen', unseen)
    }
    const followed = revision.warnings.filter((warning) => warning.includes('was deleted since'))
    if (revision.warnings.length > (deletes ? followed.length : 0)) fail('down warns', revision.warnings)
    const now = await snapshot(postgres, runner, from)
    // What was deleted stays away, and everything else is as it was; references to deleted rows may have been cleared.
    const lost = !deletes
      ? missing(from, rows, now, inserted)
      : followed.length > 0
        ? []
        : [...missing(from, now, rows, new Map()), ...miscounted(from, now, rows, inserted)]
    if (lost.length > 0) fail('rows are lost', lost)
    summary.kept += 1
    summary.rows += [...rows.values()].reduce((sum, list) => sum + list.length, 0)
    await this.#prune(revision, fail)
  }

  async #prune(revision: KeptRevision, fail: (what: string, details: readonly string[]) => void): Promise<void> {
    const { runner, wanted } = this
    try {
      await revision.up()
    } catch (error) {
      if (!isAboutRows(error)) fail('up does not run again', [String(error)])
      return
    }
    await revision.prune()
    const unseen = catalogDifferences(await catalog('postgres', runner), await catalog('postgres', wanted))
    if (unseen.length > 0) fail('a prune leaves something else than a plain upgrade', unseen)
  }

  async #read(): Promise<Schema> {
    return withCountedExtensions(await postgres.introspection.read(this.runner, { ignoreTables }))
  }

  #differences(now: Schema, goal: Schema): readonly string[] {
    return planChanges(withoutExtraExtensions(now, goal), goal).operations.map(describeOperation)
  }

  async #fill(schema: Schema, seed: number): Promise<void> {
    await this.runner.startTransaction()
    for (let round = 0; round < this.options.rounds; round += 1)
      await fillTables(postgres, this.runner, schema, seed + round * 13)
    await this.runner.commitTransaction()
  }

  /** Rows of an application; the number of its transaction is how they are found again. */
  async #write(schema: Schema, seed: number): Promise<{ readonly id: string; readonly inserted: Map<string, number> }> {
    const { runner } = this
    const count = async (): Promise<Map<string, number>> => {
      const counts = new Map<string, number>()
      for (const table of schema.tables) {
        const [row] = (await runner.query(`SELECT count(*)::int AS n FROM ${qualified(postgres, table)}`)) as {
          n: number
        }[]
        counts.set(keyOf(table), row?.n ?? 0)
      }
      return counts
    }
    const before = await count()
    const [last] = (await runner.query('SELECT pg_current_xact_id()::text AS id')) as { id: string }[]
    await this.#fill(schema, seed)
    const after = await count()
    return {
      id: last?.id ?? '',
      inserted: new Map([...after].map(([table, n]) => [table, n - (before.get(table) ?? 0)])),
    }
  }

  /** Deletes some rows, and returns how many each table has left. */
  async #delete(schema: Schema): Promise<Map<string, number>> {
    const { runner } = this
    const left = new Map<string, number>()
    for (const table of schema.tables) {
      const name = qualified(postgres, table)
      await runner
        .query(`DELETE FROM ${name} WHERE hashtext(ctid::text || '${String(this.seed)}') % 3 = 0`)
        .catch(() => undefined)
    }
    for (const table of schema.tables) {
      const [row] = (await runner.query(`SELECT count(*)::int AS n FROM ${qualified(postgres, table)}`)) as {
        n: number
      }[]
      left.set(keyOf(table), row?.n ?? 0)
    }
    return left
  }

  async #remove(schema: Schema, id: string): Promise<void> {
    const { runner } = this
    await runner.query('SET session_replication_role = replica')
    for (const table of schema.tables)
      await runner.query(`DELETE FROM ${qualified(postgres, table)} WHERE xmin::text::bigint > ${id}`)
    await runner.query('SET session_replication_role = origin')
  }
}

function missing(
  schema: Schema,
  was: Snapshot,
  is: Snapshot,
  inserted: ReadonlyMap<string, number>,
): readonly string[] {
  return schema.tables.flatMap((table) => {
    const key = keyOf(table)
    const generated = table.columns.flatMap((column, at) => (column.generated === undefined ? [] : [at]))
    const spell = (row: readonly unknown[]): string => JSON.stringify(row.filter((_, at) => !generated.includes(at)))
    const left = (is.get(key) ?? []).map(spell)
    const lost = (was.get(key) ?? []).map(spell).filter((row) => {
      const at = left.indexOf(row)
      if (at >= 0) left.splice(at, 1)
      return at < 0
    })
    const name = displayName(table)
    const news = inserted.get(key) ?? 0
    return [
      ...lost.map((row) => `${name} had ${row}; others are ${left.join(' ').slice(0, 1000)}`),
      ...(lost.length === 0 && left.length < news
        ? [`${name} has ${String(left.length)} of ${String(news)} new rows`]
        : []),
    ]
  })
}

/** @param left numbers of rows after deletes; a table without one was away meanwhile */
function miscounted(
  schema: Schema,
  now: Snapshot,
  was: Snapshot,
  left: ReadonlyMap<string, number>,
): readonly string[] {
  return schema.tables.flatMap((table) => {
    const key = keyOf(table)
    const [is, should] = [now.get(key)?.length ?? 0, left.get(key) ?? was.get(key)?.length ?? 0]
    return is === should ? [] : [`${displayName(table)} has ${String(is)} rows instead of ${String(should)}`]
  })
}

function isAboutRows(error: unknown): boolean {
  const { driverError, code } = error as { readonly driverError?: { readonly code?: unknown }; readonly code?: unknown }
  const state = driverError?.code ?? code
  return typeof state === 'string' && /^2[23]...$/.test(state)
}
