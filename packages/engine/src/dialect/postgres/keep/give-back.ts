import { AludelError } from '../../../errors'
import { displayName } from '../../../schema/schema'
import { bodiesIn, bodyOf, writtenIn } from '../../../sql/postgres/nodes'
import type { KeepingSession, KeepingStep, KeptEntry } from '../../roles/keeping'
import type { StatementWatch } from '../../roles/running'
import { addedColumns, leavesEmpty, withoutDemands, withoutGuard } from './down-statements'
import { addValueInstead } from './enum-value'
import { gapText } from './foresee'
import { definitionsOf, dropMark, findHidden, giveColumn, type Owed, protect, unprotect } from './give-column'
import { giveTable } from './give-table'
import { forgetChanged, giveValues, typedColumn, type TypedColumn, valuesOf } from './give-values'
import { keptSchema, keptTable } from './names'
import { columnsOf, countRows, findTable, tableById, type TablePlace } from './places'
import { quietly } from './quiet'
import { checkKeys, checkKept, referencesOf } from './references'
import { restore } from './restore'
import { advance } from './sequences'
import { alterTableIn, type SentStatement, statementsIn } from './statements'
import { dropUnusedTypes } from './types'

/** Statements after which an object may be there again, or that check keys. */
const mayMatter = /\b(?:create|alter|select|do|attach|insert|into|update)\b/i

/**
 * Watches a downgrade, and gives back what its upgrade has kept.
 *
 * As soon as a statement has created the table or added the column, its rows or values come back: before later statements create
 * indexes, foreign keys and triggers. Values that were converted come back when the column has its old type again. What the downgrade
 * does not create is created at its end, and what it has no place for stays kept.
 */
export class GiveBack implements StatementWatch {
  readonly #session: KeepingSession
  readonly #step: KeepingStep
  readonly #entries: readonly KeptEntry[]
  #begun: Promise<void> | undefined
  /** Entries that are still to be given back. */
  readonly #pending = new Map<number, KeptEntry>()
  /** By entry: what stood under its name at the start; another one is the one that was created for it. */
  readonly #before = new Map<number, string>()
  /** What statements demanded of columns, and were sent without. */
  readonly #owed = new Map<number, Owed>()
  /** Columns that were given back, with the oids of their tables. */
  readonly #given = new Map<KeptEntry, string>()
  /** Those of them that a statement is about to fill. */
  readonly #protected = new Map<KeptEntry, TablePlace>()
  /** Tables whose rows a statement has changed. */
  readonly #updated = new Set<string>()
  /** Names of tables into which later statements of the downgrade insert rows, and how many of them are left. */
  readonly #inserts = new Map<string, number>()
  readonly #givenTables = new Set<string>()
  readonly #givenColumns = new Set<string>()

  constructor(session: KeepingSession, step: KeepingStep, entries: readonly KeptEntry[]) {
    this.#session = session
    this.#step = step
    this.#entries = entries
    for (const entry of entries) this.#pending.set(entry.id, entry)
  }

  before(): Promise<void> | undefined {
    return (this.#begun ??= this.#begin())
  }

  instead(sql: string): Promise<string> | undefined {
    return mayMatter.test(sql) ? this.#send(sql) : undefined
  }

  after(sql: string): Promise<void> | undefined {
    const isWaiting = this.#pending.size > 0 || this.#protected.size > 0
    return isWaiting && mayMatter.test(sql) ? this.#giveDue() : undefined
  }

  async finish(): Promise<void> {
    await this.before()
    await this.#giveDue()
    await this.#giveRest()
    await this.#giveAgain()
    const given = this.#entries.filter(({ id }) => !this.#pending.has(id))
    const { database, shelf } = this.#session
    // The first entry of a statement has the definitions of all that it has dropped.
    await restore(this.#session, this.#entries.map(definitionsOf))
    for (const { kind, id } of given)
      if (kind === 'table' || kind === 'values') await database.query(`DROP TABLE IF EXISTS ${keptTable(id)}`)
    await dropUnusedTypes(database)
    // The schema may go with the last one.
    for (const { id } of given) await shelf.remove(id)
  }

  async #begin(): Promise<void> {
    for (const sql of this.#step.statements ?? []) {
      if (!/\binsert\b/i.test(sql)) continue
      for (const statement of (await statementsIn(sql)) ?? []) this.#countInsert(statement, 1)
    }
    for (const entry of this.#entries) {
      if (entry.kind === 'values') await this.#beginValues(entry)
      else this.#note(entry, await this.#identityOf(entry))
      if (entry.kind === 'column') await this.#refuseGap(entry)
    }
  }

  async #beginValues(entry: KeptEntry): Promise<void> {
    const { database } = this.#session
    const { after } = valuesOf(entry)
    const table = after === null ? undefined : await findTable(database, { schema: after.schema, name: after.table })
    if (after === null || table === undefined) return
    this.#note(entry, (await typedColumn(database, table, after.column))?.identity)
    await forgetChanged(database, entry, table)
  }

