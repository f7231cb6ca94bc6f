import { AludelError, isAludelError } from '../../../errors'
import { sqliteEffects, type SqliteEffectsReader } from '../../../sql/sqlite/effects'
import type { Whereabouts } from '../../../sql/sqlite/tables'
import { fold } from '../../../sql/sqlite/tokens'
import type { KeepingSession, KeepingStep, KeptEntry } from '../../roles/keeping'
import type { StatementWatch } from '../../roles/running'
import { errorText, isBusy } from '../errors'
import { quote, quoteText } from '../quote'
import { type CatalogObject, columnsOf, numberOf, objectExists, objectsOf, storedColumns, tableNamed } from './catalog'
import { addedColumn, defaultExpression, fill, type Filling, readCopying } from './copying'
import { keptColumns } from './definitions'
import {
  type ColumnEntry,
  columnEntry,
  countSince,
  definitionsOf,
  indexKept,
  isTable,
  keysAfter,
  keysBefore,
  obstacleTo,
  unchanged,
} from './entries'
import { withoutKeptRows } from './guards'
import { followDeletes } from './references'
import { differs, joined } from './values'

/**
 * Gives back, on SQLite, what the upgrade of a revision has set aside.
 *
 * Values find their rows by the key. Those of rows that were changed since are left out before the first statement. A statement that
 * copies a table brings the values along: the new table may not take a row without them. So does a column as soon as it is added.
 * After the last statement, everything is put in place once more, because a statement of the revision may have filled the column with
 * something else; whole tables get the rows whose key they do not have.
 */
export class GiveBack implements StatementWatch {
  #begun: Promise<void> | undefined
  #reader: SqliteEffectsReader | undefined
  readonly #columns: readonly ColumnEntry[]
  readonly #tables: readonly KeptEntry[]

  constructor(
    private readonly session: KeepingSession,
    private readonly step: KeepingStep,
    entries: readonly KeptEntry[],
  ) {
    this.#columns = entries.flatMap((entry) => columnEntry(entry) ?? [])
    this.#tables = entries.filter(isTable)
  }

