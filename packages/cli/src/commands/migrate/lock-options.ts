import type { MigratorOptions } from '@aludel/engine'

import { parseDuration } from '../../arguments'
import { choice, text, type Values } from '../../parser/options'

/** Options of every command that takes the migration lock. */
export const lockOptions = {
  'lock-timeout': text('TIME', 'how long to wait for another migrator; default 30s'),
  lock: choice(['session', 'lease'], 'the kind of lock; lease: a row in a table, for connection poolers'),
} as const

/** The lock settings of a command. `lock` is absent if not given, because the configuration may set it. */
export function lockSettings(args: Values<typeof lockOptions>): Pick<MigratorOptions, 'lockTimeoutMs' | 'lock'> {
  const timeout = args['lock-timeout']
  return {
    lockTimeoutMs: timeout === undefined ? undefined : parseDuration('lock-timeout', timeout),
    ...(args.lock === undefined ? {} : { lock: args.lock }),
  }
}
