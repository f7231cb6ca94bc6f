import { beside, type Index, type IndexKey, type ObjectName } from '../../../schema/schema'
import { lay } from '../../layout'
import { text } from '../literal'
import { quote, quoteList, quoteName } from '../names'

/** @param reach `only`: on a partitioned table itself, not on its partitions */
export function createIndex(table: ObjectName, index: Index, reach: 'all' | 'only' = 'all'): string[] {
  const on = `${reach === 'only' ? 'ONLY ' : ''}${quoteName(table)}`
  const parts = [
    `CREATE ${index.unique ? 'UNIQUE ' : ''}INDEX ${concurrently(index)}${quote(index.name)} ON ${on}`,
    ...(index.method === 'btree' ? [] : [`USING ${quote(index.method)}`]),
    `(${index.keys.map(keyClause).join(', ')})`,
    ...(index.include === undefined || index.include.length === 0 ? [] : [`INCLUDE (${quoteList(index.include)})`]),
    ...(index.nullsNotDistinct === true ? ['NULLS NOT DISTINCT'] : []),
    ...withOptions(index.storage),
    ...(index.where === undefined ? [] : [`WHERE ${index.where}`]),
  ]
  const comment =
    index.comment === undefined
      ? []
      : [`COMMENT ON INDEX ${quoteName(beside(table, index.name))} IS ${text(index.comment)}`]
  return [lay(parts, '  '), ...comment]
}

/** The clause for options of the catalog, each `name=value`; none if there are none. */
export function withOptions(options: readonly string[] = []): string[] {
  return options.length === 0 ? [] : [`WITH (${options.map(parameter).join(', ')})`]
}

/** `fillfactor = '70'` */
function parameter(option: string): string {
  const at = option.indexOf('=')
  return `${option.slice(0, at)} = ${text(option.slice(at + 1))}`
}

/** An index is in the schema of its table. */
export function dropIndex(table: ObjectName, index: Index): string {
  return `DROP INDEX ${concurrently(index)}${quoteName(beside(table, index.name))}`
}

/** Such statements cannot run in a transaction; `create` puts such an index into a separate revision. */
function concurrently(index: Index): string {
  return index.concurrent === true ? 'CONCURRENTLY ' : ''
}

function keyClause(key: IndexKey): string {
  return [
    key.expression ?? quote(key.column ?? ''),
    ...(key.collation === undefined ? [] : [`COLLATE ${key.collation}`]),
    ...(key.opclass === undefined ? [] : [key.opclass]),
    ...(key.order === undefined ? [] : [key.order]),
    ...(key.nulls === undefined ? [] : [`NULLS ${key.nulls}`]),
  ].join(' ')
}
