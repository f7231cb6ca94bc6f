import type { MigrateOptions } from '@aludel/engine'

import { atMostOne, parseDuration } from '../../arguments'
import { choice, flag, list, text, type Values } from '../../parser/options'
import { lockOptions, lockSettings } from './lock-options'

/** Options that `upgrade` and `downgrade` share. */
export const runOptions = {
  revision: text('REV', 'the same as the argument REV'),
  sql: flag('print the SQL that would run; write nothing'),
  plan: flag('print the steps with their losses and locks; write nothing'),
  trace: flag(
    'with --plan: run them on a scratch database, and print what each statement locks, rewrites and reads, and how long it blocks others',
  ),
  transaction: choice(['each', 'all'], 'run each revision in its own transaction (default), or all in one'),
  ...lockOptions,
  'table-lock-timeout': text('TIME', 'how long a statement may wait for a table before it is retried; default 5s'),
  'table-lock-budget': text('TIME', 'how long to retry; default 60s'),
  'statement-timeout': text('TIME', 'how long one statement may run; default: the setting of the database'),
  backup: choice(['auto', 'always', 'never'], 'back up before a run that loses data (auto, default), or before any'),
  'restore-on-failure': flag(
    'if the run fails after something was committed, restore its backup; implies --backup always',
  ),
  disconnect: flag('with --restore-on-failure: end the sessions of others for it'),
} as const

/** Options of the commands that run revisions upward. */
export const expectOptions = {
  'expect-head': list(
    'REV',
    'refuse unless this is the head of the files, and the database is not ahead of them; repeatable',
  ),
} as const

/** The expected heads; undefined: any. */
export function expectedHead(args: Values<typeof expectOptions>): readonly string[] | undefined {
  return args['expect-head'].length === 0 ? undefined : args['expect-head']
}

/** What the flags choose; undefined: what the configuration says. */
export function keepChoice(args: {
  readonly 'keep-dropped': boolean
  readonly 'no-keep-dropped': boolean
}): boolean | undefined {
  atMostOne({ 'keep-dropped': args['keep-dropped'], 'no-keep-dropped': args['no-keep-dropped'] })
  return args['keep-dropped'] ? true : args['no-keep-dropped'] ? false : undefined
}

/** The options of a run, from those of the command line. */
export function migrateOptions(args: Values<typeof runOptions>): MigrateOptions {
  const milliseconds = (name: 'table-lock-timeout' | 'table-lock-budget' | 'statement-timeout'): number | undefined => {
    const given = args[name]
    return given === undefined ? undefined : parseDuration(name, given)
  }
  return {
    ...lockSettings(args),
    transaction: args.transaction,
    tableLockTimeoutMs: milliseconds('table-lock-timeout'),
    tableLockRetryMs: milliseconds('table-lock-budget'),
    statementTimeoutMs: milliseconds('statement-timeout'),
    backup: args.backup,
    restoreOnFailure: args['restore-on-failure'],
    disconnect: args.disconnect,
  }
}
