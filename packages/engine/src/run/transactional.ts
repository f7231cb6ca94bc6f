import type { QueryRunner } from 'typeorm'

import { listBroken } from '../dialect/broken-objects'
import type { Flight, KeptSession, ObjectWatch, Socket, StatementLimits } from '../dialect/roles/running'
import { AludelError, isAludelError, messageOf } from '../errors'
import { withHook } from '../batches/hook'
import { refuseInTransaction } from '../batches/refused'
import { bothWatches } from '../execution/both-watches'
import {
  follow,
  journalEntry,
  noteDone,
  recordStep,
  runMigration,
  type DoneStep,
  type LoadedStep,
  type Run,
} from './run-values'
import { contentionOf, Patience } from './contention'
import { interruptedBetween, revisionLabel, stepError, type Phase } from './failure'
import { StatementInterceptor } from '../execution/statement-interceptor'
import { commitAll, reopen, rollbackAll } from '../execution/transaction'
import { nextTurn } from '../execution/turn'
import { firstWords } from '../sql/text'

/** How far a group of steps has come, for the error if it fails. */
interface Progress {
  loaded: LoadedStep
  phase: Phase
  startedAt: Date
  interceptor?: StatementInterceptor
  /** True once COMMIT was sent: if it did not commit, the database has rolled back. */
  ended: boolean
}

/**
 * Runs steps in one transaction, together with their rows in the history and the journal: one step in mode `each`,
 * all of them in mode `all`. All of it is committed, or nothing.
 *
 * @param group at least one step
 * @returns `refused` when it was rolled back because one of its statements cannot run in a transaction
 * @throws AludelError `ALUDEL_STATEMENT` and others, see {@link stepError}
 */
export async function runInTransaction(run: Run, group: readonly LoadedStep[]): Promise<'done' | 'refused'> {
  const [first] = group
  if (first === undefined) return 'done'
  const patience = new Patience(run, first.step, Math.max(...group.map(({ limits }) => limits.retryMs)))
  let steps = group
  for (;;) {
    const end = await attempt(run, steps, first, patience)
    if (end === 'refused') return end
    if (end === 'done') break
    steps = await Promise.all(group.map((one) => one.again()))
  }
  if (run.mode === 'each') {
    const durationMs = run.done.at(-1)?.durationMs ?? 0
    run.emit({ type: 'stepDone', step: first.step, index: first.index, total: run.total, durationMs })
  }
  return 'done'
}

/** One try. Unless it returns `done` it was rolled back: another session blocked it, or it cannot run in a transaction. */
async function attempt(
  run: Run,
  group: readonly LoadedStep[],
  first: LoadedStep,
  patience: Patience,
): Promise<'done' | 'again' | 'refused'> {
  const progress: Progress = { loaded: first, phase: 'begin', startedAt: run.now(), ended: false }
  let end: 'done' | undefined
  try {
    const prepared = await run.preparation.begin()
    const objects = await prepared.watchObjects()
    const done = await executeGroup(run, group, progress, objects)
    for (const step of done) noteDone(run, step)
    end = 'done'
    return end
  } catch (error) {
    const handled = await handleError(run, progress, error, patience)
    if (handled === 'again' || handled === 'refused') return handled
    const failed = await failGroup(run, progress, handled)
    run.emit({
      type: 'stepFailed',
      step: progress.loaded.step,
      index: progress.loaded.index,
      total: run.total,
      error: failed,
    })
    throw failed
  } finally {
    // After a failure, nothing of what was noted is certain.
    if (end === undefined || !run.preparation.survives(statementsOf(group))) await run.preparation.end()
  }
}

/** All statements of a group; null if some are known only when it runs. */
function statementsOf(group: readonly LoadedStep[]): readonly string[] | null {
  const all: string[] = []
  for (const { step } of group) {
    if (step.statements === null) return null
    all.push(...step.statements)
  }
  return all
}

/** Rolls back and waits if another try may succeed; otherwise returns the error to report. */
async function handleError(run: Run, progress: Progress, error: unknown, patience: Patience): Promise<unknown> {
  const { interceptor, loaded } = progress
  const { session, dialect } = run
  const contention = contentionOf(dialect, error)
  const sql = interceptor?.failures.at(-1)?.sql
  const refused =
    run.mode === 'each' &&
    sql !== undefined &&
    dialect.statements.refusedByTransaction(interceptor?.failures.at(-1)?.error, sql)
  if (contention === undefined && !refused) return error
  if (interceptor !== undefined && keptStatements(interceptor) > 0) return error
  const { queryRunner } = session
  // `failGroup` rolls back again and reports the error of the rollback.
  const rollbackError = await rollbackAll(queryRunner, isOpen(queryRunner, progress))
  if (rollbackError !== undefined) return error
  if (interceptor !== undefined) interceptor.transactionOpen = false
  if (contention === undefined) return 'refused'
  const blockers = sql === undefined ? [] : await dialect.running.blockers(queryRunner, sql)
  if (await patience.again(contention, blockers)) return 'again'
  if (run.signal?.aborted === true) return interruptedBetween(run.done, loaded.step)
  return patience.error(contention, blockers, error)
}

