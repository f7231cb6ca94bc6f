import type { Found } from '../../finding'
import { defineRule, type LintStep } from '../../rule'

const calls = /^line (\d+) calls (\S*?\b(synchronize|dropDatabase|dropSchema|clearDatabase|createSchemaBuilder))$/

/** https://typeorm.io/docs/data-source/data-source-api: synchronize, dropDatabase; `QueryRunner`: dropSchema, clearDatabase */
export const synchronize = defineRule({
  id: 'D5',
  name: 'synchronize',
  category: 'loss',
  severity: 'error',
  about:
    'A revision that synchronizes or clears the database drops what the entities of today do not have. Write the statements.',
  postgres: { step: found },
  sqlite: { step: found },
})

/** What the reason says why the statements of a step are not known. */
function found({ unread = '' }: LintStep): Found | undefined {
  const [, line = '', call = '', method = ''] = calls.exec(unread) ?? []
  if (method === '') return undefined
  const drops = method.startsWith('drop') || method === 'clearDatabase'
  return {
    message: drops
      ? `line ${line} calls ${call}, which deletes tables with all their rows`
      : `line ${line} calls ${call}, which drops whatever the entities do not have, and does something else when they change`,
    help: 'Send the statements that this revision needs: `create` writes them.',
  }
}

/** Whether `synchronize` reports what the step does. */
export function isSynchronizing({ unread = '' }: Pick<LintStep, 'unread'>): boolean {
  return calls.test(unread)
}
