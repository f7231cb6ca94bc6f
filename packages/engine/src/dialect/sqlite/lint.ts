import { planChanges } from '../../difference/plan-changes'
import { type Linter, RuleLinter } from '../../lint/linter'
import { SqliteKnowledge } from '../../lint/sqlite/read'
import { emptySchema, type Schema } from '../../schema/schema'
import { sqliteEffects } from '../../sql/sqlite/effects'
import type { LinterOptions } from '../roles/lint'
import { render } from './render'

export function linter({ rules, rows, from }: LinterOptions): Promise<Linter> {
  const knowledge = new SqliteKnowledge({ effects: sqliteEffects, rows })
  const made = new RuleLinter(knowledge, ({ sqlite }) => sqlite, rules, rows)
  if (from !== undefined) made.learn(creationOf(from))
  return Promise.resolve(made)
}

/** The statements that create a schema, as if a revision had run them before all others. */
function creationOf(schema: Schema): Parameters<Linter['learn']>[0] {
  const { operations } = planChanges(emptySchema, schema, [], {})
  return {
    revision: '',
    direction: 'upgrade',
    statements: render(operations, emptySchema).map(({ sql }) => sql),
    transactional: true,
    declaresOutside: false,
    generated: true,
  }
}