/** Whether a transaction is open in the database, as far as its statements show. */
function isOpen(queryRunner: QueryRunner, { interceptor, ended }: Progress): boolean {
  return !ended && (interceptor?.transactionOpen ?? queryRunner.isTransactionActive)
}

/**
 * Over a network, the time of a short revision is that of its round trips: one for each of its statements, and one to record, check
 * and commit it. Its first statement travels with BEGIN, unless code of the project sends it.
 */
async function executeGroup(
  run: Run,
  group: readonly LoadedStep[],
  progress: Progress,
  objects: ObjectWatch | null,
): Promise<readonly DoneStep[]> {
  const flight = await run.dialect.running.flight(run.session.queryRunner)
  try {
    return await executeWith(flight, run, group, progress, objects)
  } finally {
    // After a failure here, what is in the air must come down before the rollback.
    await flight.land()
  }
}

async function executeWith(
  flight: Flight,
  run: Run,
  group: readonly LoadedStep[],
  progress: Progress,
  objects: ObjectWatch | null,
): Promise<readonly DoneStep[]> {
  const { queryRunner } = run.session
  const { running } = run.dialect
  let { kept } = run
  const done: DoneStep[] = []
  let mayChange = false
  for (const loaded of group) {
    const { step, index } = loaded
    const isLast = loaded === group.at(-1)
    progress.loaded = loaded
    progress.startedAt = run.now()
    run.emit({ type: 'stepStart', step, index, total: run.total })
    await nextTurn()
    if (loaded === group[0]) kept = await begin(run, flight, progress)
    await flight.send('begin', () => running.limit(queryRunner, limitsIn(group, loaded), 'transaction'))
    // Code of a project may do anything with the session.
    if (step.verbatim === undefined) await landed(run, flight, progress)
    const interceptor = interceptStatements(run, loaded, queryRunner, await running.socket(queryRunner))
    progress.interceptor = interceptor
    progress.phase = 'statements'
    try {
      await flight.takeAlong(() =>
        interceptor.watch((watched) => withHook(watched, refuseInTransaction, () => runMigration(loaded, watched))),
      )
    } catch (error) {
      await landed(run, flight, progress)
      throw error
    }
    progress.phase = 'record'
    await reopenTransaction(run, loaded, interceptor)
    mayChange ||= mayChangeSession(run, loaded)
    // The next step sets its own limits; after the last one, those of the run are still needed.
    if (mayChange) await flight.send('record', () => kept.restore(queryRunner, isLast ? 'transaction' : 'session'))
    await flight.send('record', () => recordStep(run, step))
    const entry = journalEntry(run, loaded, {
      startedAt: progress.startedAt,
      statement: interceptor.completed,
      outcome: 'done',
    })
    await flight.send('record', () => run.history.journal(queryRunner, entry))
    done.push({ step, durationMs: entry.durationMs, statements: interceptor.completed })
    if (run.mode === 'all') {
      await landed(run, flight, progress)
      run.emit({ type: 'stepDone', step, index, total: run.total, durationMs: entry.durationMs })
    }
  }
  await flight.send('check', () => running.beforeCommit(queryRunner))
  await proveLock(run, flight, progress)
  if (objects !== null) {
    await landed(run, flight, progress)
    await refuseBroken(run, group, objects)
  }
  await commit(run, group, progress, flight, mayChange)
  if (run.mode === 'all') return done
  // With its checks and COMMIT, which on SQLite writes what the step has changed: its row in the journal is older.
  const durationMs = Math.max(0, run.now().getTime() - progress.startedAt.getTime())
  return done.map((one) => ({ ...one, durationMs }))
}

/**
 * Begins the transaction.
 *
 * @returns the settings to which its revisions are restored
 */
async function begin(run: Run, flight: Flight, progress: Progress): Promise<KeptSession> {
  const { queryRunner, isShared, lock } = run.session
  await flight.send('begin', () => queryRunner.startTransaction())
  if (!isShared) return run.kept
  await landed(run, flight, progress)
  await lock.begin(queryRunner)
  // A pooler may give each transaction another session.
  return run.dialect.running.keepSession(queryRunner)
}

