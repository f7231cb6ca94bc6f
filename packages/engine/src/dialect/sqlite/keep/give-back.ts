import { sqliteEffects, type SqliteEffectsReader } from '../../../sql/sqlite/effects'
import type { Whereabouts } from '../../../sql/sqlite/tables'
import { fold } from '../../../sql/sqlite/tokens'
import { cannotGiveBack, clash, nameOfKept, onlyColumn } from '../../kept-errors'
import type { KeepingSession, KeepingStep, KeptEntry, Obstacle } from '../../roles/keeping'
import type { StatementWatch } from '../../roles/running'
import { errorText, isBusy } from '../errors'
import { quote } from '../quote'
import { columnsOf, objectExists, storedColumns, tableNamed } from './catalog'
import { addedColumn, readCopying } from './copying'
import {
  type ColumnEntry,
  columnEntry,
  countSince,
  definitionsOf,
  indexKept,
  isTable,
  obstacleTo,
  unchanged,
} from './entries'
import { fillKept, type KeptHere } from './filling'
import { gapOf, needsValue } from './gaps'
import { Giving } from './giving'
import { withoutKeptRows } from './guards'
import { followDeletes } from './references'
import { clashAfter, foreseeClash } from './unique-keys'

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
  /** What was sent for the last statement. */
  #sent = ''
  readonly #columns: readonly ColumnEntry[]
  readonly #tables: readonly KeptEntry[]
  readonly #giving: Giving

  constructor(
    private readonly session: KeepingSession,
    private readonly step: KeepingStep,
    entries: readonly KeptEntry[],
  ) {
    this.#columns = entries.flatMap((entry) => columnEntry(entry) ?? [])
    this.#tables = entries.filter(isTable)
    this.#giving = new Giving(session, step.revision.id)
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
      if (obstacle !== undefined) {
        const message = `what is kept of ${nameOfKept(one.entry)} has no place: ${obstacle.message}`
        throw this.#refused(one.entry, { ...obstacle, message })
      }
      await indexKept(database, one)
      await this.#refuseRows(one)
      if (one.converted === undefined) continue
      await database.query(
        `DELETE FROM main.${quote(one.entry.place)} AS k WHERE NOT EXISTS (SELECT 1 FROM main.${quote(one.table)} AS t WHERE ${unchanged(one)})`,
      )
    }
  }

  /** Rows that the column as it was cannot take: those that were inserted since and have no value, or one that another row has. */
  async #refuseRows(one: ColumnEntry): Promise<void> {
    const { database } = this.session
    if (needsValue(one, this.step)) {
      const rows = await countSince(database, one)
      if (rows > 0) throw this.#refused(one.entry, gapOf(one, rows))
    }
    const found = await foreseeClash(database, this.step, one, this.#columns)
    if (found !== undefined) throw this.#refused(one.entry, clash(found, true))
  }

  instead(sql: string): Promise<string> | undefined {
    this.#sent = sql
    if (this.#columns.length === 0) return undefined
    const guard = withoutKeptRows(sql, this.#columns)
    if (guard !== undefined) return Promise.resolve(guard)
    const copying = readCopying(sql)
    if (copying === undefined) return undefined
    const from = this.#whereabouts().filter(({ table }) => table === fold(copying.source))
    const here = this.#columns.flatMap((one): KeptHere[] => {
      const found = from.find(({ origin }) => fold(origin) === fold(one.table))
      return found === undefined ? [] : [{ one, columns: found.columns }]
    })
    if (here.length === 0) return undefined
    return columnsOf(this.session.database, copying.target).then(
      (targets) => (this.#sent = fillKept(copying, targets, here)),
    )
  }

  #whereabouts(): readonly Whereabouts[] {
    return this.#reader?.whereabouts(this.#columns.map(({ table }) => table)) ?? []
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

  async explain(_sql: string, cause: unknown): Promise<unknown> {
    const found = await clashAfter(this.session.database, this.#sent, errorText(cause), {
      entries: this.#columns,
      whereabouts: this.#whereabouts(),
    })
    if (found === undefined) return undefined
    const { table, columns } = found
    const revision = this.step.revision.id
    return cannotGiveBack({ revision, table, column: onlyColumn(columns), ...clash(found), cause })
  }

  async #checkAgain(): Promise<void> {
    await this.session.database.query('PRAGMA ignore_check_constraints = OFF').catch(() => undefined)
  }

  #isKept(column: string): boolean {
    return this.#columns.some((one) => one.converted === undefined && fold(one.column) === fold(column))
  }

  async #fillAdded(table: string, column: string): Promise<void> {
    await this.#checkAgain()
    const here = this.#whereabouts().filter((one) => one.table === fold(table))
    for (const one of this.#columns) {
      const found = here.find(({ origin }) => fold(origin) === fold(one.table))
      const key = one.key.map((name) => found?.columns.get(fold(name)))
      if (fold(one.column) !== fold(column) || !key.every((name) => name !== undefined)) continue
      await this.#giving.giveAdded(one, table, column, key)
    }
  }

  async finish(): Promise<void> {
    await this.before()
    const { database, shelf } = this.session
    const names = [
      ...new Set([...this.#columns.map(({ entry }) => entry.table), ...this.#tables.map(({ table }) => table)]),
    ]
    const tables = (await Promise.all(names.map((name) => tableNamed(database, name)))).flatMap((name) => name ?? [])
    await this.#giving.withoutTriggers(tables, async () => {
      for (const entry of this.#tables) await this.#giving.giveTable(entry)
      // A key that has its old values again is what the others are found by.
      const keys = (one: ColumnEntry): number => (one.entry.key.some((name) => fold(name) === fold(one.column)) ? 0 : 1)
      for (const one of [...this.#columns].sort((a, b) => keys(a) - keys(b))) await this.#giving.giveColumn(one)
      await followDeletes(this.session, this.#tables, this.#columns)
    })
    await this.#restoreObjects()
    for (const { id, place } of [...this.#tables, ...this.#columns.map(({ entry }) => entry)]) {
      await database.query(`DROP TABLE main.${quote(place)}`)
      await shelf.remove(id)
    }
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

  #refused({ table, column }: KeptEntry, obstacle: Obstacle): Error {
    return cannotGiveBack({ revision: this.step.revision.id, table, column, ...obstacle })
  }
}
