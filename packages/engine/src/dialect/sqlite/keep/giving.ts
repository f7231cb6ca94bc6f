import { isAludelError } from '../../../errors'
import { fold } from '../../../sql/sqlite/tokens'
import { cannotGiveBack, nameOfKept } from '../../kept-errors'
import type { KeepingSession, KeptEntry } from '../../roles/keeping'
import { errorText, isBusy } from '../errors'
import { quote, quoteText } from '../quote'
import { type CatalogObject, columnsOf, numberOf, objectsOf, tableNamed } from './catalog'
import { keptColumns } from './definitions'
import { type ColumnEntry, definitionsOf, keysAfter, keysBefore } from './entries'
import { differs, joined } from './values'

/** Puts what one upgrade has set aside into tables that its downgrade has created. */
export class Giving {
  constructor(
    private readonly session: KeepingSession,
    private readonly revision: string,
  ) {}

  /** Puts the rows of a kept table into the one of its name: those whose key the downgrade has not inserted. */
  async giveTable(entry: KeptEntry): Promise<void> {
    const { progress, warn } = this.session
    const { columns = [], sequence } = definitionsOf(entry)
    const table = await this.#tableFor(entry)
    const live = await columnsOf(this.session.database, table)
    const common = columns.filter((name) => live.some((one) => !one.isGenerated && fold(one.name) === fold(name)))
    if (common.length < columns.length && entry.rows > 0) {
      const missing = columns.filter((name) => !common.includes(name))
      warn(
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

  /** Puts the values of a column in place, whatever statements of the downgrade have put there. */
  async giveColumn(one: ColumnEntry): Promise<void> {
    const { entry } = one
    const { database } = this.session
    const table = await this.#tableFor(entry)
    const columns = await columnsOf(database, table)
    const column = columns.find(({ name }) => fold(name) === fold(one.column))
    if (column === undefined || column.isGenerated) {
      throw this.#homeless(
        entry,
        `the values of ${nameOfKept(entry)} have no place: the downgrade does not create the column`,
      )
    }
    const missing = entry.key.find((name) => !columns.some((other) => fold(other.name) === fold(name)))
    if (missing !== undefined) {
      throw this.#homeless(
        entry,
        `the values of ${nameOfKept(entry)} do not find their rows: the downgrade does not create ${table}.${missing}`,
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

  /**
   * Gives a column its values as soon as it was added: a later statement may need them, one that makes the column NOT NULL.
   *
   * @param key the columns by which rows find their values, as they are named now
   */
  async giveAdded(one: ColumnEntry, table: string, column: string, key: readonly string[]): Promise<void> {
    const match = joined('t', key, 'k', keysAfter(one))
    await this.withoutTriggers([table], async () => {
      await this.#change(one.entry, update(table, column, one, match))
      // SQLite checks what is written: the default of the rows that were inserted since, too.
      await this.#change(
        one.entry,
        `UPDATE main.${quote(table)} AS t SET ${quote(column)} = ${quote(column)} WHERE NOT EXISTS (SELECT 1 FROM main.${quote(one.entry.place)} AS k WHERE ${match})`,
      )
    })
  }

  async #tableFor(entry: KeptEntry): Promise<string> {
    const table = await tableNamed(this.session.database, entry.table)
    if (table !== undefined) return table
    throw this.#homeless(
      entry,
      `what is kept of ${nameOfKept(entry)} has no place: the downgrade does not create the table`,
    )
  }

  #homeless({ table, column, rows, revision }: KeptEntry, message: string): Error {
    const help = `Change the downgrade, or give it up: aludel migrate kept prune --revision ${revision}`
    return cannotGiveBack({ revision: this.revision, table, column, rows, message, help })
  }

  /** Triggers must not see what is only put back: they are dropped meanwhile, and created again as they were. */
  async withoutTriggers(tables: readonly string[], work: () => Promise<void>): Promise<void> {
    const { database } = this.session
    const triggers: CatalogObject[] = []
    for (const table of tables)
      triggers.push(...(await objectsOf(database, table)).filter(({ type }) => type === 'trigger'))
    for (const { name } of triggers) await database.query(`DROP TRIGGER main.${quote(name)}`)
    await work()
    for (const { sql } of triggers) await database.query(sql)
  }

  async #change(entry: KeptEntry, sql: string): Promise<void> {
    try {
      await this.session.database.query(sql)
    } catch (cause) {
      if (isBusy(cause) || isAludelError(cause) || !/constraint failed/i.test(errorText(cause))) throw cause
      const { table, column, rows } = entry
      const message = `what is kept of ${nameOfKept(entry)} does not fit the rows that were written since: ${errorText(cause)}`
      const help = 'Change or delete the rows that are in the way, then run again.'
      throw cannotGiveBack({ revision: this.revision, table, column, rows, message, help, cause })
    }
  }
}

function update(table: string, column: string, one: ColumnEntry, match: string): string {
  const old = `k.${quote(keptColumns.old)}`
  return (
    `UPDATE main.${quote(table)} AS t SET ${quote(column)} = ${old} FROM main.${quote(one.entry.place)} AS k ` +
    `WHERE ${match} AND ${differs(`t.${quote(column)}`, old)}`
  )
}
