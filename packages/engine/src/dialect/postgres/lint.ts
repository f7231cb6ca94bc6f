import { type Linter, RuleLinter } from '../../lint/linter'
import { oldestServer, PostgresKnowledge } from '../../lint/postgres/read'
import { loadPostgresEffects } from '../../sql/postgres/effects'
import { loadGrammar } from '../../sql/postgres/grammar'
import type { LinterOptions } from '../roles/lint'

export async function linter({ rules, rows, server = oldestServer }: LinterOptions): Promise<Linter> {
  const grammar = await loadGrammar()
  const effects = await loadPostgresEffects()
  const knowledge = new PostgresKnowledge({ grammar, effects, rows, server })
  return new RuleLinter(knowledge, ({ postgres }) => postgres, rules, rows)
}
