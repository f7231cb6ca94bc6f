import type { Column, Table } from '../../schema/schema'
import type { GenerationStrategy } from '../roles/ddl'

/**
 * A random UUID (version 4) for each row, in lower case as TypeORM writes it. SQLite has no function for it:
 * https://www.rfc-editor.org/rfc/rfc9562#name-uuid-version-4.
 */
const uuid = [
  'lower(hex(randomblob(4))',
  "'-'",
  'hex(randomblob(2))',
  "'-4'",
  'substr(hex(randomblob(2)), 2)',
  "'-'",
  "substr('89AB', 1 + (random() & 3), 1)",
  'substr(hex(randomblob(2)), 2)',
  "'-'",
  'hex(randomblob(6)))',
].join(' || ')

/**
 * The value of existing rows in a new generated column. A key that is the rowid takes the next number for NULL
 * (https://www.sqlite.org/lang_createtable.html#rowid); on SQLite TypeORM generates UUIDs itself, for new rows only.
 */
export function generatedValue(column: Column, strategy: GenerationStrategy, table: Table): string | undefined {
  if (strategy === 'uuid') return uuid
  const [key, ...others] = table.primaryKey?.columns ?? []
  const isRowid = key === column.name && others.length === 0 && column.type === 'integer' && table.withoutRowid !== true
  return isRowid ? 'NULL' : undefined
}
