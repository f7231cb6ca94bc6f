import { fold, nameOf, type Token, wordOf } from './tokens'
import { readsAsTable } from './pragmas'

/**
 * SQLite's functions that change nothing: https://sqlite.org/lang_corefunc.html. Without `load_extension`, and without
 * `fts3_tokenizer`, `optimize` and `fts5` of the full-text search, which change something.
 */
const scalar = new Set(
  (
    'abs changes char coalesce concat concat_ws format glob hex if ifnull iif instr last_insert_rowid length like likelihood ' +
    'likely lower ltrim nullif octet_length printf quote random randomblob replace round rtrim sign soundex ' +
    'sqlite_compileoption_get sqlite_compileoption_used sqlite_offset sqlite_source_id sqlite_version substr substring ' +
    'subtype total_changes trim typeof unhex unicode unistr unistr_quote unlikely upper zeroblob ' +
    // https://sqlite.org/lang_datefunc.html
    'date time datetime julianday unixepoch strftime timediff current_date current_time current_timestamp ' +
    // https://sqlite.org/lang_mathfunc.html
    'acos acosh asin asinh atan atan2 atanh ceil ceiling cos cosh degrees exp floor ln log log10 log2 mod pi pow power ' +
    'radians sin sinh sqrt tan tanh trunc ' +
    // https://sqlite.org/json1.html
    'json json_array json_array_insert json_array_length json_error_position json_extract json_insert json_object json_patch ' +
    'json_pretty json_quote json_remove json_replace json_set json_type json_valid jsonb jsonb_array jsonb_array_insert ' +
    'jsonb_extract jsonb_insert jsonb_object jsonb_patch jsonb_remove jsonb_replace jsonb_set ' +
    // What a trigger may call: https://sqlite.org/lang_createtrigger.html#raise
    'raise'
  ).split(' '),
)

/** Functions that change nothing, and combine rows or cannot occur in a copy of rows. */
const others = new Set(
  // https://sqlite.org/lang_aggfunc.html, https://sqlite.org/percentile.html
  (
    'avg count group_concat max median min percentile percentile_cont percentile_disc string_agg sum total ' +
    'json_group_array json_group_object jsonb_group_array jsonb_group_object ' +
    // https://sqlite.org/windowfunctions.html#builtins
    'cume_dist dense_rank first_value lag last_value lead nth_value ntile percent_rank rank row_number ' +
    // Tables: https://sqlite.org/json1.html#jeach
    'json_each json_tree jsonb_each jsonb_tree ' +
    // https://sqlite.org/fts5.html#_auxiliary_functions_, https://sqlite.org/fts3.html#snippet
    'bm25 highlight snippet matchinfo offsets fts5_get_locale fts5_locale fts5_source_id ' +
    // https://sqlite.org/rtree.html, https://sqlite.org/geopoly.html
    'rtreecheck rtreedepth rtreenode geopoly_area geopoly_bbox geopoly_blob geopoly_ccw geopoly_contains_point ' +
    'geopoly_debug geopoly_group_bbox geopoly_json geopoly_overlap geopoly_regular geopoly_svg geopoly_within geopoly_xform'
  ).split(' '),
)

/** Words that call nothing before a parenthesis. Without words that are functions, too (`replace`, `like`). */
const notCalled = new Set(
  (
    'ALL AND AS BETWEEN BY CASE CAST CHECK COLLATE CONFLICT DISTINCT ELSE ESCAPE EXCEPT EXISTS FROM HAVING IN INTERSECT INTO IS ' +
    'ISNULL JOIN KEY LIMIT MATCH MATERIALIZED NOT NOTNULL NULL OFFSET ON OR PARTITION RETURNING ROW SELECT SET THEN UNION ' +
    'UNIQUE USING VALUES WHEN WHERE'
  ).split(' '),
)

/**
 * The functions that an expression or a query calls, in lower case, including table-valued ones (`json_each(x)`, also
 * `pragma_table_list` without parentheses) and `regexp` for the operator REGEXP, which SQLite does not define.
 */
function callsIn(tokens: readonly Token[]): readonly string[] {
  const found = new Set<string>()
  tokens.forEach((token, at) => {
    if (token.kind !== 'word' && token.kind !== 'name' && token.kind !== 'string') return
    const isCalled = tokens[at + 1]?.text === '('
    const isPragma = /^.?pragma_/i.test(token.text)
    if (!isCalled && !isPragma && token.text.length !== 'regexp'.length) return
    if (wordOf(token) === 'REGEXP') found.add('regexp')
    const name = fold(nameOf(token))
    // A string names a table only after these words.
    const isTable =
      isPragma && (token.kind !== 'string' || ['FROM', 'JOIN', 'IN'].includes(wordOf(tokens[at - 1]) ?? ''))
    if (isTable || (isCalled && !isSyntax(tokens, at))) found.add(name)
  })
  return [...found]
}

/** True for a parenthesis of the grammar: a list after a keyword, a type, the columns of a WITH. */
function isSyntax(tokens: readonly Token[], at: number): boolean {
  const word = wordOf(tokens[at])
  const before = tokens[at - 1]
  if (word !== undefined && notCalled.has(word)) return true
  if ((word === 'OVER' || word === 'FILTER') && before?.text === ')') return true
  // `CAST(x AS varchar(20))`, `WINDOW w AS (…)`
  if (wordOf(before) === 'AS') return true
  const close = closing(tokens, at + 1)
  if (wordOf(tokens[close + 1]) !== 'AS') return false
  // `WITH x(a, b) AS (…)`
  const next = tokens[close + 2]
  return next?.text === '(' || ['MATERIALIZED', 'NOT'].includes(wordOf(next) ?? '')
}

/** The index of the `)` for the `(` at `open`. */
export function closing(tokens: readonly Token[], open: number): number {
  let depth = 0
  for (let at = open; at < tokens.length; at += 1) {
    const { kind, text } = tokens[at] ?? { kind: 'symbol', text: '' }
    if (kind !== 'symbol') continue
    if (text === '(') depth += 1
    if (text === ')' && (depth -= 1) === 0) return at
  }
  return tokens.length
}

/** The first called function that may change something. */
export function unknownCall(tokens: readonly Token[]): string | undefined {
  return callsIn(tokens).find((name) =>
    name.startsWith('pragma_') ? !readsAsTable(name.slice('pragma_'.length)) : !scalar.has(name) && !others.has(name),
  )
}

/** True if none of these expressions calls an aggregate, so that a query returns each row. */
export function isRowByRow(tokens: readonly Token[]): boolean {
  return callsIn(tokens).every((name) => scalar.has(name) || name === 'pragma_foreign_keys')
}
