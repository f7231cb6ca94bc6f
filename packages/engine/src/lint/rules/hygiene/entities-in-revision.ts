import type { Found } from '../../finding'
import { defineRule, type LintStep } from '../../rule'
import { entityUse } from './unread'

/** https://typeorm.io/docs/working-with-entity-manager/working-with-entity-manager */
export const entitiesInRevision = defineRule({
  id: 'T8',
  name: 'entities-in-revision',
  category: 'hygiene',
  severity: 'warning',
  about:
    'Entities and repositories are those of today: an old revision that uses them fails or does something else once they change. Send SQL.',
  postgres: { step: found },
  sqlite: { step: found },
})

function found({ unread = '' }: LintStep): Found | undefined {
  const use = entityUse(unread)
  if (use === undefined) return undefined
  return {
    message: `line ${use.line} ${use.what}: on a new database, this revision runs with the entities of that day, whose columns may not exist yet`,
    help: 'Send the statements with `queryRunner.query`.',
  }
}
