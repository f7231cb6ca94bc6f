import {
  type CreateConfirmation,
  type CreateOptions,
  type HandMade,
  handMadeLine,
  type RenameQuestion,
} from '@aludel/engine'

import type { Context } from '../../context'
import { operationLines } from '../../output/operations'
import { defineCommand } from '../../parser/command'
import { choice, flag, list, text } from '../../parser/options'
import { withMigrator } from '../../project/migrator'
import { printCreated, printSql } from './created'

export const command = defineCommand({
  positionals: [{ name: 'MESSAGE', describe: 'what the revision does, in a few words', required: true }],
  options: {
    'no-autogenerate': flag('an empty revision, to be filled by hand'),
    sql: flag('print the SQL; write nothing'),
    rename: list('OLD=NEW', 'table.old=new or old_table=new_table: a rename, keeps the data; repeatable'),
    'no-rename': list('OLD', 'table.old: no rename, really drop it; repeatable'),
    keep: list(
      'KIND:NAME',
      'made by hand, leave it alone from now on: index:posts.ix_body, trigger:posts.*; repeatable',
    ),
    drop: list('KIND:NAME', 'made by hand, really drop it; repeatable'),
    from: choice(
      ['revisions', 'database'],
      'compare the entities with the replayed revisions (default) or the live database',
    ),
    head: text('REV', 'the parent; default: the one head'),
    splice: flag('allow a parent that is no head'),
    'branch-label': list('LABEL', 'a name for the line of revisions that begins here'),
    'depends-on': list('REV', 'must be applied before, without being the parent; repeatable'),
    'rev-id': text('ID', 'the id, instead of a new one'),
  },
  examples: [
    ['migrate create "add priority to workflows"', 'write what changed in the entities'],
    ['migrate create "rename" --rename workflows.prio=priority', 'a rename keeps its data'],
    ['migrate create "rename" --keep index:posts.ix_body_gin', 'what was made by hand stays'],
    ['migrate create "fill priorities" --no-autogenerate', 'an empty one, for a data migration'],
  ],
  async run(args, context) {
    const revisionId = args['rev-id']
    const { from, head, prompts } = { ...args, prompts: context.prompts }
    const options: CreateOptions = {
      autogenerate: !args['no-autogenerate'],
      sql: args.sql,
      splice: args.splice,
      rename: args.rename,
      noRename: args['no-rename'],
      keep: args.keep,
      drop: args.drop,
      branchLabels: args['branch-label'],
      dependsOn: args['depends-on'],
      ...(from === undefined ? {} : { from }),
      ...(head === undefined ? {} : { head }),
      ...(revisionId === undefined ? {} : { revisionId }),
      ...(prompts.yes
        ? { confirm: () => Promise.resolve(true) }
        : prompts.canAsk
          ? { confirm: (question) => confirm(question, context) }
          : {}),
      // --yes does not answer these: yes to what?
      ...(prompts.canAsk
        ? {
            askRename: (question: RenameQuestion) => askRename(question, context),
            askUnmanaged: (question: HandMade) => askUnmanaged(question, context),
          }
        : {}),
    }
    const result = await withMigrator(context, (migrator) => migrator.create(args.MESSAGE, options))
    return {
      json: result,
      human: (out) => {
        if (args.sql) printSql(result, out)
        else printCreated(result, out, context.cwd)
      },
    }
  },
})

function confirm(
  { operations, destroys, conditions }: CreateConfirmation,
  { prompts, progress, output }: Context,
): Promise<boolean> {
  const { errorColors } = output
  progress.clear()
  output.errorLines(
    ...operationLines(operations, errorColors),
    ...destroys.map((line) => `  ${errorColors.red('loses')} ${line}`),
    ...conditions.map((line) => `  ${errorColors.yellow('needs')} ${line}`),
  )
  return prompts.confirm('Write this revision?')
}

async function askRename(
  { message, noRenameFlag, candidates }: RenameQuestion,
  { prompts }: Context,
): Promise<string | null> {
  const dropped = ''
  const answer = await prompts.select(message, [
    ...candidates.map((candidate) => ({ value: candidate, label: `renamed to ${candidate}`, hint: 'keeps its data' })),
    { value: dropped, label: `no, ${noRenameFlag} is really dropped`, hint: 'loses its data' },
  ])
  return answer === dropped ? null : answer
}

/** Asked once: what is kept is remembered in the configuration. */
async function askUnmanaged(question: HandMade, { prompts }: Context): Promise<'keep' | 'drop'> {
  const { description, destroys, blockedBy } = question
  const drop = {
    value: 'drop',
    label: description,
    hint: destroys.length === 0 ? '' : `loses ${destroys.join(', ')}`,
  } as const
  if (blockedBy !== null) {
    const message = `${handMadeLine(question)}. It needs ${blockedBy}.`
    return prompts.select(message, [drop, { value: 'keep', label: 'stop, to change it by hand first' }])
  }
  return prompts.select(`${handMadeLine(question)}.`, [
    { value: 'keep', label: 'leave it alone', hint: 'remembered as `unmanaged` in the configuration' },
    drop,
  ])
}
