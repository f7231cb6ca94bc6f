import type { Queryable } from '../dialect/queryable'
import type { StatementLimits } from '../dialect/roles/running'
import { AludelError, isAludelError } from '../errors'
import type { LoadedStep, Run } from './run-values'
import { contentionOf, Patience } from './contention'
import { revisionLabel } from './failure'
import { shortSql } from '../sql/text'
import type { ReadTest } from '../execution/reads'
import { Interruption, type InterceptedStatement, type StatementInterceptor } from '../execution/statement-interceptor'
import { goneRows, type Mark, type OutsideProgress } from './outside-progress'

/** The context of the statements of one revision that is not transactional. */
export interface Outside {
  readonly run: Run
  readonly loaded: LoadedStep
  readonly progress: OutsideProgress
  /** The session of the run, without the interceptor. */
  readonly database: Queryable
  /** The same in the role of the run, which the revision may have left. */
  readonly own: Queryable
  readonly interceptor: () => StatementInterceptor
  readonly isRead: ReadTest
  /** Writes the progress to the journal; with a mark, the progress once the open transaction commits. */
  readonly note: (mark?: Mark) => Promise<void>
  /** Why the leftovers of a failed statement could not be removed. */
  left?: string
  /** What to write into the journal by hand to resolve a doubt. */
  readonly byHand: (intercepted: InterceptedStatement) => { readonly done: string; readonly notDone: string }
}

/**
 * Executes one statement of a revision that is not transactional so that it is known afterwards, whatever happens, whether
 * it was executed: in a transaction together with the journal's note that it is done, or, if it cannot run in one, between
 * a note that it is begun and a note that it is done.
 */
export async function executeOutside(
  outside: Outside,
  intercepted: InterceptedStatement,
  send: () => Promise<unknown>,
): Promise<unknown> {
  const { run, progress, interceptor, note, isRead } = outside
  const { statements } = run.dialect
  const { sql, whenDone } = intercepted
  const state = progress.state

  if (state.name === 'passing') {
    progress.pass(intercepted)
    if (whenDone !== undefined) return whenDone()
    // Reads, and settings of the session, are needed again.
    return statements.isOfSession(sql) || (await isRead(sql)) ? send() : goneRows(intercepted)
  }
  if (interceptor().transactionOpen) {
    // The note is committed together with the revision's own transaction.
    if (intercepted.effects.includes('commit')) await note(progress.with(intercepted))
    const result = await send()
    progress.finish(intercepted, interceptor().transactionOpen)
    return result
  }
  if (state.name === 'in doubt') {
    if (await tookEffect(outside, intercepted)) {
      progress.finish(intercepted, false)
      await note()
      return goneRows(intercepted)
    }
    progress.discard()
  }
  if (whenDone !== undefined) {
    // It records its own progress, so it is never in doubt.
    const result = await send()
    progress.finish(intercepted, false)
    await note()
    return result
  }
  if (intercepted.effects.length > 0 || statements.isOfSession(sql) || (await isRead(sql))) {
    // It changes nothing permanent, so executing it again does no harm.
    const result = await send()
    progress.finish(intercepted, interceptor().transactionOpen)
    return result
  }
  return tryStatement(outside, intercepted, () =>
    statements.sharesTransaction(sql) ? together(outside, intercepted, send) : alone(outside, intercepted, send),
  )
}

/** Executes the statement and writes the note that it is done in one transaction. */
async function together(
  { run, loaded, progress, database, own, interceptor, note }: Outside,
  intercepted: InterceptedStatement,
  send: () => Promise<unknown>,
): Promise<unknown> {
  const { lockTimeoutMs, statementTimeoutMs } = loaded.limits
  progress.begin(intercepted, 'together')
  await note()
  await database.query('BEGIN')
  let result: unknown
  try {
    await run.session.lock.begin(own)
    await run.dialect.running.limit(database, { lockTimeoutMs, statementTimeoutMs }, 'transaction')
    result = await send()
    await note(progress.with(intercepted))
    await run.session.lock.beforeCommit(own)
    await database.query('COMMIT')
  } catch (error) {
    // A deferred constraint fails at COMMIT.
    const { failures } = interceptor()
    if (failures.at(-1)?.error !== error)
      failures.push({ statement: intercepted.statement, sql: intercepted.sql, error })
    await database.query('ROLLBACK').catch(() => undefined)
    throw error
  }
  progress.finish(intercepted, false)
  return result
}

