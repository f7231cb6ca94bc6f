import { listBroken } from '../dialect/broken-objects'
import type { Queryable } from '../dialect/queryable'
import { AludelError, isAludelError } from '../errors'
import { quotePath, type JournalRow } from '../history/history'
import { formatProgress } from '../history/progress'
import type { JournalEntry } from '../history/types'
import type { Step } from '../revision/revision'
import { withHook } from '../batches/hook'
import { JournaledBatches } from './journaled-batches'
import { journalEntry, noteDone, recordStep, runMigration, type LoadedStep, type Run } from './run-values'
import { contentionOf, patiently, Patience } from './contention'
import { revisionLabel, stepError, type Phase } from './failure'
import { executeOutside, type Outside } from './outside-statement'
import { readTest } from '../execution/reads'
import { StatementInterceptor } from '../execution/statement-interceptor'
import { type Mark, OutsideProgress } from './outside-progress'
import { commitAll, rollbackAll } from '../execution/transaction'

/**
 * Runs a revision that is not transactional. Its row in the journal records when each statement is begun and when it is
 * done, so that after a failure, or the end of the process, the next run resumes after the last executed statement. The
 * catalog shows whether a statement took effect that was begun when the process ended.
 *
 * @throws AludelError `ALUDEL_STATEMENT_HALFWAY` when some of its statements were executed and one failed
 */
export async function runWithoutTransaction(run: Run, loaded: LoadedStep): Promise<void> {
  const { step, index } = loaded
  const { history, session, total } = run
  const startedAt = run.now()
  const patientlyDo = <Result>(work: () => Promise<Result>): Promise<Result> =>
    patiently(run, step, loaded.limits.retryMs, work)
  const earlier = await patientlyDo(() => resumePoint(run, step))
  const progress = new OutsideProgress(earlier)
  run.emit({ type: 'stepStart', step, index, total })
  // With a mark, the entry contains what will be true once the open transaction commits.
  const entry = (part: Pick<JournalEntry, 'outcome'> & { error?: string }, mark?: Mark): JournalEntry =>
    journalEntry(run, loaded, {
      startedAt,
      statement: (mark ?? progress.state.kept).count,
      progress: mark === undefined ? progress.text : idle(mark.hash),
      ...part,
    })

  let phase: Phase = 'begin'
  let interceptor: StatementInterceptor | undefined
  let outside: Outside | undefined
  const database = uninterceptedSession(session)
  const sent: string[] = []
  const own = run.kept.own(database, { isLocal: () => interceptor?.transactionOpen === true, sent: () => sent })
  const batches = new JournaledBatches(run, step, { database, own }, earlier !== undefined)
  try {
    const prepared = await patientlyDo(() => run.preparation.begin())
    const objects = await patientlyDo(() => prepared.watchObjects())
    if (progress.resumeAfter > 0) {
      run.emit({
        type: 'progress',
        message: `${revisionLabel(step)}: resuming after statement ${String(progress.resumeAfter)}`,
      })
    }
    await patientlyDo(() => history.journal(session.queryRunner, entry({ outcome: 'running' })))
    const note = (mark?: Mark): Promise<void> => history.updateJournal(own, entry({ outcome: 'running' }, mark))
    const current: Outside = {
      run,
      loaded,
      progress,
      database,
      own,
      interceptor: () => watched,
      isRead: readTest(run.dialect),
      note,
      byHand: (intercepted) => byHand(run, step, progress, intercepted),
    }
    outside = current
    const inTurn = queue()
    const watched = new StatementInterceptor(session.queryRunner, {
      transactional: false,
      socket: await run.dialect.running.socket(session.queryRunner),
      warn: (message) => run.emit({ type: 'warning', message: `revision ${revisionLabel(step)}: ${message}` }),
      permit: (): Promise<void> | undefined => {
        const { state } = progress
        return session.lock.beforeStatement(
          watched.transactionOpen || (state.name === 'begun' && state.how === 'together'),
        )
      },
      watch: run.watch?.step(database, step),
      signal: run.signal,
      onStatement: (statement, sql) => {
        sent.push(sql)
        if (statement > progress.resumeAfter) run.emit({ type: 'statement', step, statement, sql })
      },
      // One after the other, even if the migration does not await them: each has journal notes around it.
      intercept: (statement, send) => inTurn(() => executeOutside(current, statement, send)),
    })
    interceptor = watched
    phase = 'statements'
    await watched.watch((queryRunner) =>
      withHook(queryRunner, batches.hook(watched), () => runMigration(loaded, queryRunner)),
    )
    progress.refuseShorter()
    phase = 'check'
    if (watched.transactionOpen) {
      await note(progress.seen)
      await commitAll(session.queryRunner, true)
      progress.commit()
    }
    await patientlyDo(() => run.dialect.running.beforeCommit(session.queryRunner))
    const broken = (objects === null ? [] : await patientlyDo(() => objects(null))).filter(({ isNew }) => !isNew)
    // Nothing can be rolled back here.
    if (broken.length > 0)
      run.emit({ type: 'warning', message: `revision ${revisionLabel(step)} breaks ${listBroken(broken)}` })
    if (!session.isShared) await run.kept.restore(session.queryRunner, 'session')
    phase = 'record'
    const done = await record(run, loaded, batches, () => entry({ outcome: 'done' }))
    noteDone(run, { step, durationMs: done.durationMs, statements: watched.completed })
  } catch (error) {
    const rollbackError = await rollbackAll(session.queryRunner, interceptor?.transactionOpen ?? false)
    const inFlight = progress.isInFlight || phase === 'record' || interceptor?.transactionOpen === true
    const isAlive = await session.isAlive()
    if (isAlive && !session.isShared) await run.kept.restore(session.queryRunner, 'session').catch(() => undefined)
    const partial = batches.partial(isAlive)
    const uncertain = !isAlive && inFlight && partial === undefined
    const failed = stepError(run, {
      step,
      error,
      phase,
      kept: progress.state.kept.count,
      uncertain,
      partial,
      left: outside?.left,
      resume: isAludelError(error, 'ALUDEL_STATEMENT_HALFWAY') ? undefined : resumeText(progress.state.kept.count),
      interceptor,
      rollbackError,
    })
    try {
      await history.updateJournal(session.queryRunner, entry({ outcome: 'failed', error: failed.message }))
    } catch {
      // Without a connection the row stays at `running`, from which the next run can also resume.
    }
    run.emit({ type: 'stepFailed', step, index, total, error: failed })
    throw failed
  } finally {
    await run.preparation.end()
  }
  run.emit({ type: 'stepDone', step, index, total, durationMs: run.done.at(-1)?.durationMs ?? 0 })
}

