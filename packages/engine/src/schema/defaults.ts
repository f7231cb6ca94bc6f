import type { Column } from './schema'

/**
 * The default of a column in one of the forms that mean the same: tools write one, TypeORM another, and a database keeps what it was
 * given. An entity cannot ask for `CURRENT_TIMESTAMP` on PostgreSQL, because TypeORM replaces it with `now()`.
 *
 * @example
 * canonicalDefault({ type: 'numeric(10,2)', default: "'0'::numeric", … }) // '0'
 */
export function canonicalDefault({ type, default: text }: Pick<Column, 'type' | 'default'>): string | undefined {
  if (text === undefined) return undefined
  // https://www.postgresql.org/docs/current/functions-datetime.html#FUNCTIONS-DATETIME-CURRENT · https://sqlite.org/lang_createtable.html#the_default_clause
  if (/^(?:current_timestamp|now\(\)|datetime\('now'\))$/i.test(text)) return 'CURRENT_TIMESTAMP'
  return numberOf(type, text) ?? text
}

/** A quoted number, which the database converts to the type of the column: PostgreSQL prints it with a cast, SQLite as it was written. */
function numberOf(type: string, text: string): string | undefined {
  const [, digits, cast] = /^'(-?\d+(?:\.\d+)?)'(?:::([a-z ]+))?$/.exec(text) ?? []
  if (digits === undefined) return undefined
  if (cast === undefined) return isNumericInSqlite(type) ? digits : undefined
  return numericTypes.test(type) && numericTypes.test(cast) ? digits : undefined
}

const numericTypes = /^(?:smallint|integer|bigint|numeric|real|double precision)(?:\(\d+(?:,\d+)?\))?$/

/** Whether SQLite converts texts to numbers in such a column: https://sqlite.org/datatype3.html#determination_of_column_affinity */
function isNumericInSqlite(type: string): boolean {
  return /int/i.test(type) || !/char|clob|text|blob|^(?:any)?$/i.test(type)
}
