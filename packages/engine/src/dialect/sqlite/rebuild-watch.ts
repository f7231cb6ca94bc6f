import { AludelError } from '../../errors'
import type { Queryable } from '../queryable'
import type { RebuildWatch, RebuildWatchOptions, StatementWatch } from '../roles/running'
import { errorText } from './errors'
import { introspect } from './introspect'
import { findLiveOnly, type LiveOnly, tablesMadeAnew } from './live-only'
import { quote, quoteText } from './quote'
import { copyPrefix, rebuildSavepoint, rowsPrefix } from './rebuild-names'
import { tableStatement } from './table-statement'
import { fold } from '../../sql/sqlite/tokens'

/** What TypeORM calls the new table while it makes a table anew. */
const typeormPrefix = 'temporary_'

/**
 * Watches over tables that a run makes anew: each must have as many rows behind it as before. What only this database has
 * (indexes and triggers made by hand) is put back; columns that would be lost, or made up, are refused before anything changes.
 *
 * @throws AludelError `ALUDEL_DATA_LOSS` naming table and columns
 */
export async function watchRebuilds(options: RebuildWatchOptions): Promise<RebuildWatch> {
  const nothing: RebuildWatch = { step: (database) => new StepWatch(database, undefined) }
  const madeAnew = tablesMadeAnew(options.steps.map((statements) => statements ?? []))
  const unreadable = options.steps.some((statements) => statements === null)
  if (madeAnew.size === 0 && !unreadable) return nothing
  const expected = await options.expected()
  if (expected === null) return nothing
  const live = await introspect(options.database, { ignoreTables: options.ignoreTables })
  const liveOnly = findLiveOnly(live, expected)
  for (const { name } of live.tables) {
    const columns = liveOnly.columns.get(fold(name))
    if (columns !== undefined && madeAnew.has(fold(name))) throw lostColumns(name, columns)
    const missing = liveOnly.missing.get(fold(name))
    if (missing !== undefined && madeAnew.has(fold(name))) throw missingColumns(name, missing)
    const constraints = madeAnew.has(fold(name)) ? (liveOnly.constraints.get(fold(name)) ?? []) : []
    if (constraints.length > 0) {
      options.warn(
        `table ${name} is made anew as the revisions know it: this database alone has ${constraints.join(', ')}, which will be gone`,
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
        `Nothing was changed. When it is not needed: ${columns.map((name) => `ALTER TABLE ${quote(table)} DROP COLUMN ${quote(name)};`).join(' ')}`,
        'When it is, the entity must have it, and a revision before this one must add it: `aludel migrate stamp` records that one here.',
        'Then run again.',
      ].join('\n'),
      details: { table, columns },
    },
  )
}

/** SQLite takes a quoted name that no column has for a text, unless its driver is built without that: rows would get it as value. */
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

/** Something that only this database has, and that worked before the run: it must work behind it. */
interface Probe {
  readonly what: string
  readonly sql?: readonly string[]
  /** Its triggers are compiled with every statement that could fire them, without firing them. */
  readonly table?: string
}

/** The database's words; undefined when nothing fails. */
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
        `EXPLAIN INSERT INTO ${quote(table)} DEFAULT VALUES`,
        `EXPLAIN UPDATE ${quote(table)} SET ${name} = ${name}`,
        `EXPLAIN DELETE FROM ${quote(table)}`,
      ]
}

interface OwnedObject {
  readonly type: 'index' | 'trigger'
  readonly name: string
  readonly tbl_name: string
  readonly sql: string
}

/** What is watched while the statements of one revision run. */
class StepWatch implements StatementWatch {
  #inRebuild = false
  #hasRebuilt = false
  /** Rows of the tables that were dropped inside the rebuild that goes on, as they are called. */
  readonly #rows = new Map<string, number>()
  /** What went with its table and is to come back. */
  #gone: OwnedObject[] = []

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
      help: `Look whether ${original} has all its rows. When it has: DROP TABLE ${quote(table)}; when it is not there: ALTER TABLE ${quote(table)} RENAME TO ${quote(original)}. Then run again.`,
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
    this.#gone.push(...owned.filter(({ type, name }) => (type === 'index' ? indexes : triggers).has(fold(name))))
  }

  /** What was not seen in the text of the revision, because it asks the database what to do. */
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
      // The table in which the rows waited is gone.
      const after = (await this.#exists('table', table)) ? await this.#count(table) : before
      if (after !== before) {
        throw new AludelError(
          'ALUDEL_ROW_COUNT',
          `table ${table} had ${String(before)} rows and would have ${String(after)} after the rebuild`,
          {
            help: 'The statements that copy it leave rows out. What is to be deleted is deleted by a statement of its own, before the rebuild.',
            details: { table, before, after },
          },
        )
      }
    }
    this.#rows.clear()
    await this.#putBack()
  }

  async #putBack(): Promise<void> {
    const gone = this.#gone
    this.#gone = []
    for (const { type, name, tbl_name: table, sql } of gone) {
      // The revision has made one of that name, or has dropped the table for good.
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
    help: 'Drop it by hand, or write it anew so that it fits what the revision makes of the table; then run again.',
    details: { object: what, database: words },
  })
}
