import type { PlanResult } from '@aludel/engine'

import { atMostOne, eitherRevision, onlyWith } from '../../arguments'
import { confirmation } from '../../confirmation'
import { plural } from '../../output/format'
import { planLines, printRun } from '../../output/run'
import { defineCommand } from '../../parser/command'
import { withMigrator } from '../../project/migrator'
import { previewPlan, previewSql } from './preview'
import { migrateOptions, runOptions } from './run-options'

export const command = defineCommand({
  positionals: [{ name: 'REV', describe: 'down to where: -1 (default), base, an id, a label …' }],
  options: runOptions,
  examples: [
    ['migrate downgrade', 'undo the last one; shows the losses, and asks'],
    ['migrate downgrade -2 --plan', 'show the effects of undoing two of them'],
    ['migrate downgrade base --yes', 'undo everything, without a question'],
  ],
  async run(args, context) {
    const target = eitherRevision(args.REV, args.revision)
    const options = migrateOptions(args)
    atMostOne({ sql: args.sql, plan: args.plan })
    onlyWith('trace', args.trace, 'plan', args.plan)
    return withMigrator(context, async (migrator) => {
      if (args.sql) return previewSql(migrator, 'downgrade', target, options)
      if (args.plan) {
        const { trace, transaction } = args
        return previewPlan(migrator, 'downgrade', target, { trace, transaction })
      }
      const result = await migrator.downgrade(target, {
        ...options,
        confirm: confirmation(context, (plan: PlanResult) => ({
          lines: planLines(plan, context.output.errorColors),
          text: `Undo ${plural(plan.steps.length, 'revision')}?`,
        })),
      })
      const wasShown = !context.prompts.yes && context.prompts.canAsk
      return { json: result, human: (out) => printRun(result, out, context.elapsed(), wasShown) }
    })
  },
})
