import type { KeepingSession, KeepingStep, KeptEntry } from '../../roles/keeping'
import type { StatementWatch } from '../../roles/running'
import { definitionsOf } from './dropped'
import { Giving } from './giving'
import { keptTable } from './names'
import { restore } from './restore'
import { Sending } from './sending'
import { statementsIn } from './statements'
import { dropUnusedTypes } from './types'
import { clashAfter } from './unique-keys'

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
  #begun: Promise<void> | undefined
  readonly #giving: Giving
  readonly #sending: Sending

  constructor(
    private readonly session: KeepingSession,
    private readonly step: KeepingStep,
    private readonly entries: readonly KeptEntry[],
  ) {
    this.#giving = new Giving(session, step, entries)
    this.#sending = new Sending(session, step, entries, this.#giving)
  }

  before(): Promise<void> | undefined {
    return (this.#begun ??= this.#begin())
  }

  async #begin(): Promise<void> {
    await this.#sending.begin()
    await this.#giving.begin()
  }

  instead(sql: string): Promise<string> | undefined {
    return mayMatter.test(sql) ? this.#send(sql) : undefined
  }

  after(sql: string): Promise<void> | undefined {
    const isWaiting = this.#giving.pending.size > 0 || this.#sending.isProtecting
    return isWaiting && mayMatter.test(sql) ? this.#giveDue() : undefined
  }

  explain(_sql: string, error: unknown): Promise<unknown> {
    return Promise.resolve(clashAfter(error, this.step.revision.id, this.entries))
  }

  async finish(): Promise<void> {
    await this.before()
    await this.#giveDue()
    await this.#giving.giveRest()
    await this.#giving.giveAgain(this.#sending.updated)
    const given = this.entries.filter(({ id }) => !this.#giving.pending.has(id))
    const { database, shelf } = this.session
    // The first entry of a statement has the definitions of all that it has dropped.
    await restore(this.session, this.entries.map(definitionsOf))
    for (const { kind, id } of given)
      if (kind === 'table' || kind === 'values') await database.query(`DROP TABLE IF EXISTS ${keptTable(id)}`)
    await dropUnusedTypes(database)
    // The schema may go with the last one.
    for (const { id } of given) await shelf.remove(id)
  }

  async #send(sql: string): Promise<string> {
    const statements = await statementsIn(sql)
    if (statements === undefined || statements.length === 0) return sql
    const [last] = statements.slice(-1)
    for (const statement of statements) {
      const changed = await this.#sending.prepare(statement)
      if (statement === last) return statements.length === 1 && changed === statement.sql ? sql : changed
      await this.session.database.query(changed)
      await this.#giveDue()
    }
    return sql
  }

  async #giveDue(): Promise<void> {
    await this.#sending.unprotect()
    await this.#giving.giveDue((entry) => this.#sending.isAwaited(entry))
  }
}
