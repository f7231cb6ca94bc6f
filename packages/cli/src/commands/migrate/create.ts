import {
  type BackfillQuestion,
  type CreateConfirmation,
  type CreateOptions,
  type NamesAnswer,
  type NamesQuestion,
  type UnmanagedObject,
  unmanagedLine,
  type RenameQuestion,
} from '@aludel/engine'

import type { CommandContext } from '../../command-context'
import { nameLines } from '../../output/names'
import { operationLines } from '../../output/operations'
import { defineCommand } from '../../parser/command'
import { choice, flag, list, text } from '../../parser/options'
import { withMigrator } from '../../project/migrator'
import { printCreated, printSql } from './created'

export const command = defineCommand({
  positionals: [{ name: 'MESSAGE', describe: 'what the revision does, in a few words', required: true }],
  options: {
    'no-autogenerate': flag('write an empty revision, to be filled in manually'),
    sql: flag('print the SQL; write nothing'),
    online: flag('block nobody where PostgreSQL has a way, in a second revision outside a transaction'),
    rename: list(
      'OLD=NEW',
      'rename and keep the data: table.old=new, old_table=new_table, or table.column.old=new for an enum value; repeatable',
    ),
    'no-rename': list('OLD', 'drop table.old instead of renaming it; repeatable'),
    keep: list(
      'KIND:NAME',
      'keep this unmanaged object, now and in future: index:posts.ix_body, trigger:posts.*; repeatable',
    ),
    drop: list('KIND:NAME', 'drop this unmanaged object; repeatable'),
    map: list('OLD=KEPT', 'table.column.old=kept: replace a dropped enum value in rows by another one; repeatable'),
    backfill: list(
      'COLUMN=SQL',
      'table.column=<SQL expression>: fill rows without a value; prefix sqlite: or postgres: for one database, down: for the downgrade; repeatable',
    ),
    using: list(
      'COLUMN=SQL',
      'table.column=<SQL expression>: convert values to the new type; prefixes as for --backfill; repeatable',
    ),
    names: choice(
      ['keep', 'rename'],
      'constraints and indexes that only have another name than TypeORM derives: keep their names (default), or rename them',
    ),
    from: choice(
      ['revisions', 'database'],
      'compare the entities with the replayed revisions (default) or the live database',
    ),
    head: text('REV', 'the parent; default: the one head'),
    splice: flag('allow a parent that is not a head'),
    'branch-label': list('LABEL', 'a name for the branch that starts here'),
    'depends-on': list('REV', 'a revision that must be applied before, besides the parent; repeatable'),
    test: flag('also write a first test beside the revision, for `migrate test`'),
    'rev-id': text('ID', 'the id; default: a random one'),
  },
  examples: [
    ['migrate create "add priority to workflows"', 'write the changes of the entities'],
    ['migrate create "rename" --rename workflows.prio=priority', 'a rename keeps its data'],
    ['migrate create "rename" --keep index:posts.ix_body_gin', 'keep an unmanaged index'],
    [`migrate create "country" --backfill "users.country='unknown'"`, 'a new NOT NULL column, filled in existing rows'],
    ['migrate create "unique emails" --online', 'build indexes and check rows while others write'],
    ['migrate create "fill priorities" --no-autogenerate', 'an empty revision, for a data migration'],
  ],
  async run(args, context) {
    const { prompts } = context
    let wasShown = false
    const options: CreateOptions = {
      autogenerate: !args['no-autogenerate'],
      sql: args.sql,
      ...(args.online && { online: true }),
      splice: args.splice,
      rename: args.rename,
      noRename: args['no-rename'],
      keep: args.keep,
      drop: args.drop,
      map: args.map,
      backfill: args.backfill,
      using: args.using,
      branchLabels: args['branch-label'],
      dependsOn: args['depends-on'],
      names: args.names,
      from: args.from,
      head: args.head,
      revisionId: args['rev-id'],
      ...(args.test && { test: true }),
      ...(prompts.yes
        ? { confirm: () => Promise.resolve(true) }
        : prompts.canAsk
          ? {
              confirm: (question: CreateConfirmation) => {
                wasShown = true
                return confirm(question, context)
              },
            }
          : {}),
      // --yes cannot answer these, which are not yes-or-no questions.
      ...(prompts.canAsk
        ? {
            askRename: (question: RenameQuestion) => askRename(question, context),
            askUnmanaged: (question: UnmanagedObject) => askUnmanaged(question, context),
            askNames: (question: NamesQuestion) => askNames(question, context),
            askBackfill: (question: BackfillQuestion) => askBackfill(question, context),
          }
        : {}),
    }
    const result = await withMigrator(context, (migrator) => migrator.create(args.MESSAGE, options))
    return {
      json: result,
      human: (out) => {
        if (args.sql) printSql(result, out)
        else printCreated(result, out, context.cwd, wasShown)
      },
    }
  },
})