  before(sql?: string): Promise<void> | undefined {
    this.#begun ??= this.#begin()
    const added = sql === undefined ? undefined : addedColumn(sql)
    if (added === undefined || !this.#isKept(added.column)) return this.#begun
    // The rows have only the default until their values are given back, and a CHECK may refuse that.
    return this.#begun.then(async () => {
      await this.session.database.query('PRAGMA ignore_check_constraints = ON')
    })
  }

  async #begin(): Promise<void> {
    const { database } = this.session
    const columns = await storedColumns(database)
    this.#reader = sqliteEffects((name) => columns.get(name))
    for (const one of this.#columns) {
      const obstacle = await obstacleTo(database, one)
      if (obstacle !== undefined)
        throw this.#refused(
          one.entry,
          0,
          `what is kept of ${nameOf(one.entry)} has no place: ${obstacle.message}`,
          obstacle.help,
        )
      await indexKept(database, one)
      await this.#refuseGaps(one)
      if (one.converted === undefined) continue
      await database.query(
        `DELETE FROM main.${quote(one.entry.place)} AS k WHERE NOT EXISTS (SELECT 1 FROM main.${quote(one.table)} AS t WHERE ${unchanged(one)})`,
      )
    }
  }

  /** Rows that were inserted since, and that the column as it was cannot take. */
  async #refuseGaps(one: ColumnEntry): Promise<void> {
    if (!needsValue(one, this.step)) return
    const rows = await countSince(this.session.database, one)
    if (rows > 0) throw this.#refused(one.entry, rows, ...gapText(one, rows))
  }

  instead(sql: string): Promise<string> | undefined {
    if (this.#columns.length === 0) return undefined
    const guard = withoutKeptRows(sql, this.#columns)
    if (guard !== undefined) return Promise.resolve(guard)
    const copying = readCopying(sql)
    if (copying === undefined) return undefined
    const from = this.#whereabouts().filter(({ table }) => table === fold(copying.source))
    const here = this.#columns.flatMap((one) => {
      const found = from.find(({ origin }) => fold(origin) === fold(one.table))
      return found === undefined ? [] : [{ one, columns: found.columns }]
    })
    if (here.length === 0) return undefined
    return this.#filled(copying, here)
  }

  #whereabouts(): readonly Whereabouts[] {
    return this.#reader?.whereabouts(this.#columns.map(({ table }) => table)) ?? []
  }

  async #filled(
    copying: NonNullable<ReturnType<typeof readCopying>>,
    here: readonly { readonly one: ColumnEntry; readonly columns: ReadonlyMap<string, string> }[],
  ): Promise<string> {
    const targets = (await columnsOf(this.session.database, copying.target)).filter(({ isGenerated }) => !isGenerated)
    const fillings = here.flatMap(({ one, columns }): Filling[] => {
      const target = targets.find(({ name }) => fold(name) === fold(one.column))
      const key = one.key.map((name) => columns.get(fold(name)))
      if (target === undefined || !key.every((name) => name !== undefined)) return []
      const match = joined(quote(copying.qualifier), key, 'aludel_k', keysAfter(one))
      const kept = `FROM main.${quote(one.entry.place)} AS aludel_k WHERE ${match}`
      const otherwise = defaultExpression(target.default, quoteText)
      return [
        {
          column: target.name,
          expression: (given = otherwise) =>
            `CASE WHEN EXISTS (SELECT 1 ${kept}) THEN (SELECT aludel_k.${quote(keptColumns.old)} ${kept}) ELSE ${given} END`,
        },
      ]
    })
    const names = targets.map(({ name }) => name)
    return fill(copying, names, fillings, quote) ?? copying.sql
  }

  after(sql: string): Promise<void> | undefined {
    this.#reader?.read(sql)
    const added = addedColumn(sql)
    return added === undefined || !this.#isKept(added.column) ? undefined : this.#fillAdded(added.table, added.column)
  }

  failed(sql: string): Promise<void> | undefined {
    const added = addedColumn(sql)
    return added === undefined || !this.#isKept(added.column) ? undefined : this.#checkAgain()
  }

  async #checkAgain(): Promise<void> {
    await this.session.database.query('PRAGMA ignore_check_constraints = OFF').catch(() => undefined)
  }

  #isKept(column: string): boolean {
    return this.#columns.some((one) => one.converted === undefined && fold(one.column) === fold(column))
  }

  /** A later statement may need the values: one that makes the column NOT NULL. */
  async #fillAdded(table: string, column: string): Promise<void> {
    await this.#checkAgain()
    const here = this.#whereabouts().filter((one) => one.table === fold(table))
    for (const one of this.#columns) {
      const found = here.find(({ origin }) => fold(origin) === fold(one.table))
      const key = one.key.map((name) => found?.columns.get(fold(name)))
      if (fold(one.column) !== fold(column) || !key.every((name) => name !== undefined)) continue
      await this.#withoutTriggers([table], () =>
        this.#change(one.entry, update(table, column, one, joined('t', key, 'k', keysAfter(one)))),
      )
      // SQLite checks what is written: the default of the rows that were inserted since, too.
      const isThere = `SELECT 1 FROM main.${quote(one.entry.place)} AS k WHERE ${joined('t', key, 'k', keysAfter(one))}`
      await this.#withoutTriggers([table], () =>
        this.#change(
          one.entry,
          `UPDATE main.${quote(table)} AS t SET ${quote(column)} = ${quote(column)} WHERE NOT EXISTS (${isThere})`,
        ),
      )
    }
  }

  async finish(): Promise<void> {
    await this.before()
    const { database, shelf } = this.session
    const names = [
      ...new Set([...this.#columns.map(({ entry }) => entry.table), ...this.#tables.map(({ table }) => table)]),
    ]
    const tables = (await Promise.all(names.map((name) => tableNamed(database, name)))).flatMap((name) => name ?? [])
    await this.#withoutTriggers(tables, async () => {
      for (const entry of this.#tables) await this.#giveTable(entry)
      // A key that has its old values again is what the others are found by.
      const keys = (one: ColumnEntry): number => (one.entry.key.some((name) => fold(name) === fold(one.column)) ? 0 : 1)
      for (const one of [...this.#columns].sort((a, b) => keys(a) - keys(b))) await this.#giveColumn(one)
      await followDeletes(this.session, this.#tables, this.#columns)
    })
    await this.#restoreObjects()
    for (const { id, place } of [...this.#tables, ...this.#columns.map(({ entry }) => entry)]) {
      await database.query(`DROP TABLE main.${quote(place)}`)
      await shelf.remove(id)
    }
  }

  async #giveTable(entry: KeptEntry): Promise<void> {
    const { database, progress } = this.session
    const { columns = [], sequence } = definitionsOf(entry)
    const table = await this.#tableFor(entry)
    const live = await columnsOf(database, table)
    const common = columns.filter((name) => live.some((one) => !one.isGenerated && fold(one.name) === fold(name)))
    if (common.length < columns.length && entry.rows > 0) {
      const missing = columns.filter((name) => !common.includes(name))
      this.session.warn(
        `what table ${table} had in ${missing.join(', ')} is not given back: the downgrade does not create ${missing.length === 1 ? 'this column' : 'these columns'}`,
      )
    }
    if (entry.rows >= 100_000) progress(`giving back ${String(entry.rows)} rows of ${table}`)
    const list = (alias: string): string => common.map((name) => `${alias}${quote(name)}`).join(', ')
    const key = entry.key.filter((name) => common.includes(name))
    const isKeyed = key.length > 0 && key.length === entry.key.length
    const where = isKeyed
      ? ` WHERE NOT EXISTS (SELECT 1 FROM main.${quote(table)} AS t WHERE ${joined('t', key, 'k', key)})`
      : ''
    if (common.length > 0) {
      await this.#change(
        entry,
        `INSERT INTO main.${quote(table)} (${list('')}) SELECT ${list('k.')} FROM main.${quote(entry.place)} AS k${where}`,
      )
    }
    if (sequence !== undefined) await this.#advance(table, sequence)
  }

  /** No number is given twice: the counter continues after the highest that was ever given. */
  async #advance(table: string, sequence: number): Promise<void> {
    const { database } = this.session
    const name = quoteText(table)
    const counted = await numberOf(database, `SELECT count(*) FROM main.sqlite_sequence WHERE name = ${name}`)
    if (counted > 0) {
      await database.query(`UPDATE main.sqlite_sequence SET seq = max(seq, ${String(sequence)}) WHERE name = ${name}`)
      return
    }
    const definition = (await database.query(
      `SELECT sql FROM main.sqlite_master WHERE type = 'table' AND name = ${name}`,
    )) as { sql: string }[]
    if (/\bAUTOINCREMENT\b/i.test(definition[0]?.sql ?? ''))
      await database.query(`INSERT INTO main.sqlite_sequence (name, seq) VALUES (${name}, ${String(sequence)})`)
  }

  async #giveColumn(one: ColumnEntry): Promise<void> {
    const { entry } = one
    const { database } = this.session
    const table = await this.#tableFor(entry)
    const columns = await columnsOf(database, table)
    const column = columns.find(({ name }) => fold(name) === fold(one.column))
    if (column === undefined || column.isGenerated) {
      throw this.#refused(
        entry,
        entry.rows,
        `the values of ${nameOf(entry)} have no place: the downgrade does not create the column`,
        `Change the downgrade, or give them up: aludel migrate kept prune --revision ${entry.revision}`,
      )
    }
    const missing = entry.key.find((name) => !columns.some((other) => fold(other.name) === fold(name)))
    if (missing !== undefined) {
      throw this.#refused(
        entry,
        entry.rows,
        `the values of ${nameOf(entry)} do not find their rows: the downgrade does not create ${table}.${missing}`,
        `Change the downgrade, or give them up: aludel migrate kept prune --revision ${entry.revision}`,
      )
    }
    await this.#change(entry, update(table, column.name, one, joined('t', entry.key, 'k', keysBefore(one))))
    if (!one.isMoved || !entry.key.some((name) => fold(name) === fold(one.column))) return
    // The statements of the revision have not brought the old key along.
    const isThere = `EXISTS (SELECT 1 FROM main.${quote(table)} AS o WHERE ${joined('o', entry.key, 'k', keysBefore(one))})`
    await this.#change(
      entry,
      update(table, column.name, one, `${joined('t', entry.key, 'k', keysAfter(one))} AND NOT ${isThere}`),
    )
  }

  async #tableFor(entry: KeptEntry): Promise<string> {
    const table = await tableNamed(this.session.database, entry.table)
    if (table !== undefined) return table
    throw this.#refused(
      entry,
      entry.rows,
      `what is kept of ${nameOf(entry)} has no place: the downgrade does not create the table`,
      `Change the downgrade, or give it up: aludel migrate kept prune --revision ${entry.revision}`,
    )
  }

  /** Triggers must not see what is only put back: they are dropped meanwhile, and created again as they were. */
  async #withoutTriggers(tables: readonly string[], work: () => Promise<void>): Promise<void> {
    const { database } = this.session
    const triggers: CatalogObject[] = []
    for (const table of tables)
      triggers.push(...(await objectsOf(database, table)).filter(({ type }) => type === 'trigger'))
    for (const { name } of triggers) await database.query(`DROP TRIGGER main.${quote(name)}`)
    await work()
    for (const { sql } of triggers) await database.query(sql)
  }

  /** Indexes and triggers that no statement of the downgrade has created. */
  async #restoreObjects(): Promise<void> {
    const { database, warn } = this.session
    for (const entry of [...this.#tables, ...this.#columns.map((one) => one.entry)]) {
      for (const { type, name, sql } of definitionsOf(entry).objects ?? []) {
        if (await objectExists(database, type, name)) continue
        try {
          await database.query(sql)
        } catch (error) {
          if (isBusy(error)) throw error
          warn(`${type} ${name} on ${entry.table} was not created again: ${errorText(error)}. It was: ${sql}`)
        }
      }
    }
  }

  async #change(entry: KeptEntry, sql: string): Promise<void> {
    try {
      await this.session.database.query(sql)
    } catch (error) {
      if (isBusy(error) || isAludelError(error) || !/constraint failed/i.test(errorText(error))) throw error
      throw this.#refused(
        entry,
        entry.rows,
        `what is kept of ${nameOf(entry)} does not fit to the rows that were written since: ${errorText(error)}`,
        'Change or delete the rows that are in the way, then run again.',
        error,
      )
    }
  }

  #refused(entry: KeptEntry, rows: number, message: string, help: string, cause?: unknown): AludelError {
    const { table, column } = entry
    return new AludelError('ALUDEL_GIVE_BACK', message, {
      help,
      details: { revision: this.step.revision.id, table, column, rows },
      ...(cause === undefined ? {} : { cause }),
    })
  }
}

