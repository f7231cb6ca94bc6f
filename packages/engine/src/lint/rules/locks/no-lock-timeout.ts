import { milliseconds, settingsOf } from '../../postgres/settings'
import { defineRule } from '../../rule'

/** https://www.postgresql.org/docs/current/runtime-config-client.html#GUC-LOCK-TIMEOUT */
export const noLockTimeout = defineRule({
  id: 'L19',
  name: 'no-lock-timeout',
  category: 'locks',
  severity: 'warning',
  about: 'Without lock_timeout, a statement that waits for a table makes everybody who comes later wait behind it.',
  postgres: {
    step(_, subjects) {
      return settingsOf(subjects, 'lock_timeout').flatMap(({ index, value }) =>
        value !== null && milliseconds(value) !== 0
          ? []
          : [
              {
                message: `lock_timeout is ${value === null ? 'reset' : 'switched off'}: while a statement waits for a table, everybody who comes later waits behind it`,
                help: 'Leave it out: every revision runs with a limit and is retried (docs/deployment.md). A revision can have another one: `lockTimeout`.',
                index,
              },
            ],
      )
    },
  },
})
