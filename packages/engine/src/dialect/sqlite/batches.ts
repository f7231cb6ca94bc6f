import { AludelError } from '../../errors'
import type { BatchRole, KeyColumn } from '../roles/batches'
import type { Queryable } from '../queryable'
import { fold } from '../../sql/sqlite/tokens'
import { quote, quoteText } from './quote'

interface TableColumn {
  readonly name: string
  readonly type: string
  readonly notnull: number
  readonly pk: number
}

interface UniqueIndex {
  readonly origin: string
  readonly columns: readonly { readonly name: string | null; readonly coll: string }[]
}

export const batches: BatchRole = {
  // A transaction that begins by reading fails, instead of waiting, if another connection has written meanwhile:
  // https://www.sqlite.org/lang_transaction.html
  begin: 'BEGIN IMMEDIATE',
  lockRows: '',

  keyColumns,
  // As text with the storage class first: a column may hold several classes, and JavaScript numbers are not exact for all.
  exact: ({ sql }) =>
    `CASE typeof(${sql}) WHEN 'integer' THEN 'i:' || ${sql} WHEN 'real' THEN 'r:' || quote(${sql}) ` +
    `WHEN 'blob' THEN 'b:' || hex(${sql}) ELSE 't:' || ${sql} END`,
  // The plus removes the affinity of the CAST, so that the value is compared without conversion.
  parameter: (_column, exact, placeholder) => {
    const value = exact.slice(2)
    switch (exact[0]) {
      case 'i':
        return { sql: `+CAST(${placeholder} AS INTEGER)`, value }
      case 'r':
        return { sql: `+CAST(${placeholder} AS REAL)`, value }
      case 'b':
        return { sql: placeholder, value: Buffer.from(value, 'hex') }
      default:
        return { sql: placeholder, value }
    }
  },
  literal: (_column, exact) => {
    const value = exact.slice(2)
    if (exact.startsWith('i') || exact.startsWith('r')) return value
    return exact.startsWith('b') ? `X'${value}'` : quoteText(value)
  },

  async update(database, { table, set, condition, parameters }) {
    await database.query(`UPDATE ${table} SET ${set} WHERE ${condition}`, [...parameters])
    // Not the count of the drivers: they disagree about rows that triggers change.
    const [row] = (await database.query('SELECT changes() AS n')) as { n: number }[]
    return { changed: row?.n ?? 0, still: null }
  },
}

async function keyColumns(database: Queryable, table: string, key: readonly string[]): Promise<readonly KeyColumn[]> {
  const fail = (problem: string, help: string): AludelError =>
    new AludelError('ALUDEL_BATCHED', problem, { help, details: { table, key } })
  const place = placeOf(table)
  const columns = (await database.query(
    `SELECT "name", "type", "notnull", "pk" FROM pragma_table_info(${place.arguments})`,
    [...place.values],
  )) as TableColumn[]
  if (columns.length === 0) throw fail(`there is no table "${table}" to be updated in batches`, 'Check its name.')
  const wanted = key.map((name) => {
    const column = columns.find((one) => fold(one.name) === fold(name))
    if (column === undefined) throw fail(`"${table}" has no column "${name}"`, 'Check the key of the batches.')
    return column
  })
  const indexes = await uniqueIndexes(database, table)
  const names = (list: readonly (string | null)[]): string =>
    list
      .map((name) => fold(name ?? ''))
      .sort()
      .join('\0')
  const index = indexes.find((one) => names(one.columns.map(({ name }) => name)) === names(key))
  const isRowid = isRowidAlias(wanted, columns, indexes)
  if (index === undefined && !isRowid) {
    throw fail(
      `no unique index of "${table}" has exactly the columns ${key.join(', ')}`,
      'Batches need a key that no two rows share: the primary key, or a unique index over just these columns.',
    )
  }
  // In a table WITHOUT ROWID the columns of the primary key are implicitly NOT NULL:
  // https://www.sqlite.org/withoutrowid.html
  for (const { name, notnull, pk } of isRowid ? [] : wanted) {
    if (notnull === 1 || (pk > 0 && (await isWithoutRowid(database, table)))) continue
    throw fail(`"${table}"."${name}" may be null`, 'The columns of the key must be NOT NULL.')
  }
  return wanted.map(({ name, type }) => {
    const collation = index?.columns.find((one) => fold(one.name ?? '') === fold(name))?.coll
    return { name, type, sql: quote(name) + (collation === undefined ? '' : ` COLLATE ${quote(collation)}`) }
  })
}

/** INTEGER PRIMARY KEY is the rowid itself, and has no index: https://www.sqlite.org/lang_createtable.html#rowid */
function isRowidAlias(
  key: readonly TableColumn[],
  columns: readonly TableColumn[],
  indexes: readonly UniqueIndex[],
): boolean {
  const [only] = key
  if (only?.pk !== 1 || key.length !== 1 || columns.some((column) => column.pk > 1)) return false
  return only.type.toUpperCase() === 'INTEGER' && !indexes.some(({ origin }) => origin === 'pk')
}

async function uniqueIndexes(database: Queryable, table: string): Promise<readonly UniqueIndex[]> {
  const place = placeOf(table)
  const list = (await database.query(
    `SELECT "name", "origin" FROM pragma_index_list(${place.arguments}) WHERE "unique" = 1 AND "partial" = 0`,
    [...place.values],
  )) as { name: string; origin: string }[]
  const indexes: UniqueIndex[] = []
  for (const { name, origin } of list) {
    const of = placeOf(table, name)
    const columns = (await database.query(
      `SELECT "name", "coll" FROM pragma_index_xinfo(${of.arguments}) WHERE "key" = 1`,
      [...of.values],
    )) as { name: string | null; coll: string }[]
    indexes.push({ origin, columns })
  }
  return indexes
}

async function isWithoutRowid(database: Queryable, table: string): Promise<boolean> {
  const rows = (await database.query('SELECT "wr" FROM pragma_table_list WHERE lower("name") = lower(?)', [
    table.slice(table.indexOf('.') + 1),
  ])) as { wr: number }[]
  return rows.some(({ wr }) => wr === 1)
}

/** The arguments of a pragma function for a table, or for one of its indexes: the name, and the attached database. */
function placeOf(table: string, index?: string): { readonly arguments: string; readonly values: readonly string[] } {
  const dot = table.indexOf('.')
  const name = index ?? table.slice(dot + 1)
  return dot <= 0 ? { arguments: '?', values: [name] } : { arguments: '?, ?', values: [name, table.slice(0, dot)] }
}
