import { type Linter, RuleLinter } from '../../lint/linter'
import { catalogOf } from '../../lint/postgres/from-schema'
import { PostgresKnowledge } from '../../lint/postgres/read'
import { oldestServer } from '../../lint/settings'
import { loadPostgresEffects } from '../../sql/postgres/effects'
import { loadGrammar } from '../../sql/postgres/grammar'
import type { LinterOptions } from '../roles/lint'

export async function linter({ rules, rows, from, server = oldestServer }: LinterOptions): Promise<Linter> {
  const grammar = await loadGrammar()
  const effects = await loadPostgresEffects()
  const knowledge = new PostgresKnowledge({ grammar, effects, rows, server }, from && catalogOf(from, grammar))
  return new RuleLinter(knowledge, ({ postgres }) => postgres, rules, rows)
}
