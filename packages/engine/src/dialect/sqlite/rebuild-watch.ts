import { AludelError } from '../../errors'
import type { Queryable } from '../queryable'
import type { RebuildWatch, RebuildWatchOptions, StatementWatch } from '../roles/running'
import { errorText } from './errors'
import { explain } from './explain'
import { introspect } from './introspect'
import { findLiveOnly, type LiveOnly, rebuiltTables } from './live-only'
import { quote, quoteText } from './quote'
import { copyPrefix, rebuildSavepoint, rowsPrefix } from '../../sql/sqlite/rebuild-names'
import { tableStatement } from './table-statement'
import { fold } from '../../sql/sqlite/tokens'

/** Before the name of the new table while TypeORM rebuilds a table. */
const typeormPrefix = 'temporary_'

/**
 * Watches the tables that a run rebuilds: each must have as many rows afterwards as before. Unmanaged indexes and triggers
 * are restored; columns that would be lost, or made up, are refused before anything changes.
 *
 * @throws AludelError `ALUDEL_DATA_LOSS` naming table and columns
 */
export async function watchRebuilds(options: RebuildWatchOptions): Promise<RebuildWatch> {
  const nothing: RebuildWatch = { step: (database) => new StepWatch(database, undefined) }
  const rebuilt = rebuiltTables(options.steps.map((statements) => statements ?? []))
  const unreadable = options.steps.some((statements) => statements === null)
  if (rebuilt.size === 0 && !unreadable) return nothing
  const expected = await options.expected()
  if (expected === null) return nothing
  const live = await introspect(options.database, { ignoreTables: options.ignoreTables })
  const liveOnly = findLiveOnly(live, expected)
  for (const { name } of live.tables) {
    const key = fold(name)
    if (!rebuilt.has(key)) continue
    const columns = liveOnly.columns.get(key)
    if (columns !== undefined) throw lostColumns(name, columns)
    const missing = liveOnly.missing.get(key)
    if (missing !== undefined) throw missingColumns(name, missing)
    const constraints = liveOnly.constraints.get(key) ?? []
    if (constraints.length > 0) {
      options.warn(
        `table ${name} is rebuilt as the revisions define it: ${constraints.join(', ')}, which only this database has, will be lost`,
      )
    }
  }
  const owners = live.tables.filter(({ triggers }) => triggers.some((one) => liveOnly.triggers.has(fold(one.name))))
  const probes = [
    ...liveOnly.views.map((name): Probe => ({ what: `view ${name}`, sql: [`SELECT * FROM ${quote(name)} LIMIT 0`] })),
    ...owners.map(({ name, triggers }): Probe => {
      const names = triggers.flatMap((one) => (liveOnly.triggers.has(fold(one.name)) ? [one.name] : []))
      return { what: `${names.length === 1 ? 'trigger' : 'triggers'} ${names.join(', ')} on ${name}`, table: name }
    }),
  ]
  const working: Probe[] = []
  for (const probe of probes) if ((await failureOf(options.database, probe)) === undefined) working.push(probe)
  return { step: (database) => new StepWatch(database, { ...liveOnly, probes: working }) }
}

function lostColumns(table: string, columns: readonly string[]): AludelError {
  const [one, many] = [columns.length === 1, columns.map((name) => `${table}.${name}`).join(', ')]
  return new AludelError(
    'ALUDEL_DATA_LOSS',
    `rebuilding table ${table} would drop ${many}, which ${one ? 'exists' : 'exist'} only in this database`,
    {
      help: [
        `Nothing was changed. If it is not needed: ${columns.map((name) => `ALTER TABLE ${quote(table)} DROP COLUMN ${quote(name)};`).join(' ')}`,
        'If it is, the entity must have it, and a revision before this one must add it: `aludel migrate stamp` records that one here.',
        'Then run again.',
      ].join('\n'),
      details: { table, columns },
    },
  )
}

/** SQLite takes a quoted name without a column for a text, unless its driver is built without that: rows would get that text. */
function missingColumns(table: string, columns: readonly string[]): AludelError {
  const many = columns.map((name) => `${table}.${name}`).join(', ')
  return new AludelError(
    'ALUDEL_DATA_LOSS',
    `rebuilding table ${table} needs ${many}, which its revisions created and this database does not have`,
    {
      help: 'Nothing was changed. `aludel migrate check --database` shows what differs; add what is missing by hand, then run again.',
      details: { table, missing: columns },
    },
  )
}

/** An unmanaged object that worked before the run: it must also work afterwards. */
interface Probe {
  readonly what: string
  readonly sql?: readonly string[]
  /** EXPLAIN of each kind of statement compiles its triggers without firing them. */
  readonly table?: string
}

/** The error text of the database; undefined if nothing fails. */
async function failureOf(database: Queryable, probe: Probe): Promise<string | undefined> {
  try {
    const statements = probe.sql ?? (await writesOn(database, probe.table ?? ''))
    for (const sql of statements) await database.query(sql)
    return undefined
  } catch (error) {
    return errorText(error)
  }
}

async function writesOn(database: Queryable, table: string): Promise<string[]> {
  const columns = (await database.query(`PRAGMA main.table_info(${quote(table)})`)) as { name: string }[]
  const name = quote(columns[0]?.name ?? '')
  return columns.length === 0
    ? []
    : [
        explain(`INSERT INTO ${quote(table)} DEFAULT VALUES`),
        explain(`UPDATE ${quote(table)} SET ${name} = ${name}`),
        explain(`DELETE FROM ${quote(table)}`),
      ]
}

