import type { QueryRunner } from 'typeorm'

import { AludelError, messageOf } from '../../errors'
import { clientOf } from './client'
import { askBackend, backendOf, queryOutsidePool } from './side-session'

/** What to do instead of migrating through a pooler in transaction mode. */
const serverOrLease =
  'Connect to the server itself (its own port, not that of PgBouncer), or use a lease: --lock lease. Nothing was changed.'

/** How often each session is asked in turn which server process answers. */
const rounds = 3

/**
 * Refuses a connection pooler that gives a session another server process for each transaction: a session lock taken
 * there would be left in a process that serves another client next. Sets and locks nothing to find out.
 *
 * A server reports its process when a connection is made, and `pg_backend_pid()` returns it. Where the two agree, there is
 * no pooler. Where they differ (a pooler invents its own), two sessions are asked in turn: a process that changes, or one
 * that answers both, proves a pooler in transaction mode. Otherwise it may be one in session mode, which is allowed; the
 * caller then checks the lock again after taking it.
 *
 * @param help what to do instead
 * @returns true when there is a pooler that may be in session mode
 * @throws AludelError `ALUDEL_POOLER`
 * @see https://www.pgbouncer.org/features.html
 */
export async function refusePooler(
  work: QueryRunner,
  side: QueryRunner | undefined,
  help: string = serverOrLease,
): Promise<boolean> {
  const sessions = side === undefined ? [work] : [work, side]
  const seen: { readonly session: QueryRunner; readonly pid: number; readonly named: number | undefined }[] = []
  // One after the other: a pooler may give sessions the same process only when they do not query at the same time.
  for (const session of sessions) {
    seen.push({ session, pid: await backendOf(session), named: (await clientOf(session)).processID })
  }
  if (new Set(seen.map(({ pid }) => pid)).size < seen.length)
    throw await evidentPooler(work, 'one server process answers two sessions', help)
  if (seen.every(({ pid, named }) => pid === named)) return false
  if (side === undefined) {
    const [row] = ((await queryOutsidePool(work, askBackend)) ?? []) as { pid: number }[]
    if (row !== undefined && row.pid === seen[0]?.pid)
      throw await evidentPooler(work, 'one server process answers two sessions', help)
  }
  for (let round = 0; round < rounds; round += 1) {
    for (const { session, pid } of seen) {
      if ((await backendOf(session)) !== pid)
        throw await evidentPooler(work, 'the server process of a session changes between two statements', help)
    }
  }
  return true
}

/** The words with which PgBouncer ends a client that begins a transaction in statement mode. */
const noTransactions = 'transaction blocks not allowed in statement pooling mode'

/**
 * Refuses a pooler in statement mode, through which no transaction can run. Begins an empty one to find out.
 *
 * @throws AludelError `ALUDEL_POOLER`
 */
export async function refuseStatementPooler(work: QueryRunner): Promise<void> {
  try {
    await work.query('BEGIN')
    await work.query('ROLLBACK')
  } catch (error) {
    if (messageOf(error).includes(noTransactions)) throw statementPoolerError(messageOf(error))
    throw error
  }
}

async function evidentPooler(work: QueryRunner, evidence: string, help: string): Promise<AludelError> {
  try {
    await refuseStatementPooler(work)
  } catch (error) {
    if (error instanceof AludelError) return error
  }
  return poolerError(evidence, help)
}

function statementPoolerError(evidence: string): AludelError {
  return new AludelError(
    'ALUDEL_POOLER',
    'this is a connection pooler in statement mode, through which no transaction can run',
    {
      help: 'Connect to the server itself (its own port, not that of PgBouncer), or use pool_mode = session; a lease needs at least pool_mode = transaction. Nothing was changed.',
      details: { evidence, mode: 'statement' },
    },
  )
}

/** The error for a pooler in transaction mode. */
export function poolerError(evidence: string, help: string = serverOrLease): AludelError {
  return new AludelError(
    'ALUDEL_POOLER',
    `this is a connection pooler in transaction mode, through which no session lock can be held: ${evidence}`,
    {
      help,
      details: { evidence, mode: 'transaction' },
    },
  )
}
