import type { AludelError } from '../../../errors'
import { shortSql } from '../../../sql/text'
import { bodiesIn, bodyOf, writtenIn } from '../../../sql/postgres/nodes'
import type { Loss } from '../../../sql/effects'
import type { KeepingSession, KeepingStep } from '../../roles/keeping'
import type { StatementWatch } from '../../roles/running'
import { cannotKeep, keepError, refuseMissingRights } from './errors'
import { dropAndKeep, type Dropping } from './drop-and-keep'
import { columnsOf, type ColumnPlace, findTable } from './places'
import { actionsOf, alterTableIn, mayDrop, type SentStatement, statementsIn } from './statements'
import { readStart, type Start, type StartTable } from './start'
import { capture, completeCapture, type Capture, fitsAll, typeTextAt } from './values'

/** Statements in whose text none of these is drop nothing and change no type. */
const mayMatter = /\b(?:drop|alter|update)\b/i

/**
 * Watches an upgrade, and keeps what its statements drop or change.
 *
 * The table or column that a statement drops is moved away before it. Then it runs: where other actions of the same statement are to
 * be done, a column of the same name stands in for the one that was moved. Nothing is copied, so a drop takes no longer for more rows.
 */
export class SetAside implements StatementWatch {
  readonly #session: KeepingSession
  readonly #step: KeepingStep
  #start: Start | undefined
  #mayKeep = false
  /** A statement that failed when it was tried: nothing is kept of what it drops. */
  #failing: string | undefined
  readonly #captures = new Map<string, Capture>()

  constructor(session: KeepingSession, step: KeepingStep) {
    this.#session = session
    this.#step = step
  }

  before(): undefined {
    return undefined
  }

