import type { MigrationInterface, QueryRunner } from 'typeorm'

import type { Dialect } from '../dialect/dialect'
import type { Together } from '../dialect/roles/shadow'
import { AludelError, isAludelError, messageOf } from '../errors'
import { saysOutside, type Direction, type Revision } from '../revision/revision'
import { keepBorrowed } from '../execution/borrowed'
import { notKeptAlive } from '../execution/idle'
import { createMetadataTable } from '../execution/metadata-table'
import { recordOnDatabase, type Recording } from '../execution/recorder'
import { shorten } from './entity-errors'
import { notingFailures, refusedBefore, statementOf } from './statements'

type LoadMigration = (revision: Revision) => Promise<MigrationInterface>

/**
 * Runs revisions on a shadow database, one transaction each, without history, lock or journal.
 *
 * @param revisions in run order
 * @throws AludelError `ALUDEL_REPLAY` with the revision and the statement
 */
export async function replay(
  dialect: Dialect,
  runner: QueryRunner,
  revisions: readonly Revision[],
  direction: Direction,
  load: LoadMigration,
  afterEach?: (revision: Revision) => Promise<void>,
): Promise<void> {
  await createMetadataTable(runner)
  for (const revision of revisions) {
    await replayOne(dialect, runner, revision, direction, load)
    await afterEach?.(revision)
  }
}

/**
 * Runs one revision as {@link replay} does, and records its statements.
 *
 * @returns the statements that do not only read, with their parameters inserted, and whether others read rows
 * @throws AludelError `ALUDEL_REPLAY`
 */
export async function replayRecorded(
  dialect: Dialect,
  runner: QueryRunner,
  revision: Revision,
  direction: Direction,
  load: LoadMigration,
): Promise<Recording> {
  let recorded: Recording = { statements: [] }
  const recording: LoadMigration = async (wanted) => {
    const migration = await load(wanted)
    const record = async (queryRunner: QueryRunner): Promise<void> => {
      recorded = await recordOnDatabase(migration, direction, dialect, queryRunner)
    }
    return { transaction: migration.transaction, up: record, down: record }
  }
  await replay(dialect, runner, [revision], direction, recording)
  return recorded
}

async function replayOne(
  dialect: Dialect,
  runner: QueryRunner,
  revision: Revision,
  direction: Direction,
  load: LoadMigration,
): Promise<void> {
  try {
    await runAlone(dialect, runner, revision, direction, load)
  } catch (cause) {
    if (isAludelError(cause) && cause.code !== 'ALUDEL_FOREIGN_KEYS') throw cause
    const statement = statementOf(cause)
    const words = isAludelError(cause)
      ? cause.message
      : statement === undefined
        ? messageOf(cause)
        : dialect.errors.textOf(cause)
    throw new AludelError(
      'ALUDEL_REPLAY',
      `revision ${revision.id} (${revision.message}) cannot be replayed on an empty ${dialect.name} database: ${words}`,
      {
        help: [
          ...(statement === undefined ? [] : [`Statement: ${shorten(statement)}`]),
          `File: ${revision.path}`,
          'If old revisions cannot run on an empty database, compare with a live one: --from database',
        ].join('\n'),
        details: {
          revision: revision.id,
          path: revision.path,
          direction,
          dialect: dialect.name,
          statement,
        },
        cause,
      },
    )
  }
}

/**
 * Runs one revision in a transaction or not, see {@link asDeclared}.
 *
 * @throws the error of the migration or the database
 */
export async function runAlone(
  dialect: Dialect,
  runner: QueryRunner,
  revision: Revision,
  direction: Direction,
  load: LoadMigration,
): Promise<void> {
  await asDeclared(dialect, revision, load, async (migration, transactional) => {
    const work = (): Promise<unknown> => (direction === 'upgrade' ? migration.up(runner) : migration.down(runner))
    if (transactional && (await isRunTogether(dialect, runner, work))) return
    await inRevision(dialect, runner, transactional, work)
  })
}

/**
 * Attempts a revision in a transaction or not, as its file declares. As in an upgrade, it is attempted again without a transaction if
 * it has a statement that cannot run in one.
 *
 * @param attempt runs the migration, and rolls back what it throws
 * @throws what the last attempt throws
 */
export async function asDeclared<T>(
  dialect: Dialect,
  revision: Revision,
  load: LoadMigration,
  attempt: (migration: MigrationInterface, transactional: boolean) => Promise<T>,
): Promise<T> {
  const migration = await load(revision)
  const transactional = !saysOutside(migration, revision)
  try {
    return await attempt(migration, transactional)
  } catch (error) {
    const refused = refusedBefore(error) ?? { sql: statementOf(error) ?? '', error }
    if (!transactional || !dialect.statements.refusedByTransaction(refused.error, refused.sql)) throw error
    return attempt(await load(revision), false)
  }
}

/**
 * Runs a revision in a transaction, and lets its definitions travel together.
 *
 * @returns false if it must run again, because which statement has failed is not certain
 * @throws what it throws by itself, before any of them
 */
async function isRunTogether(dialect: Dialect, runner: QueryRunner, work: () => Promise<unknown>): Promise<boolean> {
  let sent: Together = { joined: 0 }
  try {
    await inRevision(dialect, runner, true, async () => {
      sent = await dialect.shadow.together(runner, work)
      if ('error' in sent) throw sent.error
    })
    return true
  } catch (error) {
    if (sent.joined === 0) throw error
    return false
  }
}

/** Runs `work` as an upgrade does: with the hooks of the dialect and, if `transactional`, in a transaction. */
export async function inRevision(
  dialect: Dialect,
  runner: QueryRunner,
  transactional: boolean,
  work: () => Promise<unknown>,
): Promise<void> {
  const prepared = await dialect.running.prepare(runner)
  // The upgrade warns of what is ignored.
  const giveBack = keepBorrowed(runner, () => undefined)
  try {
    await prepared.beforeRevision()
    const run = (): Promise<unknown> => notingFailures(runner, () => notKeptAlive(dialect, runner, work))
    if (!transactional) await run()
    else
      await inTransaction(runner, async () => {
        await run()
        await dialect.running.beforeCommit(runner)
      })
  } finally {
    giveBack()
    await prepared.restore()
  }
}

/** Commits the work, or rolls it back if it throws. */
export async function inTransaction<T>(runner: QueryRunner, work: () => Promise<T>): Promise<T> {
  await runner.startTransaction()
  try {
    const result = await work()
    await runner.commitTransaction()
    return result
  } catch (error) {
    await runner.rollbackTransaction().catch(() => undefined)
    throw error
  }
}
