import { milliseconds, settingsOf } from '../../postgres/settings'
import { defineRule } from '../../rule'

/** https://www.postgresql.org/docs/current/runtime-config-client.html#GUC-STATEMENT-TIMEOUT */
export const noStatementTimeout = defineRule({
  id: 'L20',
  name: 'no-statement-timeout',
  category: 'locks',
  severity: 'info',
  about: 'Without statement_timeout, a statement keeps its locks for as long as it runs.',
  postgres: {
    step(_, subjects) {
      return settingsOf(subjects, 'statement_timeout').flatMap(({ index, value }) =>
        value === null || milliseconds(value) !== 0
          ? []
          : [
              {
                message: 'statement_timeout is switched off: a statement keeps its locks for as long as it runs',
                help: 'Give the revision a `statementTimeout` instead (docs/deployment.md).',
                index,
              },
            ],
      )
    },
  },
})
