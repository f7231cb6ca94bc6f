import type { ColumnsOf, EffectsReader } from '../../sql/effects'
import { type Grammar, parseStatements } from '../../sql/postgres/grammar'
import type { Knowledge } from '../linter'
import type { LintStep } from '../rule'
import { Catalog } from './catalog'
import { learn } from './learn'
import type { PostgresSubject } from './subject'

/** What reading statements needs. */
interface Reading {
  readonly grammar: Grammar
  readonly effects: (columnsOf: ColumnsOf) => EffectsReader
  readonly rows: (table: string) => number | undefined
  /** Major version. */
  readonly server: number
}

/** What is known of a PostgreSQL database after some revisions. */
export class PostgresKnowledge implements Knowledge<PostgresSubject> {
  readonly #catalog: Catalog

  constructor(
    private readonly reading: Reading,
    from?: Catalog,
  ) {
    this.#catalog = new Catalog(from)
  }

  copy(): PostgresKnowledge {
    return new PostgresKnowledge(this.reading, this.#catalog)
  }

  *subjects(step: LintStep): Iterable<PostgresSubject> {
    const catalog = this.#catalog
    catalog.place = `${step.revision}:${step.direction}`
    if (step.statements === null && step.direction === 'upgrade') catalog.unread.add(catalog.place)
    const before = new Catalog(catalog)
    const { grammar, rows, server } = this.reading
    const reader = this.reading.effects((table) => columnsOf(catalog, table))
    const earlier: PostgresSubject[] = []
    for (const [index, text] of (step.statements ?? []).entries()) {
      const effects = reader.read(text)
      for (const { node, sql, start } of parsed(grammar, text)) {
        const known = { before, catalog, earlier: [...earlier] }
        const subject = { step, sql, start, index, node, effects, ...known, server, rows }
        yield subject
        earlier.push(subject)
        learn(catalog, node)
      }
    }
  }
}

/** A text that cannot be parsed has no statements. Its effects are unknown, which a rule reports. */
function parsed(grammar: Grammar, text: string): ReturnType<typeof parseStatements> {
  try {
    return parseStatements(grammar, text)
  } catch {
    return []
  }
}

function columnsOf(catalog: Catalog, table: string): readonly string[] | undefined {
  const known = [...catalog.tables.values()].find(({ name }) => name.text === table)
  if (known?.complete !== true) return undefined
  return [...known.columns.values()].flatMap(({ name, generated }) =>
    generated === 'stored' || generated === 'virtual' ? [] : [name],
  )
}