/** `users`, `users.name`. */
function nameOf({ table, column }: KeptEntry): string {
  return column === null ? `table ${table}` : `${table}.${column}`
}

function update(table: string, column: string, one: ColumnEntry, match: string): string {
  const old = `k.${quote(keptColumns.old)}`
  return (
    `UPDATE main.${quote(table)} AS t SET ${quote(column)} = ${old} FROM main.${quote(one.entry.place)} AS k ` +
    `WHERE ${match} AND ${differs(`t.${quote(column)}`, old)}`
  )
}

/** Whether rows that were inserted since find no value for the column. */
export function needsValue(one: ColumnEntry, { statements }: KeepingStep): boolean {
  if (!one.wasNotNull || one.default !== null || one.converted !== undefined) return false
  // Statements that are known only when they run may fill the column: the database refuses them if they do not.
  return statements !== null && !statements.some((sql) => fillsColumn(sql, one.column))
}

/** Whether a statement gives values to the column: of rows that have none, it must be the revision that knows them. */
function fillsColumn(sql: string, column: string): boolean {
  const copying = readCopying(sql)
  if (copying !== undefined) return copying.columns?.some((name) => fold(name) === fold(column)) === true
  return /^\s*update\b/i.test(sql) && fold(sql).includes(fold(column))
}

/** Message and help for rows that would have no value. */
export function gapText(one: ColumnEntry, rows: number): readonly [message: string, help: string] {
  const what = rows === 1 ? '1 row' : `${String(rows)} rows`
  return [
    `${what} of ${one.table} ${rows === 1 ? 'was' : 'were'} inserted since ${one.column} was dropped, and it is NOT NULL and has no default`,
    'Delete these rows, or let the downgrade give them a value: a default, or an expression in the statement that fills the new table.',
  ]
}
