import { createHash } from 'node:crypto'

import { AludelError, isAludelError } from '../errors'
import { quotePath, type JournalRow } from '../history/history'
import type { JournalEntry } from '../history/types'
import type { Step } from '../revision/revision'
import { withHook } from './batches/hook'
import { JournalledBatches } from './batches/journalled'
import { journalEntry, noteDone, recordStep, runMigration, type LoadedStep, type RunContext } from './context'
import { revisionLabel, statementRange, stepError, type Phase } from './failure'
import { isRead } from './sql-text'
import { StatementCounter, type CountedStatement } from './statement-counter'
import { commitAll, rollbackAll } from './transaction'

/**
 * Runs a revision that is not transactional. Its row in the journal follows each statement, so that after a failure the
 * next run goes on behind the last statement that was executed instead of executing it twice.
 *
 * @throws AludelError `ALUDEL_STATEMENT_HALFWAY` when some of its statements were executed and one failed
 */
export async function runWithoutTransaction(context: RunContext, loaded: LoadedStep): Promise<void> {
  const { step, index } = loaded
  const { history, session, total } = context
  const startedAt = context.now()
  const earlier = await resumePoint(context, step)
  const steps = new Trail(earlier)
  context.tell({ type: 'stepStart', step, index, total })
  const entry = (part: Pick<JournalEntry, 'outcome'> & { error?: string }): JournalEntry =>
    journalEntry(context, step, { startedAt, statement: steps.kept, progress: steps.keptHash, ...part })

  let phase: Phase = 'begin'
  let counter: StatementCounter | undefined
  /** Statements of which nobody could say whether they took effect, should the process die now. */
  let atWork = 0
  let restore: (() => Promise<void>) | undefined
  const raw = session.queryRunner.query.bind(session.queryRunner)
  const batches = new JournalledBatches(context, step, { query: raw }, earlier !== undefined)
  try {
    restore = await context.dialect.beforeTransaction(session.queryRunner)
    if (steps.resumeAfter > 0) {
      context.tell({
        type: 'progress',
        message: `${revisionLabel(step)}: going on after statement ${String(steps.resumeAfter)}`,
      })
    }
    await history.journal(session.queryRunner, entry({ outcome: 'between' }))
    const watched = new StatementCounter(session.queryRunner, {
      transactional: false,
      permit: (): Promise<void> | undefined => session.lock.beforeStatement(watched.transactionOpen),
      ...(context.watch === undefined ? {} : { watch: context.watch.step({ query: raw }) }),
      ...(context.signal === undefined ? {} : { signal: context.signal }),
      onStatement: (statement, sql) => {
        if (statement > steps.resumeAfter) context.tell({ type: 'statement', step, statement, sql })
      },
      intercept: async (statement, run) => {
        if (steps.isBehind(statement)) return steps.skip(statement, run)
        // What changes nothing, or keeps its own account, leaves no doubt when the process dies. But it must not overtake
        // a statement that was not awaited.
        const leavesDoubt = atWork > 0 || (statement.whenDone === undefined && !isRead(statement.sql))
        if (leavesDoubt) atWork += 1
        try {
          // Inside a transaction of the migration's own the row waits for its COMMIT.
          if (leavesDoubt && !watched.transactionOpen) {
            await history.updateJournal({ query: raw }, entry({ outcome: 'running' }))
          }
          const result = await run()
          steps.completed(statement, watched.transactionOpen)
          if (!watched.transactionOpen) {
            const outcome = atWork > (leavesDoubt ? 1 : 0) ? 'running' : 'between'
            await history.updateJournal({ query: raw }, entry({ outcome }))
          }
          return result
        } finally {
          if (leavesDoubt) atWork -= 1
        }
      },
    })
    counter = watched
    phase = 'statements'
    await watched.watch((queryRunner) =>
      withHook(queryRunner, batches.hook(watched), () => runMigration(loaded, queryRunner)),
    )
    steps.refuseShorter()
    phase = 'check'
    await commitAll(session.queryRunner, watched.transactionOpen)
    steps.committed()
    await context.dialect.beforeCommit(session.queryRunner)
    phase = 'record'
    await session.queryRunner.startTransaction()
    await recordStep(context, step)
    await batches.forget()
    const done = entry({ outcome: 'done' })
    await history.updateJournal(session.queryRunner, done)
    await session.lock.beforeCommit(session.queryRunner)
    await commitAll(session.queryRunner, true)
    noteDone(context, { step, durationMs: done.durationMs, statements: watched.completed })
  } catch (error) {
    const rollbackError = await rollbackAll(session.queryRunner, counter?.transactionOpen ?? false)
    const isAlive = await session.isAlive()
    const partial = batches.partial(isAlive)
    const uncertain = !isAlive && partial === undefined
    const failed = stepError(context, {
      step,
      error,
      phase,
      kept: steps.kept,
      uncertain,
      ...(partial === undefined ? {} : { partial }),
      ...(isAludelError(error) && error.code === 'ALUDEL_STATEMENT_HALFWAY' ? {} : { resume: resumeText(steps.kept) }),
      ...(counter === undefined ? {} : { counter }),
      ...(rollbackError === undefined ? {} : { rollbackError }),
    })
    try {
      await history.updateJournal(session.queryRunner, entry({ outcome: 'failed', error: failed.message }))
    } catch {
      // Without a connection the row stays at `running`, which the next run understands.
    }
    context.tell({ type: 'stepFailed', step, index, total, error: failed })
    throw failed
  } finally {
    await restore?.()
  }
  context.tell({ type: 'stepDone', step, index, total, durationMs: context.done.at(-1)?.durationMs ?? 0 })
}

