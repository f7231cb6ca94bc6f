import { plainText } from '../reader'

/**
 * What the server refuses inside a transaction block ("cannot run inside a transaction block"): the callers of
 * `PreventInTransactionBlock` in https://github.com/postgres/postgres/blob/master/src/backend/tcop/utility.c and beside it.
 * REFRESH MATERIALIZED VIEW CONCURRENTLY is not among them.
 */
const refused = [
  /^CREATE (?:UNIQUE )?INDEX CONCURRENTLY\b/,
  /^DROP INDEX CONCURRENTLY\b/,
  /^REINDEX (?:\( .*? \) )?(?:INDEX|TABLE|SCHEMA|DATABASE|SYSTEM) CONCURRENTLY\b/,
  /^REINDEX \( [^)]*\bCONCURRENTLY\b/,
  /^REINDEX (?:\( .*? \) )?(?:SCHEMA|DATABASE|SYSTEM)\b/,
  /^VACUUM\b/,
  /^CLUSTER(?: VERBOSE| \( .*? \))?(?: ;)?$/,
  /^(?:CREATE|DROP) (?:DATABASE|TABLESPACE|SUBSCRIPTION)\b/,
  /^ALTER SUBSCRIPTION .* (?:REFRESH|PUBLICATION)\b/,
  /^ALTER DATABASE .* SET TABLESPACE\b/,
  /^ALTER SYSTEM\b/,
  /^ALTER TABLE .* DETACH PARTITION .*\b(?:CONCURRENTLY|FINALIZE)\b/,
  /^DISCARD ALL\b/,
  /^(?:COMMIT|ROLLBACK) PREPARED\b/,
]

/** Without one of these words in its text, no statement is such a one. */
export const refusedWords = new RegExp(
  String.raw`concurrently|reindex|vacuum|\bcluster\b|\bdatabase\b|tablespace|subscription|\balter\s+system\b|finalize|\bdiscard\b|\bprepared\b`,
  'i',
)

/** True for a text with a statement that no transaction takes. The server takes none that has others beside it, either. */
export function isRefusedInTransaction(sql: string): boolean {
  // Nearly all statements have none of these words; a text with a megabyte of values is not cut into tokens for that.
  if (!refusedWords.test(sql)) return false
  const statements = plainText(withoutFirstComments(sql)).split(' ; ')
  return statements.some((text) => refused.some((pattern) => pattern.test(text)))
}

/** Block comments nest here, which the tokenizer of all dialects does not know: https://www.postgresql.org/docs/current/sql-syntax-lexical.html#SQL-SYNTAX-COMMENTS */
function withoutFirstComments(sql: string): string {
  let at = 0
  for (;;) {
    const [space = ''] = /^(?:\s+|--[^\n]*)*/.exec(sql.slice(at)) ?? []
    at += space.length
    if (!sql.startsWith('/*', at)) return sql.slice(at)
    let depth = 0
    const mark = /\/\*|\*\//g
    mark.lastIndex = at
    do {
      const found = mark.exec(sql)
      if (found === null) return ''
      depth += found[0] === '/*' ? 1 : -1
    } while (depth > 0)
    at = mark.lastIndex
  }
}