/**
 * Writes the history row and the journal's outcome. If the connection is lost at COMMIT, reads from the history on a new
 * one whether the database committed.
 */
async function record(
  run: Run,
  { step, limits }: LoadedStep,
  batches: JournaledBatches,
  entryNow: () => JournalEntry,
): Promise<JournalEntry> {
  const { history, session, dialect } = run
  const patience = new Patience(run, step, limits.retryMs)
  for (;;) {
    const done = entryNow()
    try {
      await session.queryRunner.startTransaction()
      await recordStep(run, step)
      await batches.forget()
      await history.updateJournal(session.queryRunner, done)
      await session.lock.beforeCommit(session.queryRunner)
      await commitAll(session.queryRunner, true)
      return done
    } catch (error) {
      if (!(await session.isAlive())) {
        run.emit({ type: 'progress', message: 'the connection was lost; checking what the database did' })
        await session.reconnect()
        const now = new Set((await history.read(session.queryRunner)).map((row) => row.name))
        if (now.has(step.revision.name) === (step.direction === 'upgrade')) return done
        continue
      }
      await rollbackAll(session.queryRunner, true)
      const contention = contentionOf(dialect, error)
      if (contention === undefined || !(await patience.again(contention, []))) throw error
    }
  }
}

/** The session of the run, also after a reconnect; its statements are not intercepted. */
function uninterceptedSession(session: Run['session']): Queryable {
  const first = session.queryRunner
  const raw = first.query.bind(first)
  return {
    query: (sql, parameters) =>
      session.queryRunner === first ? raw(sql, parameters) : session.queryRunner.query(sql, parameters),
  }
}

function idle(hash: string): string {
  return formatProgress({ hash, begun: { kind: 'none' } })
}

/** Returns a function that runs one piece of work after the other. */
function queue(): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve()
  return (work) => {
    const result = last.then(work)
    last = result.catch(() => undefined)
    return result
  }
}

function resumeText(kept: number): string {
  return (
    `To resume, remove the cause and run the same command again: it resumes with statement ${String(kept + 1)}. ` +
    'Later statements of the file may be edited, those before may not.'
  )
}

/** The entry of an earlier run that stopped in the middle of this step. */
async function resumePoint(run: Run, step: Step): Promise<JournalRow | undefined> {
  const { history, session } = run
  const last = await history.lastEntry(session.queryRunner, step.revision.id)
  if (last === undefined) await refuseUnclaimed(run, step)
  return last !== undefined && isUnfinished(last, step) ? last : undefined
}

function isUnfinished({ progress, direction, outcome }: JournalRow, step: Step): boolean {
  return progress !== undefined && direction === step.direction && (outcome === 'failed' || outcome === 'running')
}

/**
 * Refuses a step that an earlier version may have begun: it did not record for which of the histories of the database.
 *
 * @throws AludelError `ALUDEL_STATEMENT_HALFWAY`
 */
async function refuseUnclaimed({ history, session }: Run, step: Step): Promise<void> {
  const entry = await history.unclaimedEntry(session.queryRunner, step.revision.id)
  if (entry === undefined || !isUnfinished(entry, step)) return
  throw new AludelError(
    'ALUDEL_STATEMENT_HALFWAY',
    `an earlier version stopped in ${revisionLabel(step)}, and did not record in which of the histories of this database`,
    {
      help: [
        `If it was "${history.name}":  ${history.claimStatement(entry)}`,
        `If it was another one, put its name in:  ${history.claimStatement(entry, 'NAME')}`,
        'Then run again. Nothing was changed.',
      ].join('\n'),
      details: { revision: step.revision.id, history: history.name, entry: entry.id },
    },
  )
}

/** What to write into the journal if only a person can find out whether a statement took effect. */
function byHand(
  { dialect, history, runId }: Run,
  { revision }: Step,
  progress: OutsideProgress,
  intercepted: Parameters<Outside['byHand']>[0],
): { readonly done: string; readonly notDone: string } {
  const update = (statement: number, hash: string): string =>
    `UPDATE ${quotePath(dialect, history.journalTable)} SET "statement" = ${String(statement)}, ` +
    `"progress" = ${dialect.sql.literal(idle(hash))} ` +
    `WHERE "run_id" = ${dialect.sql.literal(runId)} AND "revision" = ${dialect.sql.literal(revision.id)}`
  const { kept } = progress.state
  const done = progress.with(intercepted)
  return { done: update(done.count, done.hash), notDone: update(kept.count, kept.hash) }
}
