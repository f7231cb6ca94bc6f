import type { QueryRunner } from 'typeorm'

/**
 * Commits all open transactions. A migration may have left a nested one (a savepoint) open, or have ended or begun one with
 * SQL, which TypeORM does not notice.
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
 * Rolls back all open transactions, also in TypeORM's count of them.
 *
 * @param open whether a transaction is open in the database
 * @returns the first error, if any
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
  // After a failure, try once more with as many transactions open as TypeORM counts: the database may have ended them
  // (SQLite does when the disk is full).
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

/** Levels of nested transactions that may be expected. */
const nestedLevels = 8

async function openAll(queryRunner: QueryRunner): Promise<void> {
  // Fails if one is still open.
  await queryRunner.query('BEGIN').catch(() => undefined)
  for (let level = 1; level < nestedLevels; level += 1) {
    // The names that TypeORM gives.
    await queryRunner.query(`SAVEPOINT typeorm_${String(level)}`).catch(() => undefined)
  }
}

/** Begins a transaction again after a migration ended it with SQL or through TypeORM. */
export async function reopen(queryRunner: QueryRunner): Promise<void> {
  if (queryRunner.isTransactionActive) await queryRunner.query('BEGIN')
  else await queryRunner.startTransaction()
}
