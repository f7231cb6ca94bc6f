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
interface Doubt {
  /** 1-based. */
  readonly statement: number
  /** SHA-256 over the statements up to this one; absent if it was not recorded. */
  readonly hash?: string
}

/**
 * The state of a step that is not transactional. `kept`: the statements that stay executed whatever happens now.
 *
 * ```
 * passing ──► in doubt ──► between ◄──► begun
 *    └───────────────────►    ▲  └────► own transaction
 *                             └─────────────┘
 * ```
 */
type StepState =
  /** The revision sends statements that an earlier run has executed; they are skipped. */
  | { readonly name: 'passing'; readonly kept: Mark; readonly seen: Mark; readonly doubt: Doubt | undefined }
  /** The next statement is the one that an earlier run had begun: only the catalog shows whether it took effect. */
  | { readonly name: 'in doubt'; readonly kept: Mark; readonly doubt: Doubt }
  /** Every statement so far is executed, and no other is begun. */
  | { readonly name: 'between'; readonly kept: Mark }
  /** A statement is running: in the transaction that also records it (`together`), or without one (`alone`). */
  | { readonly name: 'begun'; readonly kept: Mark; readonly next: Mark; readonly how: 'alone' | 'together' }
  /** The revision has begun its own transaction; the statements in it are kept once it commits. */
  | { readonly name: 'own transaction'; readonly kept: Mark; readonly seen: Mark }

const nothing: Mark = { count: 0, hash: '' }

/** Tracks the statements of a revision that is not transactional, including those of an earlier run. */
export class OutsideProgress {
  /** The number of statements that an earlier run has executed. */
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

  /** The mark of all statements sent so far. */
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
    return formatProgress({ hash, begun: { kind: 'alone', hash: doubt.hash } })
  }

  /** True while a statement is begun and not yet recorded as done. */
  get isInFlight(): boolean {
    const state = this.#state
    return state.name === 'begun' || ('doubt' in state && state.doubt !== undefined)
  }

  /** The mark after this statement. */
  with(intercepted: InterceptedStatement): Mark {
    return after(this.seen, intercepted)
  }

  /**
   * passing → passing, in doubt or between: a statement of the earlier run is skipped.
   *
   * @throws AludelError `ALUDEL_STATEMENT_HALFWAY` when these are no longer the statements that it executed
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
   * in doubt: the revision sends the statement in doubt.
   *
   * @throws AludelError `ALUDEL_STATEMENT_HALFWAY` when it is no longer the same statement
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

  /** @throws AludelError `ALUDEL_STATEMENT_HALFWAY` when the revision has fewer statements than the earlier run executed */
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
    ? { statement: kept.count + 1, hash: begun?.kind === 'alone' ? begun.hash : undefined }
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

/** Replaces the rows that a statement returned in an earlier run; throws when the revision uses them, which few do. */
export function goneRows({ statement }: InterceptedStatement): unknown {
  return untouchable(
    () =>
      new AludelError(
        'ALUDEL_STATEMENT_HALFWAY',
        `statement ${String(statement)} was executed by an earlier run, and the rows it returned are not available`,
        { help: startOverHelp },
      ),
  )
}

const startOverHelp =
  'Finish or undo it by hand, then record that: if finished, with `aludel migrate stamp`; if undone, by removing its rows from the journal.'

function changed(count: number): AludelError {
  return new AludelError(
    'ALUDEL_STATEMENT_HALFWAY',
    `the file was edited in ${statementRange(count)}, which an earlier run has executed`,
    { help: `To resume, restore ${count === 1 ? 'it' : 'them'}. Or: ${startOverHelp}` },
  )
}

function changedInDoubt(statement: number): AludelError {
  return new AludelError(
    'ALUDEL_STATEMENT_HALFWAY',
    `the file was edited in statement ${String(statement)}, which an earlier run had begun when it ended`,
    {
      help: `Restore it: the next run then checks whether it took effect. Or: ${startOverHelp}`,
      details: { statement },
    },
  )
}
