import type { PreparedSession } from '../dialect/roles/running'
import type { Session } from './session'

/** The settings that the session of a run needs around its revisions: set before the first, and kept from one to the next. */
export class Preparation {
  #prepared: PreparedSession | undefined

  constructor(private readonly session: Session) {}

  /**
   * Sets them, unless they are set, and notes what the revision that follows must not break.
   *
   * @throws the driver's error when the database is in use; the settings are restored then
   */
  async begin(): Promise<PreparedSession> {
    const { queryRunner, settings } = this.session
    this.#prepared ??= await settings.dialect.running.prepare(queryRunner)
    const prepared = this.#prepared
    try {
      await prepared.beforeRevision()
    } catch (error) {
      await this.end()
      throw error
    }
    return prepared
  }

  /** See {@link PreparedSession.survives}. */
  survives(statements: readonly string[] | null): boolean {
    return this.#prepared?.survives(statements) !== false
  }

  /** Restores the session. Never throws. */
  async end(): Promise<void> {
    const prepared = this.#prepared
    this.#prepared = undefined
    await prepared?.restore()
  }
}
