import type { Output } from './output/output'
import type { Progress } from './output/progress'
import type { GlobalValues } from './parser/global-options'
import type { Prompts } from './prompts'

/** What a command works with. */
export interface CommandContext {
  readonly globals: GlobalValues
  readonly output: Output
  readonly progress: Progress
  readonly prompts: Prompts
  /** Aborts when somebody wants the process to end. */
  readonly signal: AbortSignal
  readonly cwd: string
  readonly env: Readonly<Record<string, string | undefined>>
}
