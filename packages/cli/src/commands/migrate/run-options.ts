import type { MigrateOptions } from '@aludel/engine'

import { choice, flag, text, type Values } from '../../parser/options'
import { lockOptions, lockSettings } from './lock-options'

/** Options that `upgrade` and `downgrade` share. */
export const runOptions = {
  revision: text('REV', 'the same as the word REV'),
  sql: flag('print the SQL that would run; write nothing'),
  plan: flag('print the steps, what each destroys and locks; write nothing'),
  transaction: choice(['each', 'all'], 'each revision in its own transaction (default), or all in one'),
  ...lockOptions,
  backup: choice(['auto', 'always', 'never'], 'before a run that destroys something (auto, default), or any'),
} as const

export function migrateOptions(args: Values<typeof runOptions>): MigrateOptions {
  return {
    ...(args.transaction === undefined ? {} : { transaction: args.transaction }),
    ...lockSettings(args),
    ...(args.backup === undefined ? {} : { backup: args.backup }),
  }
}
