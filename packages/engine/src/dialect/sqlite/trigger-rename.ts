import { type Schema, type Trigger } from '../../schema/schema'
import { isSymbol } from './expression'
import { quote } from './quote'
import { fold, isIdentifier, nameOf, sameIdentifier, type Token, tokenize, wordOf } from '../../sql/sqlite/tokens'

/**
 * A rename by `ALTER TABLE … RENAME`, which SQLite also applies to the texts of triggers. A rebuild creates triggers again
 * with the texts that SQLite then has, so they must be known before it runs.
 */
export type Rename =
  | { readonly table: string; readonly to: string }
  | { readonly table: string; readonly column: string; readonly to: string }

/**
 * The trigger after a rename of a table or a column.
 *
 * @param owner the table or view that the trigger is on
 * @param schema the schema before the rename, which shows the possible tables of an unqualified column
 */
export function renameInTrigger(trigger: Trigger, owner: string, rename: Rename, schema: Schema): Trigger {
  const tokens = tokenize(trigger.sql)
  const hits = 'column' in rename ? columnTokens(tokens, owner, rename, schema) : tableTokens(tokens, rename.table)
  if (hits.size === 0) return trigger
  let sql = ''
  let at = 0
  for (const token of tokens) {
    if (!hits.has(token)) continue
    sql += trigger.sql.slice(at, token.start) + quote(rename.to)
    at = token.end
  }
  return { ...trigger, sql: sql + trigger.sql.slice(at) }
}

/** Words before the name of a table. */
const beforeTable = new Set(['FROM', 'JOIN', 'INTO', 'UPDATE', 'ON', 'IN'])

function tableTokens(tokens: readonly Token[], table: string): Set<Token> {
  return new Set(
    tokens.filter((token, at) => {
      if (!isName(token, table)) return false
      const isQualifier = isSymbol(tokens[at + 1], '.')
      const isQualified = isSymbol(tokens[at - 1], '.') && wordOf(tokens[at - 2]) === 'MAIN'
      const before = wordOf(tokens[at - 1]) ?? ''
      // `UPDATE OR REPLACE t`, and a list of tables after FROM.
      const isListed = isSymbol(tokens[at - 1], ',') && !isSymbol(tokens[at + 1], ')') && isInFrom(tokens, at)
      return isQualifier || isQualified || beforeTable.has(before) || wordOf(tokens[at - 2]) === 'OR' || isListed
    }),
  )
}

/** Whether the token is in a `FROM` clause of the same parenthesis. */
function isInFrom(tokens: readonly Token[], at: number): boolean {
  let depth = 0
  for (let index = at - 1; index >= 0; index--) {
    if (isSymbol(tokens[index], ')')) depth += 1
    if (isSymbol(tokens[index], '(')) depth -= 1
    if (depth < 0) return false
    const word = depth === 0 ? wordOf(tokens[index]) : undefined
    if (word === 'FROM') return true
    if (word !== undefined && ['SELECT', 'WHERE', 'SET', 'GROUP', 'ORDER', 'VALUES'].includes(word)) return false
  }
  return false
}

interface ColumnRename {
  readonly table: string
  readonly column: string
}

function columnTokens(tokens: readonly Token[], owner: string, rename: ColumnRename, schema: Schema): Set<Token> {
  const isOwn = sameIdentifier(owner, rename.table)
  const found = new Set<Token>()
  for (const statement of statementsOf(tokens)) {
    const scope = scopeOf(statement, rename, schema)
    for (const [at, token] of statement.entries()) {
      if (!isName(token, rename.column) || isSymbol(statement[at + 1], '.') || isSymbol(statement[at + 1], '('))
        continue
      const qualifier = isSymbol(statement[at - 1], '.') ? statement[at - 2] : undefined
      if (
        qualifier !== undefined
          ? isMine(qualifier, scope, isOwn)
          : wordOf(statement[at - 1]) !== 'AS' && isBare(statement, at, scope, isOwn)
      ) {
        found.add(token)
      }
    }
  }
  return found
}

interface StatementScope {
  /** The renamed column's table and its aliases in this statement, folded. */
  readonly names: ReadonlySet<string>
  readonly table: string
  readonly reads: boolean
  /** True if another table of this statement has a column of that name. */
  readonly ambiguous: boolean
}

function scopeOf(statement: readonly Token[], { table, column }: ColumnRename, schema: Schema): StatementScope {
  const tableHits = tableTokens(statement, table)
  const names = new Set([fold(table)])
  for (const [at, token] of statement.entries()) {
    if (!tableHits.has(token)) continue
    const alias = wordOf(statement[at + 1]) === 'AS' ? statement[at + 2] : statement[at + 1]
    if (isIdentifier(alias) && !notAlias.has(wordOf(alias) ?? '')) names.add(fold(nameOf(alias)))
  }
  const others = schema.tables.filter((other) => !sameIdentifier(other.name, table))
  const ambiguous = others.some(
    (other) =>
      other.columns.some((item) => sameIdentifier(item.name, column)) && tableTokens(statement, other.name).size > 0,
  )
  return { names, table, reads: tableHits.size > 0, ambiguous }
}

const notAlias = new Set(
  'SET WHERE ON JOIN LEFT INNER CROSS NATURAL VALUES SELECT DEFAULT BEGIN WHEN FOR ORDER GROUP LIMIT USING'.split(' '),
)

function isMine(qualifier: Token, scope: StatementScope, isOwn: boolean): boolean {
  const name = fold(nameOf(qualifier))
  return ((name === 'new' || name === 'old') && isOwn) || scope.names.has(name)
}

/** Whether an unqualified column is that of the table: by its place, or because no other table can have it. */
function isBare(statement: readonly Token[], at: number, scope: StatementScope, isOwn: boolean): boolean {
  const target = targetAt(statement, at)
  if (target === 'header') return isOwn
  if (target !== undefined) return sameIdentifier(target, scope.table)
  return scope.reads && !scope.ambiguous
}

/** The table of an unqualified column in `UPDATE OF a ON t` (`header`), in the list of an INSERT, or after SET. */
function targetAt(statement: readonly Token[], at: number): string | undefined {
  if (wordOf(statement[0]) === 'CREATE') return 'header'
  let open = at - 1
  while (open >= 0 && !isSymbol(statement[open], '(') && !isSymbol(statement[open], ')')) open -= 1
  const into = statement[open - 1]
  if (isSymbol(statement[open], '(') && isIdentifier(into) && wordOf(statement[open - 2]) === 'INTO')
    return nameOf(into)
  const isSet =
    isSymbol(statement[at + 1], '=') && (wordOf(statement[at - 1]) === 'SET' || isSymbol(statement[at - 1], ','))
  const set = statement.findIndex((token) => wordOf(token) === 'SET')
  const updated = statement[set - 1]
  return isSet && wordOf(statement[0]) === 'UPDATE' && updated !== undefined && set < at ? nameOf(updated) : undefined
}

/** The head of the trigger, and each statement of its body. */
function statementsOf(tokens: readonly Token[]): Token[][] {
  const begin = tokens.findIndex((token) => wordOf(token) === 'BEGIN')
  const statements: Token[][] = [tokens.slice(0, begin), []]
  for (const token of tokens.slice(begin + 1)) {
    if (isSymbol(token, ';')) statements.push([])
    else statements.at(-1)?.push(token)
  }
  return statements
}

function isName(token: Token, name: string): boolean {
  return isIdentifier(token) && sameIdentifier(nameOf(token), name)
}
