import { plainText } from '../reader'

/**
 * Statements that the server refuses with "cannot run inside a transaction block": the callers of
 * `PreventInTransactionBlock` in https://github.com/postgres/postgres/blob/master/src/backend/tcop/utility.c and in files
 * next to it. REFRESH MATERIALIZED VIEW CONCURRENTLY is allowed. REINDEX and CLUSTER of a partitioned table are refused,
 * but the text does not show whether a table is partitioned.
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

/** A statement without any of these words is not one of them. */
const refusedWords =
  /concurrently|reindex|vacuum|\bcluster\b|\bdatabase\b|tablespace|subscription|\balter\s+system\b|finalize|\bdiscard\b|\bprepared\b/i

/** True for a text with a statement that cannot run in a transaction. Nor can it share a text with other statements. */
export function isRefusedInTransaction(sql: string): boolean {
  // Nearly all statements have none of these words, and a text with a megabyte of values need not be split into tokens.
  if (!refusedWords.test(sql)) return false
  const statements = plainText(sql, 'postgres').split(' ; ')
  return statements.some((text) => refused.some((pattern) => pattern.test(text)))
}

/** Statements that can run in a transaction and do not end it. DO is checked separately. */
const transactional =
  /^(?:ALTER|ANALYZE|ANALYSE|CLUSTER|COMMENT|COPY|CREATE|DELETE|DROP|GRANT|IMPORT|INSERT|MERGE|REASSIGN|REFRESH|REINDEX|REVOKE|SECURITY|SELECT|TRUNCATE|UPDATE|VALUES|WITH)\b/

/** See `StatementRole.sharesTransaction` in `dialect/roles/statements.ts`. */
export function sharesTransaction(sql: string): boolean {
  if (isRefusedInTransaction(sql)) return false
  const text = sql.length > 100_000 ? sql.trimStart().slice(0, 20).toUpperCase() : plainText(sql, 'postgres')
  if (/ ; \S/.test(text)) return false
  if (/^DO\b/.test(text)) return !/\b(?:commit|rollback|call)\b/i.test(sql)
  return transactional.test(text)
}
