import { createHash } from 'node:crypto'

import { AludelError } from '../errors'
import type { InterceptedStatement } from '../execution/statement-interceptor'
import { untouchable } from '../execution/untouchable'
import type { JournalRow } from '../history/history'
import { formatProgress, isInDoubt, parseProgress } from '../history/progress'
import { statementRange } from './failure'

/** Statements, as far as they have been executed. */
export interface Mark {
  readonly count: number
  /** SHA-256 (hex) over their texts and parameters; empty for none. */
  readonly hash: string
}

/** A statement that an earlier run had begun when it ended. */
export interface Doubt {
  /** 1-based. */
  readonly statement: number
  /** SHA-256 over the statements up to this one; absent where it was not written down. */
  readonly hash?: string
}

/**
 * Where a step stands that is not transactional. `kept` is what stays executed whatever happens now.
 *
 * ```
 * passing ──► in doubt ──► between ◄──► begun
 *    └───────────────────►    ▲  └────► own transaction
 *                             └─────────────┘
 * ```
 */
export type StepState =
  /** Statements that an earlier run has executed come by and are not executed again. */
  | { readonly name: 'passing'; readonly kept: Mark; readonly seen: Mark; readonly doubt: Doubt | undefined }
  /** Next comes the statement that an earlier run had begun: only the catalog tells whether it took effect. */
  | { readonly name: 'in doubt'; readonly kept: Mark; readonly doubt: Doubt }
  /** Every statement so far is executed, and no other is begun. */
  | { readonly name: 'between'; readonly kept: Mark }
  /** One is at work: in the transaction that also records it (`together`), or by itself (`alone`). */
  | { readonly name: 'begun'; readonly kept: Mark; readonly next: Mark; readonly how: 'alone' | 'together' }
  /** The revision has begun a transaction of its own; what comes in it is kept when it commits. */
  | { readonly name: 'own transaction'; readonly kept: Mark; readonly seen: Mark }

const nothing: Mark = { count: 0, hash: '' }

/** Follows the statements of a revision that is not transactional, those of an earlier run included. */
export class OutsideProgress {
  /** Statements that an earlier run has executed. */
  readonly resumeAfter: number
  #state: StepState

  /** @param earlier the entry of a run that stopped in the middle of this step */
  constructor(earlier: JournalRow | undefined) {
    this.resumeAfter = earlier?.statement ?? 0
    this.#state = earlier === undefined ? { name: 'between', kept: nothing } : stateAfter(earlier)
  }

  get state(): StepState {
    return this.#state
  }

  /** The mark of every statement that has come by. */
  get seen(): Mark {
    return 'seen' in this.#state ? this.#state.seen : this.#state.kept
  }

  /** For the journal; see `history/progress.ts`. */
  get text(): string {
    const state = this.#state
    const { hash } = state.kept
    if (state.name === 'begun') return formatProgress({ hash, begun: { kind: state.how, hash: state.next.hash } })
    const doubt = 'doubt' in state ? state.doubt : undefined
    if (doubt === undefined) return formatProgress({ hash, begun: { kind: 'none' } })
    return formatProgress({ hash, begun: { kind: 'alone', ...(doubt.hash === undefined ? {} : { hash: doubt.hash }) } })
  }

  /** True while a statement is begun of which the journal does not say that it is done. */
  get isInFlight(): boolean {
    const state = this.#state
    return state.name === 'begun' || ('doubt' in state && state.doubt !== undefined)
  }

  /** The mark when this statement will be executed as well. */
  with(intercepted: InterceptedStatement): Mark {
    return after(this.seen, intercepted)
  }

  /**
   * passing → passing, in doubt or between: a statement of the earlier run has come by.
   *
   * @throws AludelError when they are no longer the statements that it executed
   */
  pass(intercepted: InterceptedStatement): void {
    const state = this.#in('passing')
    const { kept, doubt } = state
    const seen = after(state.seen, intercepted)
    if (seen.count < kept.count) this.#state = { ...state, seen }
    else if (seen.hash !== kept.hash) throw changed(kept.count)
    else this.#state = doubt === undefined ? { name: 'between', kept } : { name: 'in doubt', kept, doubt }
  }

  /**
   * in doubt: the statement in doubt has come.
   *
   * @throws AludelError when it is another one now
   */
  meet(intercepted: InterceptedStatement): Doubt {
    const { doubt } = this.#in('in doubt')
    if (doubt.hash !== undefined && doubt.hash !== this.with(intercepted).hash) throw changedInDoubt(doubt.statement)
    return doubt
  }

  /** in doubt, begun → between: the statement did not take effect. */
  discard(): void {
    this.#state = { name: 'between', kept: this.#state.kept }
  }

  /** between → begun */
  begin(intercepted: InterceptedStatement, how: 'alone' | 'together'): void {
    this.#state = { name: 'begun', kept: this.#state.kept, next: this.with(intercepted), how }
  }

  /** The statement is executed: any → between, or own transaction while that is open. */
  finish(intercepted: InterceptedStatement, transactionOpen: boolean): void {
    const seen = this.with(intercepted)
    this.#state = transactionOpen
      ? { name: 'own transaction', kept: this.#state.kept, seen }
      : { name: 'between', kept: seen }
  }

  /** own transaction → between: it was committed. */
  commit(): void {
    this.#state = { name: 'between', kept: this.seen }
  }

  /** @throws AludelError when the revision ended before the statements of the earlier run did */
  refuseShorter(): void {
    if (this.#state.name === 'passing') throw changed(this.resumeAfter)
    if (this.#state.name === 'in doubt') throw changedInDoubt(this.#state.doubt.statement)
  }

  #in<Name extends StepState['name']>(name: Name): Extract<StepState, { name: Name }> {
    if (this.#state.name !== name) throw new AludelError('ALUDEL_INTERNAL', `not ${name}, but ${this.#state.name}`)
    return this.#state as Extract<StepState, { name: Name }>
  }
}

function stateAfter(earlier: JournalRow): StepState {
  const { hash, begun } = parseProgress(earlier.progress ?? '')
  const kept: Mark = { count: earlier.statement, hash }
  const doubt: Doubt | undefined = isInDoubt(earlier)
    ? {
        statement: kept.count + 1,
        ...(begun?.kind === 'alone' && begun.hash !== undefined && { hash: begun.hash }),
      }
    : undefined
  if (kept.count > 0) return { name: 'passing', kept, seen: nothing, doubt }
  return doubt === undefined ? { name: 'between', kept: nothing } : { name: 'in doubt', kept: nothing, doubt }
}

function after({ count, hash }: Mark, { sql, parameters }: InterceptedStatement): Mark {
  return {
    count: count + 1,
    hash: createHash('sha256')
      .update(hash)
      .update(JSON.stringify([sql, parameters.map(String)]))
      .digest('hex'),
  }
}

/** Stands for the rows that a statement returned in an earlier run. Most revisions do not look at them. */
export function goneRows({ statement }: InterceptedStatement): unknown {
  return untouchable(
    () =>
      new AludelError(
        'ALUDEL_STATEMENT_HALFWAY',
        `statement ${String(statement)} was executed by an earlier run, and the rows it returned are gone`,
        { help: startOverHelp },
      ),
  )
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

function changedInDoubt(statement: number): AludelError {
  return new AludelError(
    'ALUDEL_STATEMENT_HALFWAY',
    `the file was edited in statement ${String(statement)}, which an earlier run had begun when it ended`,
    {
      help: `Put it back as it was: the database is then asked whether it took effect. Or: ${startOverHelp}`,
      details: { statement },
    },
  )
}