  instead(sql: string): Promise<string> | undefined {
    // Also the first statement that does not matter may rename a table.
    if (this.#start === undefined) return this.#begin().then(() => this.#send(sql))
    return mayMatter.test(sql) ? this.#send(sql) : undefined
  }

  after(): Promise<void> | undefined {
    return this.#failing === undefined ? undefined : Promise.reject(this.#unexpected())
  }

  async finish(): Promise<void> {
    for (const one of this.#captures.values()) {
      const rows = await completeCapture(this.#session.database, this.#session.shelf, one)
      if (rows > 0) continue
      await this.#session.database.query(`DROP TABLE ${quotedPlace(one)}`)
      await this.#session.shelf.remove(one.entry.id)
    }
    this.#captures.clear()
  }

  async #begin(): Promise<void> {
    this.#start = await readStart(this.#session.database)
  }

  async #send(sql: string): Promise<string> {
    if (!mayMatter.test(sql)) return sql
    const statements = await statementsIn(sql)
    if (statements === undefined || !statements.some((one) => this.#matters(one))) return sql
    const [last] = statements.slice(-1)
    for (const statement of statements) {
      const changed = await this.#prepare(statement)
      if (statement === last) return statements.length === 1 && changed === statement.sql ? sql : changed
      await this.#session.database.query(changed)
      if (this.#failing !== undefined) throw this.#unexpected()
    }
    return sql
  }

  #matters(statement: SentStatement): boolean {
    return mayDrop(statement) || changedIn(statement).length > 0 || this.#mappedIn(statement).length > 0
  }

  /** The statement to send. */
  async #prepare(statement: SentStatement): Promise<string> {
    const what = this.#step.losses[0]?.text ?? statement.sql
    try {
      await this.#keepValues(statement)
      if (!mayDrop(statement)) return statement.sql
      const changed = await dropAndKeep(this.#dropping(), statement)
      if (changed === undefined) this.#failing = statement.sql
      return changed ?? statement.sql
    } catch (error) {
      throw keepError(error, this.#step.revision.id, what)
    }
  }

  /** Another session was in the way of the trial, and not of the statement. */
  #unexpected(): AludelError {
    return cannotKeep(
      this.#step.revision.id,
      this.#step.losses[0]?.text ?? 'what it drops',
      `a statement failed when it was tried, and then succeeded: ${shortSql(this.#failing ?? '')}`,
      'Run it again.',
    )
  }

  #dropping(): Dropping {
    return {
      ...this.#session,
      revision: this.#step.revision.id,
      start: this.#start ?? { tables: new Map(), sequences: new Set() },
      prepare: () => this.#prepareToKeep(),
    }
  }

  async #prepareToKeep(): Promise<void> {
    if (!this.#mayKeep) await refuseMissingRights(this.#session.database)
    this.#mayKeep = true
  }

  /** Columns whose values a statement of the tool maps to others. */
  #mappedIn({ node }: SentStatement): readonly string[] {
    if (!this.#step.isRecorded) return []
    return bodiesIn(bodyOf(node, 'UpdateStmt')?.targetList, 'ResTarget').flatMap(({ name }) => name ?? [])
  }

  async #keepValues(statement: SentStatement): Promise<void> {
    const mapped = this.#mappedIn(statement)
    const changed = changedIn(statement)
    const relation = alterTableIn(statement)?.relation ?? bodyOf(statement.node, 'UpdateStmt')?.relation
    if (relation === undefined || (mapped.length === 0 && changed.length === 0)) return
    const table = await findTable(this.#session.database, writtenIn(relation))
    const start = table === undefined ? undefined : this.#start?.tables.get(table.id)
    if (table === undefined || start === undefined) return
    const columns = await columnsOf(this.#session.database, table)
    for (const name of [...mapped, ...changed.map((one) => one.name)]) {
      const column = columns.find((one) => one.name === name)
      const startColumn = column === undefined ? undefined : start.columns.get(column.number)
      if (column === undefined || startColumn === undefined || column.generated !== '') continue
      const key = `${table.id}.${String(column.number)}`
      if (this.#captures.has(key)) continue
      const action = changed.find((one) => one.name === name)
      if (!(await this.#mayLose(column, start, startColumn.name, statement, action))) continue
      await this.#prepareToKeep()
      this.#session.progress(`keeping the values of ${start.name}.${startColumn.name}`)
      const changing = new Set([column.number, ...this.#changingNumbers(start, columns, changed)])
      const kept = await capture(this.#session.database, this.#session.shelf, column, changing, {
        table: start,
        column: startColumn,
      })
      this.#captures.set(key, kept)
    }
  }

  /** Of a statement of the tool, its operations say what may be lost; of any other one, its text and the types. */
  async #mayLose(
    column: ColumnPlace,
    start: StartTable,
    startName: string,
    statement: SentStatement,
    action: Changed | undefined,
  ): Promise<boolean> {
    // An UPDATE of the tool maps values, or fills NULLs.
    if (action === undefined) return this.#step.isRecorded
    if (this.#step.isRecorded)
      return this.#step.losses.some((loss) => isLossOf(loss, start, startName) && loss.kind === 'converted')
    await this.#session.database.query(`LOCK TABLE ${column.table.sql} IN ACCESS EXCLUSIVE MODE`)
    if (action.hasExpression || action.typePlace === undefined) return true
    return !(await fitsAll(this.#session.database, column, typeTextAt(statement.sql, action.typePlace)))
  }

  /** All columns of the table that the step changes: none of them identifies a row. */
  #changingNumbers(start: StartTable, columns: readonly ColumnPlace[], changed: readonly Changed[]): readonly number[] {
    return columns
      .filter(
        ({ name, number }) =>
          changed.some((one) => one.name === name) ||
          this.#step.losses.some((loss) => isLossOf(loss, start, start.columns.get(number)?.name ?? '')),
      )
      .map(({ number }) => number)
  }
}

function quotedPlace({ entry }: Capture): string {
  return `"aludel_kept"."${String(entry.id)}"`
}

function isLossOf({ table, column }: Loss, start: StartTable, name: string): boolean {
  const written = start.schema === null || start.schema === 'public' ? start.name : `${start.schema}.${start.name}`
  return column === name && (table === written || table === start.name)
}

/** A column whose type a statement changes. */
interface Changed {
  readonly name: string
  readonly hasExpression: boolean
  /** Where its new type is in the text, in bytes. */
  readonly typePlace: number | undefined
}

function changedIn(statement: SentStatement): readonly Changed[] {
  return actionsOf(alterTableIn(statement)).flatMap(({ subtype, name, def }) => {
    if (subtype !== 'AT_AlterColumnType' || name === undefined) return []
    const column = bodyOf(def, 'ColumnDef')
    const { raw_default: using, typeName } = column ?? {}
    return { name, hasExpression: using !== undefined, typePlace: typeName?.location }
  })
}