interface OwnedObject {
  readonly type: 'index' | 'trigger'
  readonly name: string
  readonly tbl_name: string
  readonly sql: string
}

/** Watches the statements of one revision. */
class StepWatch implements StatementWatch {
  #inRebuild = false
  #hasRebuilt = false
  /** The number of rows of each table that was dropped inside the current rebuild, by name. */
  readonly #rows = new Map<string, number>()
  /** Unmanaged objects that were dropped with their table and must be restored. */
  #dropped: OwnedObject[] = []

  constructor(
    readonly database: Queryable,
    readonly liveOnly: (LiveOnly & { readonly probes: readonly Probe[] }) | undefined,
  ) {}

  before(sql: string): Promise<void> | undefined {
    const statement = tableStatement(sql)
    if (statement?.kind === 'create' && this.#inRebuild) return this.#refuseLeftover(statement.table)
    if (statement?.kind === 'drop') return this.#drop(statement.table)
    if (statement?.kind === 'savepoint' && statement.savepoint === rebuildSavepoint) this.#inRebuild = true
    if (statement?.kind === 'release' && statement.savepoint === rebuildSavepoint) return this.#endRebuild()
    return undefined
  }

  async finish(): Promise<void> {
    await this.#putBack()
    if (!this.#hasRebuilt) return
    for (const probe of this.liveOnly?.probes ?? []) {
      const failure = await failureOf(this.database, probe)
      if (failure !== undefined) throw broken(probe.what, failure)
    }
  }

  async #refuseLeftover(table: string): Promise<void> {
    const prefix = [copyPrefix, rowsPrefix].find((one) => table.startsWith(one))
    if (prefix === undefined || !(await this.#exists('table', table))) return
    const original = table.slice(prefix.length)
    throw new AludelError('ALUDEL_LEFTOVER', `leftover table ${table} from an interrupted rebuild of ${original}`, {
      help: `Check whether ${original} has all its rows. If it has: DROP TABLE ${quote(table)}; if it does not exist: ALTER TABLE ${quote(table)} RENAME TO ${quote(original)}. Then run again.`,
      details: { table, of: original },
    })
  }

  async #drop(table: string): Promise<void> {
    const isRebuild = this.#inRebuild || (await this.#exists('table', `${typeormPrefix}${table}`))
    if (isRebuild) {
      this.#hasRebuilt = true
      await this.#refuseLostColumns(table)
    }
    if (this.#inRebuild) this.#rows.set(table, await this.#count(table))
    if (this.liveOnly === undefined) return
    const owned = (await this.database.query(
      `SELECT type, name, tbl_name, sql FROM sqlite_master WHERE lower(tbl_name) = lower(${quoteText(table)}) AND type IN ('index', 'trigger') AND sql IS NOT NULL`,
    )) as OwnedObject[]
    const { indexes, triggers } = this.liveOnly
    this.#dropped.push(...owned.filter(({ type, name }) => (type === 'index' ? indexes : triggers).has(fold(name))))
  }

  /** For a revision whose statements could not be read from its file. */
  async #refuseLostColumns(table: string): Promise<void> {
    const unknown = this.liveOnly?.columns.get(fold(table))
    if (unknown === undefined) return
    const columns = (await this.database.query(`PRAGMA main.table_xinfo(${quote(table)})`)) as { name: string }[]
    const lost = unknown.filter((name) => columns.some((column) => column.name === name))
    if (lost.length > 0) throw lostColumns(table, lost)
  }

  async #endRebuild(): Promise<void> {
    this.#inRebuild = false
    for (const [table, before] of this.#rows) {
      // The table in which rows were set aside is dropped for good.
      const after = (await this.#exists('table', table)) ? await this.#count(table) : before
      if (after !== before) {
        throw new AludelError(
          'ALUDEL_ROW_COUNT',
          `table ${table} had ${String(before)} rows and would have ${String(after)} after the rebuild`,
          {
            help: 'The statements that copy it skip rows. To delete rows, use a separate statement before the rebuild.',
            details: { table, before, after },
          },
        )
      }
    }
    this.#rows.clear()
    await this.#putBack()
  }

  async #putBack(): Promise<void> {
    const dropped = this.#dropped
    this.#dropped = []
    for (const { type, name, tbl_name: table, sql } of dropped) {
      // The revision has created one of that name, or has dropped the table for good.
      if ((await this.#exists(type, name)) || !(await this.#exists('table', table))) continue
      try {
        await this.database.query(sql)
      } catch (error) {
        throw broken(`${type} ${name} on ${table}`, errorText(error))
      }
    }
  }

  async #exists(type: string, name: string): Promise<boolean> {
    const rows = (await this.database.query(
      `SELECT 1 FROM sqlite_master WHERE type = ${quoteText(type)} AND lower(name) = lower(${quoteText(name)})`,
    )) as unknown[]
    return rows.length > 0
  }

  async #count(table: string): Promise<number> {
    const [row] = (await this.database.query(`SELECT count(*) AS n FROM main.${quote(table)}`)) as { n: number }[]
    return row?.n ?? 0
  }
}

function broken(what: string, words: string): AludelError {
  return new AludelError('ALUDEL_LIVE_ONLY', `${what}, which only this database has, would no longer work: ${words}`, {
    help: 'Drop it, or change it so that it works with the new table; then run again.',
    details: { object: what, database: words },
  })
}