function resumeText(kept: number): string {
  return (
    `To resume, remove the cause and run the same command again: it goes on with statement ${String(kept + 1)}. ` +
    'Later statements of the file may be edited, those before may not.'
  )
}

/** Follows the statements of a revision, those of an earlier run included. */
class Trail {
  /** Statements that an earlier run has executed; they are not executed again. */
  readonly resumeAfter: number
  /** Statements that stay executed whatever happens now, and the SHA-256 over them. */
  kept: number
  keptHash: string

  readonly #expected: string | undefined
  #count = 0
  #hash = ''
  #skipped = 0

  constructor(earlier: JournalRow | undefined) {
    this.resumeAfter = earlier?.statement ?? 0
    this.#expected = earlier?.progress
    this.kept = this.resumeAfter
    this.keptHash = earlier?.progress ?? ''
  }

  isBehind({ statement }: CountedStatement): boolean {
    return statement <= this.resumeAfter
  }

  /** Stands for the execution of a statement that an earlier run has executed. Reads are repeated. */
  async skip(counted: CountedStatement, run: () => Promise<unknown>): Promise<unknown> {
    this.#add(counted)
    this.#skipped += 1
    if (counted.statement === this.resumeAfter && this.#hash !== this.#expected) throw changed(this.resumeAfter)
    if (counted.whenDone !== undefined) return counted.whenDone()
    if (isRead(counted.sql)) return run()
    if (/\breturning\b/i.test(counted.sql)) {
      throw new AludelError(
        'ALUDEL_STATEMENT_HALFWAY',
        `statement ${String(counted.statement)} was executed by an earlier run, and the rows it returned are gone`,
        { help: startOverHelp },
      )
    }
    return []
  }

  completed(counted: CountedStatement, transactionOpen: boolean): void {
    this.#add(counted)
    if (!transactionOpen) this.committed()
  }

  /** What was executed so far stays. */
  committed(): void {
    if (this.#count < this.kept) return
    this.kept = this.#count
    this.keptHash = this.#hash
  }

  /** @throws AludelError when the revision ended before the statements of the earlier run did */
  refuseShorter(): void {
    if (this.#skipped < this.resumeAfter) throw changed(this.resumeAfter)
  }

  #add({ sql, parameters }: CountedStatement): void {
    this.#count += 1
    this.#hash = createHash('sha256')
      .update(this.#hash)
      .update(JSON.stringify([sql, parameters.map(String)]))
      .digest('hex')
  }
}

const startOverHelp =
  'Finish or undo it by hand, then say which: `aludel migrate stamp` for finished; for undone, remove its rows from the journal.'

function changed(count: number): AludelError {
  return new AludelError(
    'ALUDEL_STATEMENT_HALFWAY',
    `the file was edited in ${statementRange(count)}, which an earlier run has executed`,
    { help: `Put ${count === 1 ? 'it' : 'them'} back as they were to resume, or: ${startOverHelp}` },
  )
}

/** The entry of an earlier run that stopped in the middle of this step, if there is one. */
async function resumePoint(context: RunContext, step: Step): Promise<JournalRow | undefined> {
  const { history, session, dialect } = context
  const last = await history.lastEntry(session.queryRunner, step.revision.id)
  if (last?.progress === undefined || last.direction !== step.direction) return undefined
  if (last.outcome === 'failed' || last.outcome === 'between') return last
  if (last.outcome !== 'running') return undefined
  const next = last.statement + 1
  const update = (set: string): string =>
    `UPDATE ${quotePath(dialect, history.journalTable)} SET ${set} WHERE "id" = ${String(last.id)}`
  throw new AludelError(
    'ALUDEL_STATEMENT_HALFWAY',
    `revision ${revisionLabel(step)} was cut off at statement ${String(next)} by the end of an earlier process`,
    {
      help: [
        `Whether statement ${String(next)} took effect is not known: look at the database.`,
        `If it did not:  ${update(`"outcome" = 'failed'`)}`,
        `If it did, undo it first, or finish the revision by hand and record it with \`aludel migrate stamp\`.`,
        'Then run again: it goes on from there.',
      ].join('\n'),
      details: { revision: step.revision.id, direction: step.direction, statement: next, kept: last.statement },
    },
  )
}