function confirm(
  { operations, destroys, conditions, needs }: CreateConfirmation,
  { prompts, progress, output }: CommandContext,
): Promise<boolean> {
  const { errorColors } = output
  progress.clear()
  output.errorLines(
    ...operationLines(operations, errorColors),
    ...destroys.map((line) => `  ${errorColors.red('loses')} ${line}`),
    ...conditions.flatMap((line, index) => [
      `  ${errorColors.yellow('needs')} ${line}`,
      ...(needs[index] === undefined ? [] : [`        or create it with ${needs[index].flag}`]),
    ]),
  )
  return prompts.confirm('Write this revision?')
}

async function askRename(
  { kind, message, noRenameFlag, candidates, kept = [] }: RenameQuestion,
  { prompts }: CommandContext,
): Promise<string | null | { readonly map: string }> {
  const choices = [
    ...candidates.map((candidate) => ({
      answer: candidate,
      label: `renamed to ${candidate}`,
      hint: kind === 'value' ? 'rows with it get the new name' : 'keeps its data',
    })),
    ...kept.map((value) => ({
      answer: { map: value },
      label: `no, rows with it get ${value}`,
      hint: 'loses the distinction',
    })),
    {
      answer: null,
      label: `no, ${noRenameFlag} is really dropped`,
      hint: kind === 'value' ? 'stops if rows have it' : 'loses its data',
    },
  ]
  const chosen = await prompts.select(
    message,
    choices.map(({ label, hint }, index) => ({ value: String(index), label, hint })),
  )
  return choices[Number(chosen)]?.answer ?? null
}

async function askBackfill(
  { message, type, dialects }: BackfillQuestion,
  { prompts }: CommandContext,
): Promise<string | null> {
  const both = dialects.length > 1 ? `; prefix ${dialects.map((name) => `${name}:`).join(' or ')} for one database` : ''
  const answer = await prompts.text(
    message,
    `an SQL expression of type ${type}${both}; empty: stop if there are such rows`,
  )
  return answer.trim() === '' ? null : answer
}

/** Asked only once, because the answer to keep them is written to the configuration. */
function askNames(
  { names, message }: NamesQuestion,
  { prompts, progress, output }: CommandContext,
): Promise<NamesAnswer> {
  progress.clear()
  output.errorLines(...nameLines(names))
  return prompts.select(`${message}.`, [
    {
      value: 'keep',
      label: names.length === 1 ? 'keep its name' : 'keep their names',
      hint: 'adds `names` to the configuration',
    },
    { value: 'rename', label: names.length === 1 ? 'rename it' : `rename ${String(names.length)} to TypeORM's names` },
  ])
}

/** Asked only once, because objects to keep are written to the configuration. */
async function askUnmanaged(question: UnmanagedObject, { prompts }: CommandContext): Promise<'keep' | 'drop'> {
  const { description, destroys, blockedBy } = question
  const drop = {
    value: 'drop',
    label: description,
    hint: destroys.length === 0 ? '' : `loses ${destroys.join(', ')}`,
  } as const
  if (blockedBy !== null) {
    const message = `${unmanagedLine(question)}. It needs ${blockedBy}.`
    return prompts.select(message, [drop, { value: 'keep', label: 'stop, to change it first' }])
  }
  return prompts.select(`${unmanagedLine(question)}.`, [
    { value: 'keep', label: 'keep it', hint: 'adds it to `unmanaged` in the configuration' },
    drop,
  ])
}
