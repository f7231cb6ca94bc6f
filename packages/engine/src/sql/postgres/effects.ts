import { type ColumnsOf, type EffectsReader, type StatementEffects, unknownEffects } from '../effects'
import { endOfLiteralRow, endOfLiteralRows } from '../literal-rows'
import { shortSql } from '../text'
import { Collector } from './collector'
import { readStatement } from './dispatch'
import { type Grammar, loadGrammar } from './grammar'
import { Memory } from './memory'
import { isRefusedInTransaction } from './outside'

/** Maximum length in characters. A parse tree takes about fifty times the memory of its text. */
const longest = 8_000_000

/** From this length it is faster to remove rows of literals before parsing. */
const long = 100_000

/**
 * Loads PostgreSQL's own grammar, once.
 *
 * What a statement does is read from its text and from the statements before it. What only the catalog contains is not
 * seen: triggers, rules, functions that views call, actions of existing foreign keys, tables that inherit.
 *
 * @returns a function that creates a reader for the statements of one plan
 * @example
 * const readerOf = await loadPostgresEffects()
 * readerOf(() => undefined).read('DROP TABLE "metrics"').destroys // [{ text: 'all rows of metrics', table: 'metrics' }]
 */
export async function loadPostgresEffects(): Promise<(columnsOf: ColumnsOf) => EffectsReader> {
  const grammar = await loadGrammar()
  return (columnsOf) => new PostgresReader(grammar, columnsOf)
}

class PostgresReader implements EffectsReader {
  readonly #memory = new Memory()

  constructor(
    private readonly grammar: Grammar,
    private readonly columnsOf: ColumnsOf,
  ) {}

  read(sql: string): StatementEffects {
    try {
      return this.#read(sql)
    } catch (error) {
      return this.#unreadable(sql, `cannot be parsed: ${error instanceof Error ? error.message : String(error)}`)
    }
  }

  #read(sql: string): StatementEffects {
    const text = sql.length > long ? withoutLiteralRows(sql) : sql
    if (text.length > longest) {
      return this.#unreadable(
        sql,
        `is too long to be read: ${String(Math.round(text.length / 1_000_000))} million characters`,
      )
    }
    // The parser would stop there and ignore the rest.
    if (text.includes('\0')) return this.#unreadable(sql, 'contains a NUL character')
    const at = new Collector(this.#memory, this.columnsOf)
    // The parser refuses an empty text, but not one with only a comment.
    const { stmts = [] } = text.trim() === '' ? {} : this.grammar.parseSync(text)
    for (const { stmt } of stmts) readStatement(stmt, at)
    return at.result(!isRefusedInTransaction(text))
  }

  #unreadable(sql: string, reason: string): StatementEffects {
    this.#memory.forget()
    return { ...unknownEffects(shortSql(sql.slice(0, 500), 40), reason), transactional: !isRefusedInTransaction(sql) }
  }
}

const insertHead = /^\s*insert\s+into\s+(?:"(?:[^"]|"")*"|[\w$.])+\s*(?:\((?:"(?:[^"]|"")*"|[\w$,\s])*\)\s*)?values\b/i

/** An INSERT with `(NULL)` for all rows of literals, which does the same. Any other text is returned unchanged. */
function withoutLiteralRows(sql: string): string {
  const head = insertHead.exec(sql)?.[0]
  if (head === undefined) return sql
  const last = endOfLiteralRows(sql, head.length)
  const end = endOfLiteralRow(sql, last)
  return end === last ? head + sql.slice(last) : `${head} (NULL)${sql.slice(end)}`
}
