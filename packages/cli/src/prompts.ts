import type { Readable, Writable } from 'node:stream'

import { interrupted } from './interrupt'
import type { Progress } from './output/progress'

interface PromptsOptions {
  readonly progress: Progress
  readonly stdin: Readable & { readonly isTTY?: boolean }
  readonly stderr: Writable & { readonly isTTY?: boolean }
  readonly signal: AbortSignal
  /** `--yes` */
  readonly yes: boolean
  /** `--no-input` */
  readonly noInput: boolean
}

interface Streams {
  readonly input: Readable
  readonly output: Writable
  readonly signal: AbortSignal
}

interface Choice<T extends string> {
  readonly value: T
  readonly label: string
  readonly hint?: string
}

/** Asks the user at the terminal. Questions are written to standard error, because standard output is the result. */
export class Prompts {
  readonly #options: PromptsOptions
  #askedMs = 0

  constructor(options: PromptsOptions) {
    this.#options = options
  }

  /** Milliseconds in which questions waited for an answer. */
  get askedMs(): number {
    return this.#askedMs
  }

  /** True with `--yes`. */
  get yes(): boolean {
    return this.#options.yes
  }

  /** True if a user can be asked: at a terminal, and without `--no-input`. */
  get canAsk(): boolean {
    const { noInput, stdin, stderr } = this.#options
    return !noInput && stdin.isTTY === true && stderr.isTTY === true
  }

  /**
   * Asks yes or no. The default is no.
   *
   * @throws AludelError `ALUDEL_INTERRUPTED` on Ctrl-C
   */
  async confirm(question: string): Promise<boolean> {
    const { confirm, isCancel } = await import('@clack/prompts')
    const answer = await this.#ask((streams) => confirm({ message: question, initialValue: false, ...streams }))
    if (isCancel(answer)) throw interrupted()
    return answer
  }

  /**
   * Asks for one of several answers.
   *
   * @throws AludelError `ALUDEL_INTERRUPTED` on Ctrl-C
   */
  async select<T extends string>(question: string, choices: readonly Choice<T>[]): Promise<T> {
    const { select, isCancel } = await import('@clack/prompts')
    const options: Choice<string>[] = choices.map((choice) => ({ ...choice }))
    const answer = await this.#ask((streams) => select<string>({ message: question, options, ...streams }))
    if (isCancel(answer)) throw interrupted()
    return answer as T
  }

  /**
   * Asks for a line of text, which may be empty.
   *
   * @param placeholder a hint, shown in gray
   * @throws AludelError `ALUDEL_INTERRUPTED` on Ctrl-C
   */
  async text(question: string, placeholder: string): Promise<string> {
    const { text, isCancel } = await import('@clack/prompts')
    const answer = await this.#ask((streams) => text({ message: question, placeholder, defaultValue: '', ...streams }))
    if (isCancel(answer)) throw interrupted()
    return answer
  }

  async #ask<T>(question: (streams: Streams) => Promise<T>): Promise<T> {
    const { progress, stdin, stderr, signal } = this.#options
    progress.clear()
    const askedAt = Date.now()
    try {
      return await question({ input: stdin, output: stderr, signal })
    } finally {
      this.#askedMs += Date.now() - askedAt
    }
  }
}
