import type { MigrateOptions } from '@aludel/engine'

import { parseDuration } from '../../arguments'
import { choice, flag, text, type Values } from '../../parser/options'

/** Options that `upgrade` and `downgrade` share. */
export const runOptions = {
  revision: text('REV', 'the same as the word REV'),
  sql: flag('print the SQL that would run; write nothing'),
  plan: flag('print the steps, what each destroys and locks; write nothing'),
  transaction: choice(['each', 'all'], 'each revision in its own transaction (default), or all in one'),
  'lock-timeout': text('TIME', 'how long to wait for another migrator; default 30s'),
  backup: choice(['auto', 'always', 'never'], 'before a run that destroys something (auto, default), or any'),
} as const

export function migrateOptions(args: Values<typeof runOptions>): MigrateOptions {
  const timeout = args['lock-timeout']
  return {
    ...(args.transaction === undefined ? {} : { transaction: args.transaction }),
    ...(timeout === undefined ? {} : { lockTimeoutMs: parseDuration('lock-timeout', timeout) }),
    ...(args.backup === undefined ? {} : { backup: args.backup }),
  }
}
