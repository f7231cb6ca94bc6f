import type { AdoptResult } from '@aludel/engine'

import { confirmation } from '../../confirmation'
import { planLines, printAdopted, questionOf } from '../../output/adopt'
import { defineCommand } from '../../parser/command'
import { choice, flag, list, text } from '../../parser/options'
import { withMigrator } from '../../project/migrator'
import { lockOptions, lockSettings } from './lock-options'

export const command = defineCommand({
  positionals: [{ name: 'REV', describe: 'compare with this revision only; default: find the one that fits' }],
  options: {
    message: text('TEXT', 'the message of the first revision, where there are none; default: adopt the database'),
    convert: flag('if no revision fits, convert the database to the nearest one, with all its rows'),
    map: list(
      'OLD=NEW',
      'table.column.old=new: write a value of an enum as another one, where its spelling does not show which; repeatable',
    ),
    backfill: list('COLUMN=SQL', 'table.column=<SQL expression>: fill rows without a value; repeatable'),
    using: list('COLUMN=SQL', 'table.column=<SQL expression>: convert values by this expression; repeatable'),
    'time-zone': text('ZONE', 'the time zone of stored times that have none, on PostgreSQL; default: UTC'),
    backup: choice(
      ['auto', 'always', 'never'],
      'auto (default): back up before values are converted, and not before names are changed, because that loses nothing',
    ),
    ...lockOptions,
  },
  examples: [
    ['migrate adopt', 'find the revision whose schema the database has, ask, and record it'],
    ['migrate adopt --yes', 'the same without the question; exit 3 if no revision fits'],
    ['migrate adopt --convert --yes', 'convert the database if no revision fits; exit 4 if that would lose anything'],
    ['migrate adopt --convert --map tasks.state.ON_HOLD=paused', 'say what becomes of a value'],
    ['migrate adopt 3f9c', 'compare with one revision, and record that'],
  ],
  async run(args, context) {
    const { output } = context
    const confirm = confirmation(context, (plan: AdoptResult) => ({
      lines: planLines(plan, output.errorColors, context.cwd, output.verbose),
      text: questionOf(plan),
    }))
    const answers = {
      map: args.map,
      backfill: args.backfill,
      using: args.using,
      timeZone: args['time-zone'],
    }
    const result = await withMigrator(
      context,
      (migrator) =>
        migrator.adopt({
          ...{ revision: args.REV, message: args.message, backup: args.backup, confirm },
          ...answers,
          // Without a question, only --convert says yes to more than names.
          convert: args.convert || (context.prompts.canAsk && !context.prompts.yes ? 'offer' : false),
        }),
      lockSettings(args),
    )
    return {
      json: result,
      exitCode: result.stamped.length === 0 ? 3 : 0,
      human: (out) => {
        // Otherwise they were shown with the question.
        if (context.prompts.yes && result.stamped.length > 0)
          out.note(...planLines(result, out.colors, context.cwd, out.verbose))
        printAdopted(result, out, context.cwd)
      },
    }
  },
})
