import { holderWords, type LockHolder } from '@aludel/engine'

import { confirmation } from '../../confirmation'
import { age } from '../../output/format'
import { defineCommand } from '../../parser/command'
import { flag } from '../../parser/options'
import { withMigrator } from '../../project/migrator'

export const command = defineCommand({
  positionals: [],
  options: { force: flag('also remove a live lease; its migrator fails at its next statement') },
  examples: [
    ['migrate unlock', 'show the holder of the lock, and ask to remove an expired lease'],
    ['migrate unlock --yes', 'the same without a question'],
  ],
  async run(args, context) {
    return withMigrator(context, async (migrator) => {
      const result = await migrator.unlock({
        force: args.force,
        confirm: confirmation(context, (lock: LockHolder) => ({ text: `Remove the lease of ${described(lock)}?` })),
      })
      return {
        json: result,
        human: (out) => {
          if (result.lock === null) out.note('The migration lock is free.')
          else if (result.removed) out.note(`Removed the lease of ${described(result.lock)}.`)
          else out.note('The lease changed meanwhile; nothing was removed.')
        },
      }
    })
  },
})

function described(lock: LockHolder): string {
  return `${holderWords(lock)}${lock.ageMs === null ? '' : ` (${age(lock.ageMs)})`}`
}
