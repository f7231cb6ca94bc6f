import { isAludelError } from '../../../errors'
import { cannotGiveBack, nameOfKept } from '../../kept-errors'
import type { KeepingSession, KeepingStep, KeptEntry, Obstacle } from '../../roles/keeping'
import { errorText, sqlStateOf } from '../errors'
import { leavesEmpty } from './down-statements'
import { definitionsOf } from './dropped'
import { dropMark, giveColumn } from './give-column'
import { giveTable } from './give-table'
import { forgetChanged, giveValues, typedColumn, type TypedColumn, valuesOf } from './give-values'
import { gapOf } from './foresee'
import { findHidden, type Hidden } from './hidden'
import { keptSchema, keptTable } from './names'
import { demandOwed, type Owed } from './owed'
import { columnsOf, countRows, findTable, tableById, type TablePlace } from './places'
import { quietly } from './quiet'
import { checkKept, type Given, referencesOf } from './references'
import { advance } from './sequences'

/** Gives entries back, each as soon as the downgrade has made a place for it. */
export class Giving {
  /** Entries that are still to be given back, by their ids. */
  readonly pending = new Map<number, KeptEntry>()
  /** What statements demanded of columns, and were sent without. */
  readonly owed = new Map<number, Owed>()
  /** Columns that were given back, with the oids of their tables. */
  readonly columns = new Map<KeptEntry, string>()
  /** What was given back so far, for the checks of later statements. */
  readonly given: Given & { readonly tables: Set<string>; readonly columns: Set<string> } = {
    tables: new Set(),
    columns: new Set(),
  }
  /** By entry: what stood under its name at the start; another one is the one that was created for it. */
  readonly #before = new Map<number, string>()

  constructor(
    private readonly session: KeepingSession,
    private readonly step: KeepingStep,
    private readonly entries: readonly KeptEntry[],
  ) {
    for (const entry of entries) this.pending.set(entry.id, entry)
  }

  /** Notes what there is before the first statement. */
  async begin(): Promise<void> {
    for (const entry of this.entries) {
      if (entry.kind === 'values') await this.#beginValues(entry)
      else this.#note(entry, await this.#identityOf(entry))
      if (entry.kind === 'column') await this.#refuseGap(entry)
    }
  }

