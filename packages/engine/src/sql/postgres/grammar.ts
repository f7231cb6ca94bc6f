import type * as parser from 'libpg-query' with { 'resolution-mode': 'import' }
import type { Node } from 'libpg-query' with { 'resolution-mode': 'import' }

export type Grammar = typeof parser

let loading: Promise<Grammar> | undefined

/** Loads PostgreSQL's own grammar (`libpg-query`, about 70 ms), once. */
export function loadGrammar(): Promise<Grammar> {
  return (loading ??= load())
}

async function load(): Promise<Grammar> {
  const grammar = await import('libpg-query')
  await grammar.loadModule()
  return grammar
}

/** A statement of a text. */
export interface ParsedStatement {
  readonly node: Node
  /** Its own text, without the semicolon. */
  readonly sql: string
  /** Where it begins in the text, in bytes: the `location` of a node counts from the beginning of the text. */
  readonly start: number
}

/**
 * The statements of a text, each with its parse tree.
 *
 * @throws SqlError of `libpg-query` if the text cannot be parsed
 * @example
 * parseStatements(await loadGrammar(), 'SELECT 1; SELECT 2').map(({ sql }) => sql) // ['SELECT 1', 'SELECT 2']
 */
export function parseStatements(grammar: Grammar, text: string): readonly ParsedStatement[] {
  // The parser refuses an empty text, but not one with only a comment.
  const { stmts = [] } = text.trim() === '' ? {} : grammar.parseSync(text)
  // Positions are in bytes.
  const bytes = stmts.length > 1 ? Buffer.from(text) : undefined
  return stmts.flatMap(({ stmt, stmt_location: start = 0, stmt_len: length }) => {
    if (stmt === undefined) return []
    const raw = bytes?.subarray(start, length === undefined ? undefined : start + length).toString() ?? text
    const sql = raw.trimStart()
    const before = Buffer.byteLength(raw.slice(0, raw.length - sql.length))
    return [
      {
        node: stmt,
        sql: sql.trimEnd().replace(/\s*;$/, ''),
        start: (bytes === undefined ? 0 : start) + before,
      },
    ]
  })
}
