import { isRefusedInTransaction } from '../../../sql/postgres/outside'
import { plainText, StatementReader } from '../../../sql/reader'
import { stringsIn } from '../expression'

/** See `StatementRole.outsideTransaction`. */
export function outsideTransaction(statements: readonly string[]): string | undefined {
  return statements.find((sql, index) => isRefusedInTransaction(sql) || usesOwnValue(sql, index, statements))
}

/**
 * A value that is added to an enum cannot be used before the transaction that added it has ended, unless the type was
 * created in it: https://www.postgresql.org/docs/current/sql-altertype.html#id-1.9.3.42.7
 */
function usesOwnValue(sql: string, index: number, statements: readonly string[]): boolean {
  if (!/\badd\s+value\b/i.test(sql)) return false
  const added = addedValue(sql)
  if (added === undefined) return false
  const isNew = statements.slice(0, index).some((earlier) => createsType(earlier, added.type))
  if (isNew) return false
  return statements.slice(index + 1).some((later) => addedValue(later) === undefined && mentions(later, added.value))
}

function addedValue(sql: string): { readonly type: string; readonly value: string } | undefined {
  const reader = new StatementReader(sql, 'postgres')
  if (!reader.accept('ALTER', 'TYPE')) return undefined
  const type = reader.name()
  if (type === undefined || !reader.accept('ADD', 'VALUE')) return undefined
  reader.accept('IF', 'NOT', 'EXISTS')
  const value = reader.string()
  return value === undefined ? undefined : { type: type.name, value }
}

function createsType(sql: string, type: string): boolean {
  const reader = new StatementReader(sql, 'postgres')
  return reader.accept('CREATE', 'TYPE') && reader.name()?.name === type
}

/** True for a whole string, an element of an array (`'{a,b}'`), or a string in the body of a function. */
function mentions(sql: string, value: string): boolean {
  if (!sql.includes(value)) return false
  return stringsIn(sql).some(
    (string) =>
      string === value ||
      string.includes(`'${value}'`) ||
      (/^\{.*\}$/s.test(string) && string.slice(1, -1).split(',').includes(value)),
  )
}

/** See `StatementRole.isOfSession`. */
export function isOfSession(sql: string): boolean {
  return /^(?:SET|RESET|DISCARD|LISTEN|UNLISTEN|LOAD)\b/.test(plainText(sql.slice(0, 500), 'postgres'))
}

/** See `StatementRole.waitsAlone`. */
export function waitsAlone(sql: string): boolean {
  return isRefusedInTransaction(sql) && /\bconcurrently\b/i.test(sql)
}
