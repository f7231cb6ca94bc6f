import type { MigrateOptions } from '@aludel/engine'

import { parseDuration } from '../../arguments'
import { choice, flag, text, type Values } from '../../parser/options'
import { lockOptions, lockSettings } from './lock-options'

/** Options that `upgrade` and `downgrade` share. */
export const runOptions = {
  revision: text('REV', 'the same as the word REV'),
  sql: flag('print the SQL that would run; write nothing'),
  plan: flag('print the steps, what each destroys and locks; write nothing'),
  transaction: choice(['each', 'all'], 'each revision in its own transaction (default), or all in one'),
  ...lockOptions,
  'table-lock-timeout': text('TIME', 'how long a statement may wait for a table before it is tried again; default 5s'),
  'table-lock-budget': text('TIME', 'how long to go on trying; default 60s'),
  'statement-timeout': text('TIME', 'how long one statement may run; default: what the database allows'),
  backup: choice(['auto', 'always', 'never'], 'before a run that destroys something (auto, default), or any'),
} as const

const timeOptions = ['table-lock-timeout', 'table-lock-budget', 'statement-timeout'] as const
type TimeOption = (typeof timeOptions)[number]

export function migrateOptions(args: Values<typeof runOptions>): MigrateOptions {
  const milliseconds = (name: TimeOption): number | undefined => {
    const given = args[name]
    return given === undefined ? undefined : parseDuration(name, given)
  }
  const [tableLock, budget, statement] = timeOptions.map(milliseconds)
  return {
    ...(args.transaction === undefined ? {} : { transaction: args.transaction }),
    ...lockSettings(args),
    ...(tableLock === undefined ? {} : { tableLockTimeoutMs: tableLock }),
    ...(budget === undefined ? {} : { tableLockRetryMs: budget }),
    ...(statement === undefined ? {} : { statementTimeoutMs: statement }),
    ...(args.backup === undefined ? {} : { backup: args.backup }),
  }
}
