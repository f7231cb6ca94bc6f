import type { ColumnsOf, EffectsReader } from '../../sql/effects'
import { statementsIn } from '../../sql/sqlite/statements'
import type { Knowledge } from '../linter'
import type { LintStep } from '../rule'
import { SqliteCatalog } from './catalog'
import { learn } from './learn'
import type { SqliteSubject } from './subject'

/** What reading statements needs. */
interface Reading {
  readonly effects: (columnsOf: ColumnsOf) => EffectsReader
  readonly rows: (table: string) => number | undefined
}

/** What is known of a SQLite database after some revisions. */
export class SqliteKnowledge implements Knowledge<SqliteSubject> {
  readonly #catalog: SqliteCatalog

  constructor(
    private readonly reading: Reading,
    from?: SqliteCatalog,
  ) {
    this.#catalog = new SqliteCatalog(from)
  }

  copy(): SqliteKnowledge {
    return new SqliteKnowledge(this.reading, this.#catalog)
  }

  *subjects(step: LintStep): Iterable<SqliteSubject> {
    const catalog = this.#catalog
    catalog.begin(`${step.revision}:${step.direction}`)
    const reader = this.reading.effects((table) => catalog.columnsOf(table))
    const earlier: SqliteSubject[] = []
    for (const [index, text] of (step.statements ?? []).entries()) {
      const effects = reader.read(text)
      for (const tokens of statementsIn(text)) {
        const sql = text.slice(tokens[0]?.start, tokens.at(-1)?.end)
        const subject = { step, sql, index, tokens, effects, catalog, earlier: [...earlier], rows: this.reading.rows }
        yield subject
        earlier.push(subject)
        learn(catalog, subject)
      }
    }
  }
}
