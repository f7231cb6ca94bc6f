import { type Linter, RuleLinter } from '../../lint/linter'
import { SqliteKnowledge } from '../../lint/sqlite/read'
import { sqliteEffects } from '../../sql/sqlite/effects'
import type { LinterOptions } from '../roles/lint'

export function linter({ rules, rows }: LinterOptions): Promise<Linter> {
  const knowledge = new SqliteKnowledge({ effects: sqliteEffects, rows })
  return Promise.resolve(new RuleLinter(knowledge, ({ sqlite }) => sqlite, rules, rows))
}
