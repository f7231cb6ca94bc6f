import type { MigrationInterface, QueryRunner } from 'typeorm'

import type { Dialect } from '../../dialect/dialect'
import { isAludelError, messageOf } from '../../errors'
import type { Direction, Revision } from '../../revision/revision'
import { asDeclared, inRevision } from '../../shadow/replay'
import { isOfRevision, noteStatement, type SentStatement, statementOf, surrounded } from '../../shadow/statements'
import { trimStatement } from '../../sql/text'

/** Why a revision stopped. */
export interface Failure {
  /** The database's own words, or the message of what the revision has thrown. */
  readonly text: string
  /** The statement; null if none failed: a check before the commit, or code. */
  readonly statement: string | null
  /** The revision looked at the rows and refused them itself. */
  readonly deliberate: boolean
  readonly error: unknown
}

/** What a revision sent in one direction. */
export interface Executed {
  readonly statements: readonly string[]
  readonly failure?: Failure
}

/** A statement ends the transaction in which the rows of a trial are: each trial then needs a database of its own. */
export class EndsTransaction extends Error {}

/** Code that never ends, for example a loop over rows that it does not change. */
class TooManyStatements extends Error {}

const control = /^\s*(?:begin|start\s+transaction|commit|end|abort|rollback(?!\s+to\b)|vacuum|pragma\s+foreign_keys)\b/i

/**
 * Runs a revision in one direction on a shadow database, and keeps its failure.
 *
 * @param isolated it runs inside the transaction of a trial
 * @param mostStatements with more it counts as one that does not end
 * @throws EndsTransaction if it cannot
 */
export async function execute(
  dialect: Dialect,
  runner: QueryRunner,
  revision: Revision,
  load: (revision: Revision) => Promise<MigrationInterface>,
  direction: Direction,
  isolated: boolean,
  mostStatements = Infinity,
): Promise<Executed> {
  let sent = new Sent(isolated, mostStatements)
  try {
    await asDeclared(dialect, revision, load, async (migration, transactional) => {
      if (isolated && !transactional) throw new EndsTransaction()
      sent = new Sent(isolated, mostStatements)
      const watched = surrounded(migration, (statement, send) => sent.watch(statement, send))
      try {
        await inRevision(dialect, runner, transactional, () =>
          direction === 'upgrade' ? watched.up(runner) : watched.down(runner),
        )
      } catch (error) {
        // The revision may have thrown an error of its own.
        if (sent.failed !== undefined && !isAludelError(error)) noteStatement(error, sent.failed)
        throw error
      }
    })
    return { statements: sent.statements }
  } catch (error) {
    if (error instanceof EndsTransaction) throw error
    return { statements: sent.statements, failure: failureOf(dialect, error, sent.failed) }
  }
}

/** What one attempt has sent. */
class Sent {
  readonly statements: string[] = []
  /** The first that failed. */
  failed: string | undefined
  #count = 0

  constructor(
    private readonly isolated: boolean,
    private readonly most: number,
  ) {}

  async watch(statement: SentStatement, send: () => Promise<unknown>): Promise<unknown> {
    const { sql } = statement
    if (this.isolated && control.test(sql)) throw new EndsTransaction()
    if (++this.#count > this.most)
      throw new TooManyStatements(`it does not end: it has sent ${String(this.most)} statements`)
    if (isOfRevision(statement)) this.statements.push(trimStatement(sql))
    try {
      return await send()
    } catch (error) {
      this.failed ??= trimStatement(sql)
      throw error
    }
  }
}

function failureOf(dialect: Dialect, error: unknown, failed: string | undefined): Failure {
  const isStatement = statementOf(error) !== undefined || failed !== undefined
  const thrown = !isStatement && !isAludelError(error)
  return {
    text: thrown || isAludelError(error) ? messageOf(error) : dialect.errors.textOf(error),
    statement: isAludelError(error) ? null : (failed ?? null),
    // A TypeError is a mistake: a value was not what the code expected.
    deliberate: thrown
      ? error instanceof Error && error.name === 'Error' && !(error instanceof TooManyStatements)
      : dialect.errors.isRaised(error),
    error,
  }
}
