import { Cursor, isComma } from './cursor'
import { collationName, type Token, wordOf } from './tokens'

/** A parsed `CREATE INDEX`: names are unquoted, expressions are still tokens. */
interface ParsedIndex {
  readonly name: string
  readonly table: string
  readonly unique: boolean
  readonly keys: readonly ParsedIndexKey[]
  readonly where?: readonly Token[]
}

interface ParsedIndexKey {
  /** The column or expression, without collation and order. */
  readonly tokens: readonly Token[]
  readonly collation?: string
  readonly descending: boolean
}

/** Reads a `CREATE INDEX` statement as SQLite keeps it. */
export function parseIndex(sql: string): ParsedIndex {
  const cursor = new Cursor(sql)
  cursor.expect('CREATE')
  const unique = cursor.take('UNIQUE')
  cursor.expect('INDEX')
  const name = cursor.objectName()
  cursor.expect('ON')
  const table = cursor.name()
  const keys: ParsedIndexKey[] = []
  cursor.expectSymbol('(')
  while (!cursor.takeSymbol(')')) {
    keys.push(indexKey(cursor.until(isComma)))
    cursor.takeSymbol(',')
  }
  return { name, table, unique, keys, where: cursor.take('WHERE') ? cursor.rest() : undefined }
}

function indexKey(all: readonly Token[]): ParsedIndexKey {
  const order = wordOf(all.at(-1))
  const tokens = order === 'ASC' || order === 'DESC' ? all.slice(0, -1) : all
  const collation = tokens.at(-1)
  const isCollated = tokens.length > 2 && collation !== undefined && wordOf(tokens.at(-2)) === 'COLLATE'
  return {
    tokens: isCollated ? tokens.slice(0, -2) : tokens,
    descending: order === 'DESC' && all.length > 1,
    collation: isCollated ? collationName(collation) : undefined,
  }
}
