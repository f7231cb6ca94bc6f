import type * as parser from 'libpg-query' with { 'resolution-mode': 'import' }
import type { AlterTableCmd, AlterTableStmt, DropStmt, Node } from 'libpg-query' with { 'resolution-mode': 'import' }

import { bodiesIn, bodyOf } from '../../../sql/postgres/nodes'

/** One statement of a text. */
export interface SentStatement {
  /** Without a semicolon. */
  readonly sql: string
  readonly node: Node
}

/** Longer texts hold rows and no definitions that matter here; a parse tree takes fifty times their memory. */
const longest = 2_000_000

let loading: Promise<typeof parser> | undefined

async function load(): Promise<typeof parser> {
  const grammar = await import('libpg-query')
  await grammar.loadModule()
  return grammar
}

/**
 * The statements of a text, by PostgreSQL's own grammar. Undefined if it cannot be read, or if it begins or ends a transaction:
 * it is then sent as it is.
 */
export async function statementsIn(sql: string): Promise<readonly SentStatement[] | undefined> {
  if (sql.length > longest || sql.includes('\0')) return undefined
  const grammar = await (loading ??= load())
  let tree: parser.ParseResult
  try {
    tree = grammar.parseSync(sql)
  } catch {
    // The server reports what is wrong with it.
    return undefined
  }
  const { stmts = [] } = tree
  if (stmts.some(({ stmt }) => bodyOf(stmt, 'TransactionStmt') !== undefined)) return undefined
  const [first, ...others] = stmts
  if (first?.stmt === undefined) return []
  if (others.length === 0) return [{ sql: sql.replace(/\s*;\s*$/, ''), node: first.stmt }]
  const bytes = Buffer.from(sql)
  const found: SentStatement[] = []
  for (const { stmt_location: start = 0, stmt_len: length } of stmts) {
    const end = length === undefined || length === 0 ? bytes.length : start + length
    // Read again, so that the places in its tree are those in its own text.
    found.push(...((await statementsIn(bytes.subarray(start, end).toString().trim())) ?? []))
  }
  return found
}

export function dropIn({ node }: SentStatement): DropStmt | undefined {
  return bodyOf(node, 'DropStmt')
}

/** ALTER TABLE of a table, not of another relation. */
export function alterTableIn({ node }: SentStatement): AlterTableStmt | undefined {
  const body = bodyOf(node, 'AlterTableStmt')
  return body?.objtype === 'OBJECT_TABLE' || body?.objtype === undefined ? body : undefined
}

export function actionsOf(body: AlterTableStmt | undefined): readonly AlterTableCmd[] {
  return bodiesIn(body?.cmds, 'AlterTableCmd')
}

/** Whether a statement may drop tables or columns, also by CASCADE. */
export function mayDrop(statement: SentStatement): boolean {
  if (bodyOf(statement.node, 'DropOwnedStmt') !== undefined) return true
  if (actionsOf(alterTableIn(statement)).some(({ subtype }) => subtype === 'AT_DropColumn')) return true
  const drop = dropIn(statement)
  if (drop?.removeType === undefined || drop.concurrent === true) return false
  return drop.behavior === 'DROP_CASCADE' || dropsAlone.has(drop.removeType)
}

/** What loses rows or a position, or may be used by what is kept, also without CASCADE. */
const dropsAlone = new Set<string>([
  'OBJECT_COLLATION',
  'OBJECT_DOMAIN',
  'OBJECT_EXTENSION',
  'OBJECT_SEQUENCE',
  'OBJECT_TABLE',
  'OBJECT_TYPE',
])

/** The statement with other text at places of it, which are in bytes. */
export function replaceBytes(
  sql: string,
  parts: readonly { readonly start: number; readonly end: number; readonly by: string }[],
): string {
  let bytes = Buffer.from(sql)
  for (const { start, end, by } of [...parts].sort((a, b) => b.start - a.start))
    bytes = Buffer.concat([bytes.subarray(0, start), Buffer.from(by), bytes.subarray(end)])
  return bytes.toString()
}
