import { isCleaned } from '../../postgres/guard'
import { duplicates } from '../../postgres/queries'
import { uniquesIn } from '../../postgres/unique'
import { defineRule } from '../../rule'

/** https://www.postgresql.org/docs/current/indexes-unique.html */
export const uniqueRows = defineRule({
  id: 'F1',
  name: 'unique-rows',
  category: 'rows',
  severity: 'warning',
  about: 'A unique index or constraint cannot be created while rows have the same values. Find and remove them first.',
  postgres: {
    statement: (subject) =>
      uniquesIn(subject)
        .filter(({ isNullInRows }) => !isNullInRows)
        .map(({ table, label, keys, sqlKeys, conditions, isPrimary }) => ({
          message:
            `creating ${label} fails if two rows of ${table.text} have the same ${keys.join(', ')}` +
            (isPrimary ? ', or if one is NULL' : ''),
          help:
            `Look for them in every database: ${duplicates(table, sqlKeys, conditions)}. ` +
            'Remove or change them in an earlier revision.',
          table: table.text,
          ...(isCleaned(subject, table, keys) && { severity: 'info' as const }),
        })),
  },
})
