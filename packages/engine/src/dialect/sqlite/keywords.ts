/** Words that are never a name without quotes; see https://sqlite.org/lang_keywords.html and `parse.y`. */
const reserved = new Set(
  (
    'ADD ALL ALTER AND AS AUTOINCREMENT BETWEEN CASE CHECK COLLATE COMMIT CONSTRAINT CREATE DEFAULT DEFERRABLE DELETE ' +
    'DISTINCT DROP ELSE ESCAPE EXCEPT EXISTS FOREIGN FROM GROUP HAVING IN INDEX INSERT INTERSECT INTO IS ISNULL JOIN ' +
    'LIMIT NOT NOTHING NOTNULL NULL ON OR ORDER PRIMARY REFERENCES RETURNING SELECT SET TABLE THEN TO TRANSACTION UNION ' +
    'UNIQUE UPDATE USING VALUES WHEN WHERE'
  ).split(' '),
)

/** Words that have a meaning in an expression and are a name elsewhere. */
const expressionWords = new Set(
  'CAST CURRENT_DATE CURRENT_TIME CURRENT_TIMESTAMP END FALSE FILTER GLOB LIKE MATCH OVER RAISE REGEXP TRUE'.split(' '),
)

/** SQLite's other keywords: a name wherever the grammar has no use for the word. */
const fallback = new Set(
  (
    'ABORT ACTION AFTER ALWAYS ANALYZE ASC ATTACH BEFORE BEGIN BY CASCADE COLUMN CONFLICT CROSS CURRENT DATABASE DEFERRED ' +
    'DESC DETACH DO EACH EXCLUDE EXCLUSIVE EXPLAIN FAIL FIRST FOLLOWING FOR FULL GENERATED GROUPS IF IGNORE IMMEDIATE ' +
    'INDEXED INITIALLY INNER INSTEAD KEY LAST LEFT MATERIALIZED NATURAL NO NULLS OF OFFSET OTHERS OUTER PARTITION PLAN ' +
    'PRAGMA PRECEDING QUERY RANGE RECURSIVE REINDEX RELEASE RENAME REPLACE RESTRICT RIGHT ROLLBACK ROW ROWS SAVEPOINT ' +
    'TEMP TEMPORARY TIES TRIGGER UNBOUNDED VACUUM VIEW VIRTUAL WINDOW WITH WITHIN WITHOUT'
  ).split(' '),
)

/** Names of the rowid, which is not a declared column. */
const rowids = new Set(['ROWID', 'OID', '_ROWID_'])

/** Words before `(` that are not a function. */
const beforeParenthesis = new Set(
  'ALL AND AS BETWEEN BY CASE CHECK COLLATE DISTINCT ELSE ESCAPE EXCEPT FILTER FROM GLOB HAVING IN INTERSECT IS JOIN LIKE LIMIT MATCH MATERIALIZED NOT OFFSET ON OR OVER REGEXP SELECT THEN UNION USING VALUES WHEN WHERE'.split(
    ' ',
  ),
)

export const isReserved = (word: string): boolean => reserved.has(word)
export const isExpressionWord = (word: string): boolean => reserved.has(word) || expressionWords.has(word)
export const isKeyword = (word: string): boolean => isExpressionWord(word) || fallback.has(word)
export const isRowid = (word: string): boolean => rowids.has(word)
export const isBeforeParenthesis = (word: string): boolean => beforeParenthesis.has(word)
