import type { CommandContext } from './command-context'

/** What a user is asked before something is changed. */
interface Question {
  /** Printed before it. */
  readonly lines?: readonly string[]
  readonly text: string
}

/**
 * How a change is confirmed: by `--yes` (undefined), at the terminal, or never.
 *
 * @param question gets what would be changed
 * @example
 * migrator.downgrade('-1', { confirm: confirmation(context, (plan) => ({ text: 'Undo it?' })) })
 */
export function confirmation<Shown>(
  { prompts, progress, output }: Pick<CommandContext, 'prompts' | 'progress' | 'output'>,
  question: (shown: Shown) => Question,
): ((shown: Shown) => Promise<boolean>) | undefined {
  if (prompts.yes) return undefined
  if (!prompts.canAsk) return () => Promise.resolve(false)
  return (shown) => {
    const { lines = [], text } = question(shown)
    progress.clear()
    output.errorLines(...lines)
    return prompts.confirm(text)
  }
}
