import type { QueryRunner } from 'typeorm'

import { AludelError, isAludelError } from '../../errors'
import { fold } from '../../sql/sqlite/tokens'
import type { Queryable } from '../queryable'
import { replaceMethod } from '../replace-method'
import type { PreparedSession } from '../roles/running'
import type { ObjectWatcher } from './compile'
import { errorText, isBusy } from './errors'
import { changePragma } from './pragma'
import { keepReferences } from './set-aside'

interface Violation {
  readonly table: string
  readonly rowid: number | null
  readonly parent: string
}

/** Violations at two points of a session; null where SQLite could not check. */
interface Noted {
  /** Before the revision that runs. */
  before: readonly Violation[] | null
  /** At the end of the last one, and the {@link writes} at that time. */
  after?: { readonly violations: readonly Violation[]; readonly writes: string }
}

/** Of sessions that are prepared. */
const noted = new WeakMap<QueryRunner, Noted>()

/** Milliseconds to wait for another program's transaction if the connection has no `busy_timeout`. */
const busyTimeoutMs = 5000

/**
 * Turns foreign keys off, which is possible only outside a transaction, makes references follow renames (but for those of
 * {@link keepReferences}), and makes the connection wait for others.
 *
 * The settings stay for all revisions that follow: setting a pragma makes SQLite compile every cached statement again.
 */
export async function prepare(
  queryRunner: QueryRunner,
  newWatcher: (database: Queryable) => ObjectWatcher,
): Promise<PreparedSession> {
  const settings = [
    await changePragma(queryRunner, 'foreign_keys', () => 0),
    await changePragma(queryRunner, 'legacy_alter_table', () => 0),
    await changePragma(queryRunner, 'busy_timeout', (value) => (value === 0 ? busyTimeoutMs : value)),
  ]
  const restoreReferences = keepReferences(queryRunner)
  const restoreBegin = beginAsWriter(queryRunner)
  let watcher: ObjectWatcher | undefined
  return {
    beforeRevision: async () => {
      const known = await knownViolations(queryRunner, noted.get(queryRunner)?.after)
      noted.set(queryRunner, { before: known ?? (await violationsNow(queryRunner)) })
    },
    watchObjects: () => (watcher ??= newWatcher(queryRunner)).watch(),
    survives: (statements) => statements?.some((sql) => /\bpragma\b/i.test(sql)) === false,
    restore: async () => {
      restoreBegin()
      restoreReferences()
      noted.delete(queryRunner)
      for (const restore of settings) await restore()
    },
  }
}

type Query = (sql: string, parameters?: unknown[], ...rest: unknown[]) => Promise<unknown>

/**
 * Makes transactions take the lock of the file's only writer when they begin. A revision always writes; if it reads before, and
 * another connection writes in between, SQLite in WAL mode refuses all its writes, however long it waits
 * (`SQLITE_BUSY_SNAPSHOT`): https://www.sqlite.org/isolation.html
 *
 * @returns a function that ends it
 */
function beginAsWriter(queryRunner: QueryRunner): () => void {
  const original: Query = queryRunner.query.bind(queryRunner)
  return replaceMethod(queryRunner, 'query', (...[sql, ...rest]: Parameters<Query>) =>
    sql === 'BEGIN TRANSACTION' ? beginImmediate(queryRunner, original) : original(sql, ...rest),
  )
}

async function beginImmediate(queryRunner: QueryRunner, query: Query): Promise<unknown> {
  try {
    return await query('BEGIN IMMEDIATE TRANSACTION')
  } catch (error) {
    // TypeORM counts the transaction before it begins, and would roll it back.
    Object.assign(queryRunner, { isTransactionActive: false })
    throw error
  }
}

/** Those at the end of the last revision, unless something was written since. */
async function knownViolations(
  queryRunner: QueryRunner,
  after: Noted['after'],
): Promise<readonly Violation[] | undefined> {
  if (after === undefined) return undefined
  return after.writes === (await writes(queryRunner)) ? after.violations : undefined
}

/** Changes whenever rows or the schema change, whoever changes them. */
async function writes(queryRunner: QueryRunner): Promise<string> {
  // `data_version` is that of other connections: https://www.sqlite.org/pragma.html#pragma_data_version.
  const [row] = (await queryRunner.query(
    'SELECT d.data_version AS others, s.schema_version AS "schema", total_changes() AS own FROM pragma_data_version AS d, pragma_schema_version AS s',
  )) as Record<string, number>[]
  return JSON.stringify(row)
}

/** Null if SQLite cannot check. Throws if the file is in use, so that the caller can try again. */
async function violationsNow(queryRunner: QueryRunner): Promise<readonly Violation[] | null> {
  try {
    return await findViolations(queryRunner)
  } catch (error) {
    if (isAludelError(error)) return null
    throw error
  }
}