/** Executes a statement that cannot run in a transaction, or may end one. */
async function alone(
  outside: Outside,
  intercepted: InterceptedStatement,
  send: () => Promise<unknown>,
): Promise<unknown> {
  const { run, loaded, progress, note } = outside
  const { statements } = run.dialect
  const limits = statements.waitsAlone(intercepted.sql) ? loaded.limits.alone : loaded.limits
  await clearLeftovers(outside, intercepted)
  progress.begin(intercepted, 'alone')
  await note()
  const restore = await limitSession(outside, limits)
  let result: unknown
  try {
    result = await send()
  } finally {
    await restore()
  }
  progress.finish(intercepted, false)
  await note()
  return result
}

/**
 * Removes the leftovers of an earlier, failed execution (an INVALID index), so that they are not taken for its result. That
 * may have to wait for other transactions, for no longer than a statement of the revision.
 */
async function clearLeftovers(outside: Outside, { sql }: InterceptedStatement): Promise<void> {
  const { run, loaded, database } = outside
  const statements = await run.dialect.statements.leftovers(database, sql)
  if (statements.length === 0) return
  const restore = await limitSession(outside, { lockTimeoutMs: loaded.limits.lockTimeoutMs })
  try {
    for (const statement of statements) {
      run.emit({ type: 'progress', message: `removing what a failed build left: ${statement}` })
      await database.query(statement)
    }
  } finally {
    await restore()
  }
}

/**
 * Sets limits for statements outside a transaction. With a lease there may be a pooler in transaction mode, which would give
 * the session, and its settings, to other clients: then only the server's own limits apply.
 */
function limitSession({ run, database }: Outside, limits: StatementLimits): Promise<() => Promise<void>> {
  if (run.session.isShared) return Promise.resolve(() => Promise.resolve())
  return run.dialect.running.limit(database, limits, 'session')
}

/** Retries a statement that another session blocked, and removes the leftovers of each failed try. */
async function tryStatement(
  outside: Outside,
  intercepted: InterceptedStatement,
  attempt: () => Promise<unknown>,
): Promise<unknown> {
  const { run, loaded, progress, database, interceptor } = outside
  const { dialect } = run
  const patience = new Patience(run, loaded.step, loaded.limits.retryMs)
  for (;;) {
    try {
      const result = await attempt()
      delete outside.left
      return result
    } catch (error) {
      // Without a session nothing can be checked, and without the lock nothing may be done: the next run resumes from what
      // the journal contains.
      if (isAludelError(error, 'ALUDEL_LOCK_LOST')) throw error
      if (!(await answers(database))) throw error
      try {
        await clearLeftovers(outside, intercepted)
        progress.discard()
        delete outside.left
      } catch (reason) {
        // The error of the statement matters more; the next try, or the next run, removes the leftovers.
        outside.left = dialect.errors.textOf(reason)
      }
      const contention = contentionOf(dialect, error)
      if (contention === undefined) throw error
      const blockers = await dialect.running.blockers(database, intercepted.sql)
      if (!(await patience.again(contention, blockers))) {
        if (run.signal?.aborted === true) throw new Interruption()
        throw patience.error(contention, blockers, error)
      }
      const { failures } = interceptor()
      if (failures.at(-1)?.statement === intercepted.statement) failures.pop()
    }
  }
}

/**
 * Whether the statement that an earlier run had begun took effect.
 *
 * @throws AludelError `ALUDEL_STATEMENT_HALFWAY` when the catalog does not show it, or when the file was edited there
 */
async function tookEffect(outside: Outside, intercepted: InterceptedStatement): Promise<boolean> {
  const { run, loaded, progress, database, byHand } = outside
  const { dialect, emit } = run
  const doubt = progress.meet(intercepted)
  await clearLeftovers(outside, intercepted)
  const found = await dialect.statements.probe(database, intercepted.sql)
  const label = revisionLabel(loaded.step)
  const place = `statement ${String(doubt.statement)} (${shortSql(intercepted.sql, 80)})`
  if (found !== 'unknown') {
    const words = found === 'done' ? 'took effect' : 'did not take effect'
    emit({ type: 'progress', message: `${label}: an earlier run ended in ${place}; it ${words}` })
    return found === 'done'
  }
  const { done, notDone } = byHand(intercepted)
  throw new AludelError(
    'ALUDEL_STATEMENT_HALFWAY',
    `revision ${label} was cut off at ${place} by the end of an earlier process`,
    {
      help: [
        'The catalog does not show whether it took effect: check the objects that it should have changed.',
        `If it did not:  ${notDone}`,
        `If it did:  ${done}`,
        'Then run again: it resumes from there.',
      ].join('\n'),
      details: { revision: loaded.step.revision.id, statement: doubt.statement, kept: progress.state.kept.count },
    },
  )
}

async function answers(database: Queryable): Promise<boolean> {
  try {
    await database.query('SELECT 1')
    return true
  } catch {
    return false
  }
}
