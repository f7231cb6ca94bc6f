import { milliseconds, settingsOf } from '../../postgres/settings'
import { defineRule } from '../../rule'

/** In milliseconds. Requests of users often end after 30 s. */
const longest = 10_000

/** https://www.postgresql.org/docs/current/runtime-config-client.html#GUC-LOCK-TIMEOUT */
export const longLockTimeout = defineRule({
  id: 'L21',
  name: 'long-lock-timeout',
  category: 'locks',
  severity: 'warning',
  about: 'With a lock_timeout of more than 10 seconds, everybody who comes later waits as long. Retrying is better.',
  postgres: {
    step(_, subjects) {
      return settingsOf(subjects, 'lock_timeout').flatMap(({ index, value }) =>
        value === null || (milliseconds(value) ?? 0) <= longest
          ? []
          : [
              {
                message: `lock_timeout is ${String((milliseconds(value) ?? 0) / 1000)} s: while a statement waits for a table, everybody who comes later waits behind it`,
                help: 'Leave it out: a run waits 5 s and tries again for a minute (docs/deployment.md). Give it more time with --table-lock-budget.',
                index,
              },
            ],
      )
    },
  },
})