/**
 * Begins the transaction again if SQLite has ended it: some failures roll back all of it and not only the statement (a full
 * disk, an error of the disk, `OR ROLLBACK`, `RAISE(ROLLBACK, …)`), and later statements would run outside any transaction.
 * BEGIN is the only test for it in SQL.
 *
 * See https://www.sqlite.org/lang_transaction.html#response_to_errors_within_a_transaction
 *
 * @returns whether it had been ended
 */
export async function beginAgain(session: Queryable): Promise<boolean> {
  try {
    await session.query('BEGIN')
    return true
  } catch {
    return false
  }
}

/**
 * Refuses rows that reference a missing row and did not before. Foreign keys are off, so nothing else checks them.
 *
 * @throws AludelError `ALUDEL_FOREIGN_KEYS`
 */
export async function beforeCommit(queryRunner: QueryRunner): Promise<void> {
  const now = noted.get(queryRunner)
  if (now?.before === null) return
  const after = await findViolations(queryRunner)
  const found = newViolations(now?.before ?? [], after)
  if (found.length === 0) {
    if (now !== undefined) now.after = { violations: after, writes: await writes(queryRunner) }
    return
  }
  const details = {
    violations: found.slice(0, 100).map(({ table, rowid, parent }) => ({ table, rowid, references: parent })),
  }
  const gone = await missingTables(queryRunner, found)
  if (gone.length > 0) {
    const tables = [...new Set(found.filter(({ parent }) => gone.includes(parent)).map(({ table }) => table))]
    throw new AludelError(
      'ALUDEL_FOREIGN_KEYS',
      `foreign keys of ${tables.join(', ')} reference ${gone.join(', ')}, which ${gone.length === 1 ? 'does' : 'do'} not exist`,
      {
        help:
          'The transaction was rolled back. References follow a renamed table: to rebuild one, create the new table under ' +
          'another name, copy the rows, drop the old table, and then rename the new one.',
        details,
      },
    )
  }
  const shown = found.slice(0, 5).map(({ table, rowid, parent }) => {
    return rowid === null ? `${table} → ${parent}` : `${table} (rowid ${String(rowid)}) → ${parent}`
  })
  const more = found.length > shown.length ? ` and ${String(found.length - shown.length)} more` : ''
  const rows = found.length === 1 ? '1 row references' : `${String(found.length)} rows reference`
  throw new AludelError('ALUDEL_FOREIGN_KEYS', `${rows} a row that is not there: ${shown.join(', ')}${more}`, {
    help: 'The transaction was rolled back. Delete or correct these rows in the revision that removes the rows they reference.',
    details,
  })
}

/** The referenced tables that do not exist. */
async function missingTables(database: Queryable, violations: readonly Violation[]): Promise<readonly string[]> {
  const rows = await database.query(`SELECT name FROM main.sqlite_master WHERE type = 'table'`)
  const names = new Set((rows as { name: string }[]).map(({ name }) => fold(name)))
  return [...new Set(violations.map(({ parent }) => parent))].filter((name) => !names.has(fold(name)))
}

async function findViolations(queryRunner: QueryRunner): Promise<readonly Violation[]> {
  try {
    return (await queryRunner.query('PRAGMA foreign_key_check')) as Violation[]
  } catch (error) {
    if (isBusy(error)) throw error
    throw new AludelError('ALUDEL_FOREIGN_KEYS', `foreign keys cannot be checked: ${errorText(error)}`, {
      help: 'A foreign key must reference the primary key of the other table, or columns with a unique constraint or index.',
      cause: error,
    })
  }
}

/**
 * A rebuild changes rowids, and a rename changes names, so rows cannot be compared one by one: the number of violations for
 * each pair of tables is. Violations of a table that no longer exists excuse as many elsewhere.
 */
function newViolations(before: readonly Violation[], after: readonly Violation[]): readonly Violation[] {
  const pair = ({ table, parent }: Violation): string => JSON.stringify([table, parent])
  const row = (violation: Violation): string => JSON.stringify([violation.table, violation.rowid, violation.parent])
  const [old, now] = [countBy(before, pair), countBy(after, pair)]
  const known = new Set(before.map(row))
  const grown = [...now].flatMap(([key, count]) => {
    const excess = count - (old.get(key) ?? 0)
    const rows = after.filter((violation) => pair(violation) === key)
    const unknownFirst = [...rows].sort((a, b) => Number(known.has(row(a))) - Number(known.has(row(b))))
    return excess > 0 ? unknownFirst.slice(0, excess) : []
  })
  const gone = [...old].reduce((sum, [key, count]) => (now.has(key) ? sum : sum + count), 0)
  return grown.length > gone ? grown : []
}

function countBy<T>(items: readonly T[], key: (item: T) => string): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const item of items) counts.set(key(item), (counts.get(key(item)) ?? 0) + 1)
  return counts
}