/** Waits for the answers of a flight. */
async function landed({ dialect, session: { lock } }: Run, flight: Flight, progress: Progress): Promise<void> {
  const failed = await flight.land()
  // What is committed stays committed: the session has ended then, and the next statement of the run reports it.
  if (failed === undefined || failed.label === 'restore') return
  const { label, error } = failed
  // No statement of the revision was executed.
  if (label === 'begin') progress.interceptor = undefined
  progress.phase = label === 'lock' ? 'check' : (label as Phase)
  if (label === 'check') throw dialect.running.violation(error)
  throw label === 'lock' && lock.proof !== undefined ? lock.proof.explain(error) : error
}

async function proveLock(run: Run, flight: Flight, progress: Progress): Promise<void> {
  const { lock, queryRunner } = run.session
  const { proof } = lock
  if (proof !== undefined) {
    await flight.send('lock', () => proof.send(queryRunner))
    return
  }
  await landed(run, flight, progress)
  await lock.beforeCommit(queryRunner)
}

/**
 * Whether a revision may leave other settings of the session behind. Of statements that are known, only those that are no
 * definitions can do it without saying so, by calling a function.
 */
function mayChangeSession({ dialect }: Run, { step: { statements, recorded } }: LoadedStep): boolean {
  if (statements === null) return true
  const { session } = dialect.sql.script
  if (session === undefined) return false
  return statements.some((sql) => session.changes(sql) || (recorded === undefined && !isDefinition(sql)))
}

function isDefinition(sql: string): boolean {
  return ['CREATE', 'ALTER', 'DROP', 'COMMENT'].includes(firstWords(sql, 1)[0] ?? '')
}

/**
 * Refuses to end a run with a view or trigger that no longer works. A revision that others follow may break one: histories
 * exist in which the next revision mends it.
 *
 * @throws AludelError `ALUDEL_BROKEN_OBJECT`
 */
async function refuseBroken(run: Run, group: readonly LoadedStep[], objects: ObjectWatch): Promise<void> {
  const broken = (await objects(statementsOf(group))).filter(({ isNew }) => !isNew)
  const last = group.at(-1)
  if (broken.length === 0 || last === undefined) return
  if (last.index < run.total - 1) {
    run.emit({
      type: 'warning',
      message: `revision ${revisionLabel(last.step)} breaks ${listBroken(broken)}. A later revision of this run should change or drop it`,
    })
    return
  }
  throw new AludelError('ALUDEL_BROKEN_OBJECT', `it breaks ${listBroken(broken)}`, {
    help:
      'The transaction was rolled back. Change or drop what would break: in this revision before its other statements, ' +
      'or in a revision that runs together with it.',
    details: { objects: broken.map(({ kind, name, table, error }) => ({ kind, name, table, error })) },
  })
}

/** In a transaction of several steps the limit of one must not outlast it. */
function limitsIn(group: readonly LoadedStep[], { limits }: LoadedStep): StatementLimits {
  const { lockTimeoutMs, statementTimeoutMs } = limits
  const limited = group.some((one) => one.limits.statementTimeoutMs !== undefined)
  return { lockTimeoutMs, statementTimeoutMs: limited ? (statementTimeoutMs ?? 0) : undefined }
}

function interceptStatements(
  run: Run,
  { step }: LoadedStep,
  queryRunner: QueryRunner,
  socket: Socket,
): StatementInterceptor {
  const raw = queryRunner.query.bind(queryRunner)
  return new StatementInterceptor(queryRunner, {
    transactional: true,
    socket,
    warn: (message) => run.emit({ type: 'warning', message: `revision ${revisionLabel(step)}: ${message}` }),
    permit: (): Promise<void> | undefined => run.session.lock.beforeStatement(true),
    beginAgain: () => run.dialect.running.beginAgain({ query: raw }),
    watch: bothWatches(run.keeping?.watch({ query: raw }, step.revision), run.watch?.step({ query: raw }, step)),
    signal: run.signal,
    onStatement: (statement, sql) => {
      run.emit({ type: 'statement', step, statement, sql })
    },
    onTransactionEnd: (statement, sql) => {
      if (run.mode !== 'all') return
      throw new AludelError(
        'ALUDEL_TRANSACTION_MODE',
        `statement ${String(statement)} (${sql.trim()}) would end the transaction of the whole run`,
        { help: 'Run with one transaction for each revision: --transaction each.' },
      )
    },
  })
}

/**
 * A migration may end the transaction around it; some do, to use a new enum value in the next statement. What it did is
 * permanent then, so it is recorded anyway, with a warning.
 */