  #note(entry: KeptEntry, identity: string | undefined): void {
    if (identity !== undefined) this.#before.set(entry.id, identity)
  }

  /** Rows that were inserted since, and that the column as it was cannot take. */
  async #refuseGap(entry: KeptEntry): Promise<void> {
    const { database } = this.#session
    if (!(await leavesEmpty(this.#step.statements, entry.column ?? ''))) return
    const hidden = await findHidden(database, entry)
    if (hidden === undefined || definitionsOf(entry).column?.notNull !== true) return
    const { meet: rows } = await quietly(database, hidden.table, () => countRows(database, hidden.table, hidden.since))
    if (rows > 0) throw this.#refused(entry, rows, ...gapText(entry, rows))
  }

  /** What the name of an entry means now; undefined if nothing has it. */
  async #identityOf(entry: KeptEntry): Promise<string | undefined> {
    const { database } = this.#session
    if (entry.kind === 'column') {
      const hidden = await findHidden(database, entry)
      if (hidden === undefined || hidden.table.schema === keptSchema) return undefined
      const column = hidden.columns.find(({ name }) => name === entry.column)
      // One that is no longer computed can take values, as one that was added.
      return column === undefined ? undefined : `${hidden.table.id}.${String(column.number)}.${column.generated}`
    }
    const table = await this.#tableOf(entry)
    if (table === undefined || entry.kind !== 'values') return table?.id
    return (await this.#typed(entry, table))?.identity
  }

  /** Whether its name means something else than at the start. */
  async #isAgain(entry: KeptEntry): Promise<boolean> {
    const identity = await this.#identityOf(entry)
    return identity !== undefined && identity !== this.#before.get(entry.id)
  }

  #typed(entry: KeptEntry, table: TablePlace): Promise<TypedColumn | undefined> {
    return typedColumn(this.#session.database, table, entry.column ?? '')
  }

  #tableOf({ schema, table }: KeptEntry): Promise<TablePlace | undefined> {
    const name = schema === null ? { name: table } : { schema, name: table }
    return findTable(this.#session.database, name)
  }

  async #send(sql: string): Promise<string> {
    const statements = await statementsIn(sql)
    if (statements === undefined || statements.length === 0) return sql
    const [last] = statements.slice(-1)
    for (const statement of statements) {
      const changed = await this.#prepare(statement)
      if (statement === last) return statements.length === 1 && changed === statement.sql ? sql : changed
      await this.#session.database.query(changed)
      await this.#giveDue()
    }
    return sql
  }

  /** The statement to send: it must not demand values of rows that get them only after it. */
  async #prepare(statement: SentStatement): Promise<string> {
    const { database } = this.#session
    this.#countInsert(statement, -1)
    if (bodyOf(statement.node, 'DoStmt') !== undefined) return this.#withoutGuards(statement.sql)
    if (bodyOf(statement.node, 'AlterEnumStmt') !== undefined)
      return addValueInstead(this.#session, statement, [...this.#pending.values()])
    await this.#protectFrom(statement)
    await checkKeys(this.#session, this.#step.revision.id, statement, {
      tables: this.#givenTables,
      columns: this.#givenColumns,
    })
    const added = addedColumns(statement).filter((column) => column.notNull && !column.isFilled)
    const relation = alterTableIn(statement)?.relation
    const table = added.length === 0 ? undefined : await findTable(database, writtenIn(relation))
    if (table === undefined) return statement.sql
    const owing = added.filter((column) => {
      const entry = [...this.#pending.values()].find((one) => one.kind === 'column' && one.column === column.name)
      if (entry === undefined) return false
      const [notNull, primaryKey] = (['not null', 'primary key'] as const).map((kind) =>
        column.demands.find((demand) => demand.kind === kind),
      )
      this.#owed.set(entry.id, {
        notNull: notNull !== undefined,
        notNullName: notNull?.name,
        primaryKey: primaryKey !== undefined,
        primaryKeyName: primaryKey?.name,
      })
      return true
    })
    return withoutDemands(statement.sql, owing)
  }

  #withoutGuards(sql: string): string {
    let text = sql
    for (const { kind, schema, table, column } of this.#entries) {
      if (kind !== 'column' || column === null) continue
      text = withoutGuard(
        text,
        schema === null ? displayName({ name: table }) : displayName({ schema, name: table }),
        column,
      )
    }
    return text
  }

  #countInsert({ node }: SentStatement, by: number): void {
    const name = bodyOf(node, 'InsertStmt')?.relation?.relname
    if (name !== undefined) this.#inserts.set(name, (this.#inserts.get(name) ?? 0) + by)
  }

  /** A statement that fills a column means rows that have no value of it. */
  async #protectFrom({ node }: SentStatement): Promise<void> {
    const { database } = this.#session
    const body = bodyOf(node, 'UpdateStmt')
    const table = body === undefined ? undefined : await findTable(database, writtenIn(body.relation))
    if (body === undefined || table === undefined) return
    this.#updated.add(table.id)
    const names = bodiesIn(body.targetList, 'ResTarget').map(({ name }) => name)
    for (const [entry, id] of this.#given) {
      if (entry.kind !== 'column' || id !== table.id || !names.includes(entry.column ?? '')) continue
      await protect(database, table, entry)
      this.#protected.set(entry, table)
    }
  }

  async #unprotect(): Promise<void> {
    for (const [entry, table] of this.#protected) await unprotect(this.#session.database, table, entry)
    this.#protected.clear()
  }

  /** Converted values that a statement has changed after they were given back; and what is no longer needed goes. */
  async #giveAgain(): Promise<void> {
    const { database } = this.#session
    for (const [entry, id] of this.#given) {
      const table = await tableById(database, id)
      if (table === undefined) continue
      if (entry.kind === 'column') await dropMark(database, table, entry)
      else if (this.#updated.has(id) && !valuesOf(entry).numbered) await giveValues(database, entry, table)
    }
  }

  async #giveDue(): Promise<void> {
    await this.#unprotect()
    for (const kind of ['table', 'column', 'values'] as const) {
      for (const entry of [...this.#pending.values()]) {
        if (entry.kind !== kind) continue
        // Its own rows come first: what it inserts was written since.
        const waits = kind === 'table' && (this.#inserts.get(entry.table) ?? 0) > 0
        if (waits || !(await this.#isAgain(entry))) continue
        if (kind === 'table') await this.#giveTable(entry)
        else if (kind === 'column') await this.#giveColumn(entry, false)
        else await this.#giveValues(entry, false)
      }
    }
  }

  async #giveTable(entry: KeptEntry, instead?: TablePlace): Promise<void> {
    const { database, progress, warn } = this.#session
    const table = instead ?? (await this.#tableOf(entry))
    // A partitioned table has no rows before its partitions exist.
    if (table === undefined || (table.kind === 'p' && instead === undefined)) return
    if (entry.rows >= 100_000) progress(`giving back ${entry.rows.toLocaleString('en-US')} rows of ${entry.table}`)
    for (const reference of await referencesOf(this.#session, table))
      await checkKept(this.#session, this.#step.revision.id, table, reference, {
        rows: keptTable(entry.id),
        isWhole: true,
      })
    const missing = await giveTable(database, entry, table)
    if (missing.length > 0 && entry.rows > 0)
      warn(
        `what table ${entry.table} had in ${missing.join(', ')} is not given back: the downgrade does not create ${missing.length === 1 ? 'this column' : 'these columns'}`,
      )
    // A later statement may insert rows.
    for (const position of this.#entries.flatMap((one) => definitionsOf(one).positions ?? []))
      if (position.owner?.schema === table.schema && position.owner.table === table.name)
        await advance(database, position)
    this.#givenTables.add(table.id)
    this.#pending.delete(entry.id)
  }

  async #giveColumn(entry: KeptEntry, isEnd: boolean): Promise<void> {
    const { database, progress } = this.#session
    const hidden = await findHidden(database, entry)
    const added = hidden?.columns.find(({ name }) => name === entry.column)
    if (hidden === undefined || added === undefined) return
    const isNew = this.#before.get(entry.id)?.startsWith(`${hidden.table.id}.${String(added.number)}.`) !== true
    if (!isNew && !isEnd && added.type !== definitionsOf(entry).column?.type) return
    if (entry.rows >= 100_000) progress(`giving back ${entry.table}.${added.name}`)
    for (const reference of await referencesOf(this.#session, hidden.table)) {
      if (!reference.columns.includes(added.name)) continue
      const columns = reference.columns.map((name) => (name === added.name ? hidden.column.name : name))
      const kept = { ...reference, columns }
      await checkKept(this.#session, this.#step.revision.id, hidden.table, kept, {
        rows: hidden.table.sql,
        isWhole: false,
        cleared: added.notNull || this.#owed.get(entry.id)?.notNull === true ? [] : [hidden.column.name],
      })
    }
    await giveColumn(database, entry, hidden, added, { isNew, owed: this.#owed.get(entry.id) })
    this.#given.set(entry, hidden.table.id)
    this.#givenColumns.add(`${hidden.table.id}.${added.name}`)
    this.#pending.delete(entry.id)
  }

  async #giveValues(entry: KeptEntry, isEnd: boolean): Promise<void> {
    const { database } = this.#session
    const table = await this.#tableOf(entry)
    const column = table === undefined ? undefined : await this.#typed(entry, table)
    // One that is computed again has its old values by itself.
    const isComputed = table !== undefined && column?.isComputed === true
    if (isComputed) this.#pending.delete(entry.id)
    if (isComputed || table === undefined || column?.type !== valuesOf(entry).type) return
    const names = (await columnsOf(database, table)).map(({ name }) => name)
    const hasKey = valuesOf(entry).numbered || entry.key.every((name) => names.includes(name))
    if (!hasKey) return
    // A key that has its old values again finds other rows than before.
    const isKey = entry.key.includes(entry.column ?? '')
    if (isKey && !isEnd) return
    await giveValues(database, entry, table)
    this.#given.set(entry, table.id)
    this.#givenColumns.add(`${table.id}.${entry.column ?? ''}`)
    this.#pending.delete(entry.id)
  }

  /** What no statement has created, at the end of the downgrade. */
  async #giveRest(): Promise<void> {
    const { database, warn } = this.#session
    for (const entry of [...this.#pending.values()].sort((a, b) => Number(isOwnKey(a)) - Number(isOwnKey(b)))) {
      if (entry.kind === 'values') await this.#giveValues(entry, true)
      if (entry.kind === 'column' && (await this.#isAgain(entry))) await this.#giveColumn(entry, true)
      // Its position is set with those of all.
      if (entry.kind === 'sequence' || entry.kind === 'type') this.#pending.delete(entry.id)
      // Fewer of its statements than foreseen were sent.
      if (entry.kind === 'table' && (await this.#isAgain(entry))) await this.#giveTable(entry)
      const { root } = definitionsOf(entry)
      if (entry.kind === 'table' && this.#pending.has(entry.id) && root !== undefined && root !== null) {
        const place = await findTable(database, root)
        if (place !== undefined && (await tableById(database, place.id))?.kind === 'p')
          await this.#giveTable(entry, place)
      }
      if (!this.#pending.has(entry.id)) continue
      if (!(await this.#isThere(entry))) {
        warn(`what was kept of ${nameOf(entry)} is gone: ${entry.place} does not exist`)
        this.#pending.delete(entry.id)
      } else
        warn(
          `what is kept of ${nameOf(entry)} is not given back: the downgrade has no place for it. It stays in ${entry.place}`,
        )
    }
  }

  async #isThere(entry: KeptEntry): Promise<boolean> {
    const { database } = this.#session
    if (entry.kind === 'column') return (await findHidden(database, entry)) !== undefined
    return (await findTable(database, { schema: keptSchema, name: String(entry.id) })) !== undefined
  }

  #refused(entry: KeptEntry, rows: number, message: string, help: string): AludelError {
    const { table, column } = entry
    return new AludelError('ALUDEL_GIVE_BACK', message, {
      help,
      details: { revision: this.#step.revision.id, table, column, rows },
    })
  }
}

function isOwnKey({ key, column }: KeptEntry): boolean {
  return key.includes(column ?? '')
}

/** `table users`, `users.name`. */
function nameOf({ kind, table, column }: KeptEntry): string {
  return column === null ? `${kind} ${table}` : `${table}.${column}`
}
