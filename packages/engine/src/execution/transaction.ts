import type { QueryRunner } from 'typeorm'

/**
 * Commits whatever is open. A migration may have left a nested transaction (a savepoint) open, or have ended the
 * transaction with SQL of its own, behind TypeORM's back.
 *
 * @param open whether a transaction is open in the database
 */
export async function commitAll(queryRunner: QueryRunner, open: boolean): Promise<void> {
  if (open && !queryRunner.isTransactionActive) {
    await queryRunner.query('COMMIT')
    return
  }
  while (queryRunner.isTransactionActive) await queryRunner.commitTransaction()
}

/**
 * Rolls back whatever is open, and leaves both the session and TypeORM's idea of it outside a transaction.
 *
 * @param open whether a transaction is open in the database
 * @returns what went wrong, if anything did
 */
export async function rollbackAll(queryRunner: QueryRunner, open: boolean): Promise<unknown> {
  let failure: unknown
  if (open && !queryRunner.isTransactionActive) {
    try {
      await queryRunner.query('ROLLBACK')
    } catch (error) {
      failure = error
    }
  }
  // A failure is tried once more, with everything open that TypeORM counts: the database may have ended the transaction by
  // itself (SQLite does when the disk is full), with the savepoints in it.
  let healed = false
  while (queryRunner.isTransactionActive && !queryRunner.isReleased) {
    try {
      await queryRunner.rollbackTransaction()
    } catch (error) {
      failure ??= error
      if (healed) break
      healed = true
      await openAll(queryRunner)
    }
  }
  return failure
}

/** Levels of nested transactions that are to be expected. */
const nestedLevels = 8

async function openAll(queryRunner: QueryRunner): Promise<void> {
  // Fails where one is open still.
  await queryRunner.query('BEGIN').catch(() => undefined)
  for (let level = 1; level < nestedLevels; level += 1) {
    // The names that TypeORM gives.
    await queryRunner.query(`SAVEPOINT typeorm_${String(level)}`).catch(() => undefined)
  }
}

/** Begins the transaction again that a migration has ended, whichever way it did. */
export async function reopen(queryRunner: QueryRunner): Promise<void> {
  if (queryRunner.isTransactionActive) await queryRunner.query('BEGIN')
  else await queryRunner.startTransaction()
}
