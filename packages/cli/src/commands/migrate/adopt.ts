import type { AdoptResult } from '@aludel/engine'

import { confirmation } from '../../confirmation'
import { planLines, printAdopted, questionOf } from '../../output/adopt'
import { defineCommand } from '../../parser/command'
import { choice, text } from '../../parser/options'
import { withMigrator } from '../../project/migrator'
import { lockOptions, lockSettings } from './lock-options'

export const command = defineCommand({
  positionals: [{ name: 'REV', describe: 'compare with this revision only; default: find the one that fits' }],
  options: {
    message: text('TEXT', 'the message of the first revision, where there are none; default: adopt the database'),
    backup: choice(
      ['auto', 'always', 'never'],
      'always: back up before constraints and indexes are renamed; auto (default): not, because that loses nothing',
    ),
    ...lockOptions,
  },
  examples: [
    ['migrate adopt', 'find the revision whose schema the database has, ask, and record it'],
    ['migrate adopt --yes', 'the same without the question; exit 3 if no revision fits'],
    ['migrate adopt 3f9c', 'compare with one revision, and record that'],
  ],
  async run(args, context) {
    const { output } = context
    const confirm = confirmation(context, (plan: AdoptResult) => ({
      lines: planLines(plan, output.errorColors, context.cwd),
      text: questionOf(plan),
    }))
    const result = await withMigrator(
      context,
      (migrator) => migrator.adopt({ revision: args.REV, message: args.message, backup: args.backup, confirm }),
      lockSettings(args),
    )
    return {
      json: result,
      exitCode: result.stamped.length === 0 ? 3 : 0,
      human: (out) => {
        // Otherwise they were shown with the question.
        if (context.prompts.yes && result.stamped.length > 0) out.note(...planLines(result, out.colors, context.cwd))
        printAdopted(result, out, context.cwd)
      },
    }
  },
})
