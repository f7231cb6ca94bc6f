import { createHash } from 'node:crypto'

import { AludelError } from '../errors'
import type { JournalRow } from '../history/history'
import { type Begun, formatProgress, isInDoubt, parseProgress } from '../history/progress'
import { statementRange } from './failure'
import type { CountedStatement } from '../execution/statement-counter'

/** A statement that an earlier run had begun when it ended. */
export interface Doubt {
  /** 1-based. */
  readonly statement: number
  /** SHA-256 over the statements up to this one; absent where it was not written down. */
  readonly hash?: string
}

/** Follows the statements of a revision that is not transactional, those of an earlier run included. */
export class Trail {
  /** Statements that an earlier run has executed; they are not executed again. */
  readonly resumeAfter: number
  /** Statements that stay executed whatever happens now, and the SHA-256 over them. */
  kept: number
  keptHash: string
  /** The statement after them, while nobody knows whether it took effect. */
  doubt: Doubt | undefined
  /** Why what a failed statement has left could not be cleared away. */
  left: string | undefined

  readonly #expected: string | undefined
  #count = 0
  #hash = ''
  #skipped = 0
  #begun: Begun = { kind: 'none' }

  constructor(earlier: JournalRow | undefined) {
    const { hash, begun } = parseProgress(earlier?.progress ?? '')
    this.resumeAfter = earlier?.statement ?? 0
    this.#expected = earlier === undefined ? undefined : hash
    this.kept = this.resumeAfter
    this.keptHash = hash
    if (earlier !== undefined && isInDoubt(earlier)) {
      this.#begun = begun ?? { kind: 'alone' }
      this.doubt = {
        statement: this.resumeAfter + 1,
        ...(begun?.kind !== 'alone' || begun.hash === undefined ? {} : { hash: begun.hash }),
      }
    }
  }

  /** For the journal. */
  get progress(): string {
    return formatProgress({ hash: this.keptHash, begun: this.#begun })
  }

  /** True while a statement is begun of which the journal does not say that it is done. */
  get isInFlight(): boolean {
    return this.#begun.kind !== 'none'
  }

  /** True while a statement is in the transaction that also says that it is done. */
  get sharesTransaction(): boolean {
    return this.#begun.kind === 'together'
  }

  isBehind({ statement }: CountedStatement): boolean {
    return statement <= this.resumeAfter
  }

  /**
   * Stands for the execution of a statement that an earlier run has executed.
   *
   * @param repeats whether it is one that is to be executed again: it reads, or it is about the session
   */
  async skip(counted: CountedStatement, send: () => Promise<unknown>, repeats: boolean): Promise<unknown> {
    this.#add(counted)
    this.#skipped += 1
    if (counted.statement === this.resumeAfter && this.#hash !== this.#expected) throw changed(this.resumeAfter)
    if (counted.whenDone !== undefined) return counted.whenDone()
    return repeats ? send() : goneRows(counted)
  }

  /**
   * The statement that an earlier run had begun has come.
   *
   * @throws AludelError when it is another one now
   */
  meet(counted: CountedStatement, doubt: Doubt): void {
    if (doubt.hash !== undefined && doubt.hash !== this.with(counted).keptHash) throw changedInDoubt(doubt.statement)
  }

  /** What {@link kept} and {@link keptHash} will be when this statement is done as well. */
  with({ sql, parameters }: CountedStatement): { readonly kept: number; readonly keptHash: string } {
    const keptHash = createHash('sha256')
      .update(this.#hash)
      .update(JSON.stringify([sql, parameters.map(String)]))
      .digest('hex')
    return { kept: this.#count + 1, keptHash }
  }

  /** What they will be when the transaction that is open commits. */
  get withOpen(): { readonly kept: number; readonly keptHash: string } {
    return { kept: this.#count, keptHash: this.#hash }
  }

  begin(counted: CountedStatement, kind: 'alone' | 'together'): void {
    this.#begun = { kind, hash: this.with(counted).keptHash }
  }

  /** What was begun did not take effect. */
  settle(): void {
    this.#begun = { kind: 'none' }
    this.doubt = undefined
    this.left = undefined
  }

  completed(counted: CountedStatement, transactionOpen: boolean): void {
    this.#add(counted)
    this.settle()
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
    if (this.doubt !== undefined) throw changedInDoubt(this.doubt.statement)
  }

  #add(counted: CountedStatement): void {
    const { kept, keptHash } = this.with(counted)
    this.#count = kept
    this.#hash = keptHash
  }
}

const startOverHelp =
  'Finish or undo it by hand, then say which: `aludel migrate stamp` for finished; for undone, remove its rows from the journal.'

/**
 * Stands for the rows that a statement returned in an earlier run: whoever looks at them gets an error. Most revisions do
 * not.
 */
function goneRows({ statement }: CountedStatement): unknown {
  const fail = (): never => {
    throw new AludelError(
      'ALUDEL_STATEMENT_HALFWAY',
      `statement ${String(statement)} was executed by an earlier run, and the rows it returned are gone`,
      { help: startOverHelp },
    )
  }
  return new Proxy([], {
    get: (_target, property) => (property === 'then' ? undefined : fail()),
    has: fail,
    ownKeys: fail,
    getOwnPropertyDescriptor: fail,
  })
}

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
