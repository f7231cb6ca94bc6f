import { plainText } from '../reader'

/**
 * What the server refuses inside a transaction block ("cannot run inside a transaction block"): the callers of
 * `PreventInTransactionBlock` in https://github.com/postgres/postgres/blob/master/src/backend/tcop/utility.c and beside it.
 * REFRESH MATERIALIZED VIEW CONCURRENTLY is not among them. REINDEX and CLUSTER of a partitioned table are, but that a table is
 * one is not in the text.
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
const refusedWords = new RegExp(
  String.raw`concurrently|reindex|vacuum|\bcluster\b|\bdatabase\b|tablespace|subscription|\balter\s+system\b|finalize|\bdiscard\b|\bprepared\b`,
  'i',
)

/** True for a text with a statement that no transaction takes. The server takes none that has others beside it, either. */
export function isRefusedInTransaction(sql: string): boolean {
  // Nearly all statements have none of these words; a text with a megabyte of values is not cut into tokens for that.
  if (!refusedWords.test(sql)) return false
  const statements = plainText(withoutBlockComments(sql)).split(' ; ')
  return statements.some((text) => refused.some((pattern) => pattern.test(text)))
}

const piece = /\/\*|--[^\n]*|'(?:[^']|'')*'|"(?:[^"]|"")*"|\$(\w*)\$[\s\S]*?\$\1\$/g

/**
 * Block comments nest in PostgreSQL, and not in the tokenizer of all dialects:
 * https://www.postgresql.org/docs/current/sql-syntax-lexical.html#SQL-SYNTAX-COMMENTS
 */
function withoutBlockComments(sql: string): string {
  let kept = ''
  let from = 0
  piece.lastIndex = 0
  for (let found = piece.exec(sql); found !== null; found = piece.exec(sql)) {
    if (found[0] !== '/*') continue
    kept += `${sql.slice(from, found.index)} `
    from = endOfComment(sql, found.index)
    piece.lastIndex = from
  }
  return kept + sql.slice(from)
}

function endOfComment(sql: string, start: number): number {
  const mark = /\/\*|\*\//g
  mark.lastIndex = start
  let depth = 0
  for (let found = mark.exec(sql); found !== null; found = mark.exec(sql)) {
    depth += found[0] === '/*' ? 1 : -1
    if (depth === 0) return mark.lastIndex
  }
  return sql.length
}