async function reopenTransaction(run: Run, { step }: LoadedStep, interceptor: StatementInterceptor): Promise<void> {
  const { committedBy, rolledBackBy, transactionOpen } = interceptor
  if (rolledBackBy !== undefined && rolledBackBy > (committedBy ?? 0) && !transactionOpen) {
    throw new AludelError('ALUDEL_STATEMENT', `it rolled its own work back in statement ${String(rolledBackBy)}`, {
      help: 'A revision that cannot continue must throw an error; the transaction around it is then rolled back.',
    })
  }
  const endedBy = committedBy ?? rolledBackBy
  if (endedBy === undefined) return
  run.emit({
    type: 'warning',
    message:
      `revision ${revisionLabel(step)} ended its transaction itself, in statement ${String(endedBy)}: ` +
      'it is not all or nothing. Declare it: `readonly transaction = false`',
  })
  if (transactionOpen) return
  await reopen(run.session.queryRunner)
  interceptor.transactionOpen = true
}

async function commit(
  run: Run,
  group: readonly LoadedStep[],
  progress: Progress,
  flight: Flight,
  mayChange: boolean,
): Promise<void> {
  const { session } = run
  await flight.send('commit', async () => {
    await commitAll(session.queryRunner, progress.interceptor?.transactionOpen ?? true)
    progress.ended = true
  })
  if (mayChange && !session.isShared)
    await flight.send('restore', () => run.kept.restore(session.queryRunner, 'session'))
  try {
    await landed(run, flight, progress)
  } catch (error) {
    if (!progress.ended || isAludelError(error, 'ALUDEL_LOCK_LOST') || (await session.isAlive())) throw error
    progress.phase = 'commit'
    if (!(await wasCommitted(run, group, error))) throw error
  }
}

/** After a connection that broke during COMMIT, only the history shows whether the server committed. */
async function wasCommitted(run: Run, group: readonly LoadedStep[], cause: unknown): Promise<boolean> {
  const { session, history, applied } = run
  run.emit({ type: 'progress', message: 'the connection was lost during COMMIT; checking what the database did' })
  let now: Set<string>
  try {
    await session.reconnect()
    now = new Set((await history.read(session.queryRunner)).map((row) => row.name))
  } catch (reconnectError) {
    const ids = group.map(({ step }) => step.revision.id)
    throw new AludelError(
      'ALUDEL_CONNECT',
      `the connection was lost while ${ids.join(', ')} was being committed, and could not be restored`,
      {
        help: 'The database has either all of it or nothing: check with `aludel migrate current`, then run again.',
        details: { revisions: ids, reconnect: messageOf(reconnectError) },
        cause,
      },
    )
  }
  const expected = new Set(applied)
  for (const { step } of group) follow(expected, step)
  return now.size === expected.size && [...expected].every((name) => now.has(name))
}

/**
 * Gives the session back what a revision has changed for longer than its transaction. What is committed stays committed if
 * that fails: the session has ended then, and the next statement of the run reports it.
 */
async function restoreSession({ session, kept }: Run): Promise<void> {
  if (!session.isShared) await kept.restore(session.queryRunner, 'session').catch(() => undefined)
}

async function failGroup(run: Run, progress: Progress, error: unknown): Promise<AludelError> {
  const { session, history } = run
  const { interceptor, loaded, phase, startedAt } = progress
  const rollbackError = await rollbackAll(session.queryRunner, isOpen(session.queryRunner, progress))
  await restoreSession(run)
  const kept = interceptor === undefined ? 0 : keptStatements(interceptor)
  const failed = stepError(run, {
    step: loaded.step,
    error,
    phase,
    kept,
    interceptor,
    resume:
      'It ended its transaction itself. Undo by hand what stays, or make these statements repeatable ' +
      '(IF NOT EXISTS), then run again.',
    rollbackError,
  })
  // Another migrator may have the lock, and have done the step, by now: this one must not write.
  if (failed.code === 'ALUDEL_LOCK_LOST') return failed
  try {
    const entry = journalEntry(run, loaded, {
      startedAt,
      statement: interceptor?.completed ?? 0,
      outcome: 'failed',
      error: failed.message,
    })
    await history.journal(session.queryRunner, entry)
  } catch {
    // An error of the journal, such as a lost connection, must not hide the error of the step.
  }
  return failed
}

/** The number of statements that a rollback does not undo, because the migration ended the transaction they ran in. */
function keptStatements({ committedBy, rolledBackBy, transactionOpen, completed }: StatementInterceptor): number {
  if (transactionOpen) return committedBy ?? 0
  if (committedBy !== undefined) return completed
  return rolledBackBy !== undefined && completed > rolledBackBy ? completed : 0
}
