import type { Cursor } from '../../sql/sqlite/cursor'
import { fold, isIdentifier, nameOf, type Token } from '../../sql/sqlite/tokens'
import type { SqliteCatalog } from './catalog'
import type { SqliteName, SqliteObject } from './facts'

/** A statement, with its text and its position in the revision. */
export interface Statement {
  readonly sql: string
  readonly tokens: readonly Token[]
  readonly index: number
}

/** Every name in a statement, folded; keywords that are not quoted are among them. */
export function namesIn(tokens: readonly Token[]): ReadonlySet<string> {
  return new Set(tokens.flatMap((token) => (isIdentifier(token) ? [fold(nameOf(token))] : [])))
}

/** The same for an expression, without the functions that it calls. */
export function namesInExpression(tokens: readonly Token[]): ReadonlySet<string> {
  return namesIn(tokens.filter((token, at) => token.kind !== 'word' || tokens[at + 1]?.text !== '('))
}

/** `[IF NOT EXISTS] [schema.]name` */
export function newName(
  catalog: SqliteCatalog,
  cursor: Cursor,
  isTemporary: boolean,
): { readonly name: SqliteName; readonly isOptional: boolean } {
  const isOptional = cursor.take('IF', 'NOT', 'EXISTS')
  const { schema = 'main', name } = cursor.qualifiedName()
  return { name: catalog.name({ schema: isTemporary ? 'temp' : schema, name }), isOptional }
}

export function objectOf(catalog: SqliteCatalog, name: SqliteName, { sql, tokens }: Statement): SqliteObject {
  return { name, mentions: namesIn(tokens), sql, madeIn: catalog.place }
}

/** Whether a value of a pragma switches it on: https://sqlite.org/pragma.html#syntax */
export function isOn(value: string): boolean {
  return ['1', 'on', 'yes', 'true'].includes(value)
}