  async #beginValues(entry: KeptEntry): Promise<void> {
    const { database } = this.session
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
    const { database } = this.session
    if (!(await leavesEmpty(this.step.statements, entry.column ?? ''))) return
    const hidden = await findHidden(database, entry)
    if (hidden === undefined || definitionsOf(entry).column?.notNull !== true) return
    const { meet: rows } = await quietly(database, hidden.table, () => countRows(database, hidden.table, hidden.since))
    if (rows > 0) throw this.#refused(entry, gapOf(entry, rows))
  }

  /** What the name of an entry means now; undefined if nothing has it. */
  async #identityOf(entry: KeptEntry): Promise<string | undefined> {
    const { database } = this.session
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
    return typedColumn(this.session.database, table, entry.column ?? '')
  }

  #tableOf({ schema, table }: KeptEntry): Promise<TablePlace | undefined> {
    return findTable(this.session.database, schema === null ? { name: table } : { schema, name: table })
  }

  /**
   * Gives back what has a place now.
   *
   * @param isAwaited whether the downgrade itself will insert rows into the table of an entry: those come first
   */
  async giveDue(isAwaited: (entry: KeptEntry) => boolean): Promise<void> {
    for (const kind of ['table', 'column', 'values'] as const) {
      for (const entry of [...this.pending.values()]) {
        if (entry.kind !== kind) continue
        if ((kind === 'table' && isAwaited(entry)) || !(await this.#isAgain(entry))) continue
        await this.#fitting(entry, async () => {
          if (kind === 'table') await this.#giveTable(entry)
          else if (kind === 'column') await this.#giveColumn(entry, false)
          else await this.#giveValues(entry, false)
        })
      }
    }
  }

  /** What no statement has created, at the end of the downgrade. */
  async giveRest(): Promise<void> {
    for (const entry of [...this.pending.values()].sort((a, b) => Number(isOwnKey(a)) - Number(isOwnKey(b)))) {
      await this.#fitting(entry, () => this.#giveLate(entry))
      if (this.pending.has(entry.id)) await this.#warnOfLeft(entry)
    }
  }

  async #giveLate(entry: KeptEntry): Promise<void> {
    const { database } = this.session
    if (entry.kind === 'values') await this.#giveValues(entry, true)
    if (entry.kind === 'column' && (await this.#isAgain(entry))) await this.#giveColumn(entry, true)
    // Its position is set with those of all.
    if (entry.kind === 'sequence' || entry.kind === 'type') this.pending.delete(entry.id)
    // Fewer of its statements than foreseen were sent.
    if (entry.kind === 'table' && (await this.#isAgain(entry))) await this.#giveTable(entry)
    const { root } = definitionsOf(entry)
    if (entry.kind !== 'table' || !this.pending.has(entry.id) || root === undefined || root === null) return
    const place = await findTable(database, root)
    if (place !== undefined && (await tableById(database, place.id))?.kind === 'p') await this.#giveTable(entry, place)
  }

  async #warnOfLeft(entry: KeptEntry): Promise<void> {
    const { warn } = this.session
    if (await this.#isThere(entry)) {
      warn(
        `what is kept of ${nameOfKept(entry)} is not given back: the downgrade has no place for it. It stays in ${entry.place}`,
      )
      return
    }
    warn(`what was kept of ${nameOfKept(entry)} is gone: ${entry.place} does not exist`)
    this.pending.delete(entry.id)
  }

  async #isThere(entry: KeptEntry): Promise<boolean> {
    const { database } = this.session
    if (entry.kind === 'column') return (await findHidden(database, entry)) !== undefined
    return (await findTable(database, { schema: keptSchema, name: String(entry.id) })) !== undefined
  }

  /** Converted values that a statement has changed after they were given back; and what is no longer needed goes. */
  async giveAgain(updated: ReadonlySet<string>): Promise<void> {
    const { database } = this.session
    for (const [entry, id] of this.columns) {
      const table = await tableById(database, id)
      if (table === undefined) continue
      if (entry.kind === 'column') await dropMark(database, table, entry)
      else if (updated.has(id) && !valuesOf(entry).numbered)
        await this.#fitting(entry, () => giveValues(database, entry, table))
    }
  }

  async #giveTable(entry: KeptEntry, instead?: TablePlace): Promise<void> {
    const { database, progress, warn } = this.session
    const table = instead ?? (await this.#tableOf(entry))
    // A partitioned table has no rows before its partitions exist.
    if (table === undefined || (table.kind === 'p' && instead === undefined)) return
    if (entry.rows >= 100_000) progress(`giving back ${entry.rows.toLocaleString('en-US')} rows of ${entry.table}`)
    for (const reference of await referencesOf(this.session, table))
      await checkKept(this.session, this.step.revision.id, table, reference, {
        rows: keptTable(entry.id),
        isWhole: true,
      })
    const missing = await giveTable(database, entry, table)
    if (missing.length > 0 && entry.rows > 0)
      warn(
        `what table ${entry.table} had in ${missing.join(', ')} is not given back: the downgrade does not create ${missing.length === 1 ? 'this column' : 'these columns'}`,
      )
    // A later statement may insert rows.
    for (const position of this.entries.flatMap((one) => definitionsOf(one).positions ?? []))
      if (position.owner?.schema === table.schema && position.owner.table === table.name)
        await advance(database, position)
    this.given.tables.add(table.id)
    this.pending.delete(entry.id)
  }

  async #giveColumn(entry: KeptEntry, isEnd: boolean): Promise<void> {
    const { database, progress } = this.session
    const hidden = await findHidden(database, entry)
    const added = hidden?.columns.find(({ name }) => name === entry.column)
    if (hidden === undefined || added === undefined) return
    const isNew = this.#before.get(entry.id)?.startsWith(`${hidden.table.id}.${String(added.number)}.`) !== true
    if (!isNew && !isEnd && added.type !== definitionsOf(entry).column?.type) return
    if (entry.rows >= 100_000) progress(`giving back ${entry.table}.${added.name}`)
    const owed = this.owed.get(entry.id)
    await this.#checkReferences(hidden, added.name, added.notNull || owed?.has('not null') === true)
    await giveColumn(database, entry, hidden, added, { isNew })
    if (owed !== undefined)
      await demandOwed(database, this.step.revision.id, { table: hidden.table, column: added.name, owed })
    this.columns.set(entry, hidden.table.id)
    this.given.columns.add(`${hidden.table.id}.${added.name}`)
    this.pending.delete(entry.id)
  }

  async #checkReferences({ table, column }: Hidden, name: string, isNotNull: boolean): Promise<void> {
    for (const reference of await referencesOf(this.session, table)) {
      if (!reference.columns.includes(name)) continue
      const columns = reference.columns.map((one) => (one === name ? column.name : one))
      const kept = { ...reference, columns }
      await checkKept(this.session, this.step.revision.id, table, kept, {
        rows: table.sql,
        isWhole: false,
        cleared: isNotNull ? [] : [column.name],
      })
    }
  }

  async #giveValues(entry: KeptEntry, isEnd: boolean): Promise<void> {
    const { database } = this.session
    const table = await this.#tableOf(entry)
    const column = table === undefined ? undefined : await this.#typed(entry, table)
    // One that is computed again has its old values by itself.
    const isComputed = table !== undefined && column?.isComputed === true
    if (isComputed) this.pending.delete(entry.id)
    if (isComputed || table === undefined || column?.type !== valuesOf(entry).type) return
    const names = (await columnsOf(database, table)).map(({ name }) => name)
    const hasKey = valuesOf(entry).numbered || entry.key.every((name) => names.includes(name))
    if (!hasKey) return
    // A key that has its old values again finds other rows than before.
    if (isOwnKey(entry) && !isEnd) return
    await giveValues(database, entry, table)
    this.columns.set(entry, table.id)
    this.given.columns.add(`${table.id}.${entry.column ?? ''}`)
    this.pending.delete(entry.id)
  }

  /** Explains rows that have no place beside those that were written since. */
  async #fitting(entry: KeptEntry, work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch (cause) {
      if (isAludelError(cause) || sqlStateOf(cause)?.startsWith('23') !== true) throw cause
      const { rows } = entry
      throw this.#refused(
        entry,
        {
          message: `what is kept of ${nameOfKept(entry)} does not fit the rows that were written since: ${errorText(cause)}`,
          help: 'Change or delete the rows that are in the way, then run again.',
          rows,
        },
        cause,
      )
    }
  }

  #refused({ table, column }: KeptEntry, obstacle: Obstacle, cause?: unknown): Error {
    return cannotGiveBack({ revision: this.step.revision.id, table, column, ...obstacle, cause })
  }
}

function isOwnKey({ key, column }: KeptEntry): boolean {
  return key.includes(column ?? '')
}
