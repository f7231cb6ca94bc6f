import { holderWords, type LockHolder } from '@aludel/engine'

import type { CommandContext } from '../../command-context'
import { age } from '../../output/format'
import { defineCommand } from '../../parser/command'
import { flag } from '../../parser/options'
import { withMigrator } from '../../project/migrator'

export const command = defineCommand({
  positionals: [],
  options: { force: flag('also when its holder is alive: it is refused at its next statement') },
  examples: [
    ['migrate unlock', 'who holds the lock? a lease that is dead is ended, after a question'],
    ['migrate unlock --yes', 'the same without a question'],
  ],
  async run(args, context) {
    return withMigrator(context, async (migrator) => {
      const confirm = confirmation(context)
      const result = await migrator.unlock({ force: args.force, ...(confirm === undefined ? {} : { confirm }) })
      return {
        json: result,
        human: (out) => {
          if (result.lock === null) out.note('Nobody holds the migration lock.')
          else if (result.removed) out.note(`Ended the lease of ${described(result.lock)}.`)
          else out.note('The lease has changed meanwhile; nothing was ended.')
        },
      }
    })
  },
})

function described(lock: LockHolder): string {
  return `${holderWords(lock)}${lock.ageMs === null ? '' : ` (${age(lock.ageMs)})`}`
}

/** How somebody agrees: by `--yes`, at the terminal, or not at all. */
function confirmation({ prompts, progress }: CommandContext): ((lock: LockHolder) => Promise<boolean>) | undefined {
  if (prompts.yes) return undefined
  if (!prompts.canAsk) return () => Promise.resolve(false)
  return (lock) => {
    progress.clear()
    return prompts.confirm(`End the lease of ${described(lock)}?`)
  }
}
