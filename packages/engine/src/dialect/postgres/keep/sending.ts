import { displayName } from '../../../schema/schema'
import { bodiesIn, bodyOf, writtenIn } from '../../../sql/postgres/nodes'
import type { KeepingSession, KeepingStep, KeptEntry } from '../../roles/keeping'
import { addedColumns, withoutDemands, withoutGuard } from './down-statements'
import { addValueInstead } from './enum-value'
import { protect, unprotect } from './give-column'
import type { Giving } from './giving'
import { findTable, type TablePlace } from './places'
import { checkKeys } from './references'
import { alterTableIn, type SentStatement, statementsIn } from './statements'

/** Finds out what a downgrade sends for each of its statements: none must demand values of rows that get them only after it. */
export class Sending {
  /** Columns that were given back, and that a statement is about to fill. */
  readonly #protected = new Map<KeptEntry, TablePlace>()
  /** Tables whose rows a statement has changed. */
  readonly updated = new Set<string>()
  /** Names of tables into which later statements of the downgrade insert rows, and how many of them are left. */
  readonly #inserts = new Map<string, number>()

  constructor(
    private readonly session: KeepingSession,
    private readonly step: KeepingStep,
    private readonly entries: readonly KeptEntry[],
    private readonly giving: Giving,
  ) {}

  async begin(): Promise<void> {
    for (const sql of this.step.statements ?? []) {
      if (!/\binsert\b/i.test(sql)) continue
      for (const statement of (await statementsIn(sql)) ?? []) this.#countInsert(statement, 1)
    }
  }

  /** Whether a later statement inserts rows into the table of an entry. */
  isAwaited({ table }: KeptEntry): boolean {
    return (this.#inserts.get(table) ?? 0) > 0
  }

  get isProtecting(): boolean {
    return this.#protected.size > 0
  }

  /** The statement to send. */
  async prepare(statement: SentStatement): Promise<string> {
    const { giving, session } = this
    this.#countInsert(statement, -1)
    if (bodyOf(statement.node, 'DoStmt') !== undefined) return this.#withoutGuards(statement.sql)
    if (bodyOf(statement.node, 'AlterEnumStmt') !== undefined)
      return addValueInstead(session, statement, [...giving.pending.values()])
    await this.#protectFrom(statement)
    await checkKeys(session, this.step.revision.id, statement, giving.given)
    const added = addedColumns(statement).filter(({ demands }) => demands.length > 0)
    const relation = alterTableIn(statement)?.relation
    const table = added.length === 0 ? undefined : await findTable(session.database, writtenIn(relation))
    if (table === undefined) return statement.sql
    const owing = added.flatMap(({ name, isFilled, demands }) => {
      const entry = [...giving.pending.values()].find((one) => one.kind === 'column' && one.column === name)
      // A default satisfies NOT NULL; all rows have the same one.
      const owed = demands.filter(({ kind }) => kind === 'unique' || !isFilled)
      if (entry === undefined || owed.length === 0) return []
      giving.owed.set(entry.id, new Map(owed.map(({ kind, name: constraint }) => [kind, constraint])))
      return owed
    })
    return withoutDemands(statement.sql, owing)
  }

  #withoutGuards(sql: string): string {
    let text = sql
    for (const { kind, schema, table, column } of this.entries) {
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
    const { database } = this.session
    const body = bodyOf(node, 'UpdateStmt')
    const table = body === undefined ? undefined : await findTable(database, writtenIn(body.relation))
    if (body === undefined || table === undefined) return
    this.updated.add(table.id)
    const names = bodiesIn(body.targetList, 'ResTarget').map(({ name }) => name)
    for (const [entry, id] of this.giving.columns) {
      if (entry.kind !== 'column' || id !== table.id || !names.includes(entry.column ?? '')) continue
      await protect(database, table, entry)
      this.#protected.set(entry, table)
    }
  }

  /** Puts back what the last statement has filled. */
  async unprotect(): Promise<void> {
    for (const [entry, table] of this.#protected) await unprotect(this.session.database, table, entry)
    this.#protected.clear()
  }
}
