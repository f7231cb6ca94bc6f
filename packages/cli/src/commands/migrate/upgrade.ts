import { atMostOne, eitherRevision, onlyWith } from '../../arguments'
import { printRun } from '../../output/run'
import { defineCommand } from '../../parser/command'
import { flag } from '../../parser/options'
import { withMigrator } from '../../project/migrator'
import { previewPlan, previewSql } from './preview'
import { expectedHead, expectOptions, keepChoice, migrateOptions, runOptions } from './run-options'

export const command = defineCommand({
  positionals: [{ name: 'REV', describe: 'up to where: head (default), heads, +1, an id, a label …' }],
  options: {
    ...runOptions,
    'keep-dropped': flag('keep what is dropped or narrowed in the database, for a downgrade to give back'),
    'no-keep-dropped': flag('do not, where the configuration says so'),
    ...expectOptions,
    'out-of-order': flag('apply revisions even if a later one is already applied'),
  },
  examples: [
    ['migrate upgrade', 'run all pending revisions'],
    ['migrate upgrade +1', 'run only the next one'],
    ['migrate upgrade --plan', 'show the pending revisions and their effects'],
    ['migrate upgrade --keep-dropped', 'a later downgrade gives back what was dropped, with the rows written since'],
    [
      'migrate upgrade --expect-head 3f9c1b7a2d40',
      'only if that is the head of these files: an old image migrates nothing',
    ],
    ['migrate upgrade base:head --sql', 'a script of the whole history, without a database'],
  ],
  async run(args, context) {
    const target = eitherRevision(args.REV, args.revision)
    const keepDropped = keepChoice(args)
    const expectHead = expectedHead(args)
    const options = { ...migrateOptions(args), keepDropped, expectHead, outOfOrder: args['out-of-order'] }
    atMostOne({ sql: args.sql, plan: args.plan })
    onlyWith('trace', args.trace, 'plan', args.plan)
    atMostOne({ sql: args.sql, 'keep-dropped': args['keep-dropped'] })
    return withMigrator(context, async (migrator) => {
      if (args.sql) return previewSql(migrator, 'upgrade', target, options)
      if (args.plan) {
        const { trace, transaction } = args
        return previewPlan(migrator, 'upgrade', target, { keepDropped, expectHead, trace, transaction })
      }
      const result = await migrator.upgrade(target, options)
      return { json: result, human: (out) => printRun(result, out, context.elapsed()) }
    })
  },
})
