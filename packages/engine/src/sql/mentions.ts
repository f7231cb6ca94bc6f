import { lowerAscii } from './characters'
import { codeTokens, type Token, unquote, wordOf } from './lexer'

/** Words before the name of a table. */
const beforeTables = new Set(
  'TABLE EXISTS ONLY INTO UPDATE FROM JOIN ON REFERENCES USING TRUNCATE COPY LOCK ANALYZE VACUUM CLUSTER'.split(' '),
)
/** Statements about several tables, with commas between them. */
const severalTables = new Set(['DROP', 'TRUNCATE', 'LOCK', 'ANALYZE', 'VACUUM'])

/**
 * The tables that a statement names where the name of a table belongs, or before the name of a column. Serves every dialect.
 *
 * @param tables those of the database, as they are displayed: `users`, `audit.events`
 * @returns the names among them that the statement mentions
 * @example
 * tablesMentioned('ALTER TABLE "users" ADD "team" text', ['team', 'users']) // ['users']
 */
export function tablesMentioned(sql: string, tables: readonly string[]): readonly string[] {
  return mentionsOf(tables)(sql)
}

/** {@link tablesMentioned} for many statements: the names are prepared once. */
export function mentionsOf(tables: readonly string[]): (sql: string) => readonly string[] {
  const known = new Map<string, string>()
  // An exact name comes before one that differs in case.
  for (const table of tables) known.set(lowerAscii(table), table)
  for (const table of tables) known.set(table, table)
  const find = (name: string): string | undefined => known.get(name) ?? known.get(lowerAscii(name))
  return (sql) => {
    const found = new Set<string>()
    const tokens = [...codeTokens(sql, 'neutral')]
    const isAboutSeveral = severalTables.has(wordOf(tokens[0]) ?? '')
    for (let at = 0; at < tokens.length; at++) {
      const before = tokens[at - 1]
      const isPlace = beforeTables.has(wordOf(before) ?? '') || (isAboutSeveral && before?.text === ',')
      const path = pathAt(tokens, at)
      const table = tableOf(path, isPlace, find)
      if (table !== undefined) found.add(table)
      at += Math.max(0, 2 * (path.length - 1))
    }
    return [...found]
  }
}

/** @param isPlace the name of a table belongs here */
function tableOf(
  [first, second]: readonly string[],
  isPlace: boolean,
  find: (name: string) => string | undefined,
): string | undefined {
  if (first === undefined) return undefined
  if (second === undefined) return isPlace ? find(first) : undefined
  // A table in its schema, or a column of a table, or a table in the default schema.
  return find(`${first}.${second}`) ?? find(first) ?? (isPlace ? find(second) : undefined)
}

/** The names that are joined by dots from here on; empty if there is no name. */
function pathAt(tokens: readonly Token[], start: number): readonly string[] {
  const path: string[] = []
  for (let at = start; ; at += 2) {
    const token = tokens[at]
    if (token?.kind !== 'word' && token?.kind !== 'name') return path
    path.push(unquote(token))
    if (tokens[at + 1]?.text !== '.') return path
  }
}
