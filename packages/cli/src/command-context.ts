import type { Output } from './output/output'
import type { Progress } from './output/progress'
import type { GlobalValues } from './parser/global-options'
import type { Prompts } from './prompts'

/** The environment of a command. */
export interface CommandContext {
  readonly globals: GlobalValues
  readonly output: Output
  readonly progress: Progress
  readonly prompts: Prompts
  /** Aborted by Ctrl-C and termination signals. */
  readonly signal: AbortSignal
  readonly cwd: string
  readonly env: Readonly<Record<string, string | undefined>>
  /** Changes the working directory of the process; see `ProjectOptions.enter`. */
  readonly enter: ((directory: string) => void) | undefined
  /** Milliseconds since the process began, without the time in which a user was asked. */
  elapsed(): number
}
