import type { Queryable } from '../../queryable'
import type { KeptEntry } from '../../roles/keeping'
import { quote } from '../names'
import { guardHidden } from './moving'
import { keptSchema, keptTable } from './names'
import { type ColumnPlace, columnsOf, findTable, type TablePlace } from './places'
import { quietly } from './quiet'
import { exactly } from './settings'
import { keyOf } from './values'

/** The expression that reads a kept value as the type of a column, by way of its text where the types are others. */
export function readAs(kept: ColumnPlace, column: ColumnPlace, table: string): string {
  const value = `${table}.${quote(kept.name)}`
  return kept.typeId === column.typeId ? value : `${value}::text::${column.type}`
}

const isHiddenName = (name: string): boolean => /^aludel_kept_\d+(?:_had|_row)?$/.test(name)

/**
 * Puts the rows of a kept table into a new one. Hidden columns that it has come along: an earlier revision gives them back.
 *
 * Rows that statements of the downgrade have inserted stay: of the kept ones, those come whose key none of them has.
 *
 * @returns the columns with values for which the new table has no place; their values are still in the kept one
 */
export async function giveTable(database: Queryable, entry: KeptEntry, target: TablePlace): Promise<readonly string[]> {
  const kept = await findTable(database, { schema: keptSchema, name: String(entry.id) })
  if (kept === undefined) return []
  const from = await columnsOf(database, kept)
  const before = await columnsOf(database, target)
  for (const { name, type } of from) {
    if (!isHiddenName(name) || before.some((one) => one.name === name)) continue
    await database.query(`ALTER TABLE ${target.sql} ADD COLUMN ${quote(name)} ${type}`)
    const [, id] = /^aludel_kept_(\d+)_had$/.exec(name) ?? []
    if (id !== undefined) await guardHidden(database, target.sql, Number(id))
  }
  const to = (await columnsOf(database, target)).filter(({ generated }) => generated === '')
  const pairs = from.flatMap((one) => {
    const column = to.find(({ name }) => name === one.name)
    return column === undefined ? [] : [{ name: one.name, value: readAs(one, column, 'kept') }]
  })
  const key = ((await keyOf(database, target, new Set())) ?? []).filter(({ name }) =>
    pairs.some((pair) => pair.name === name),
  )
  const same = key.map(({ name }) => `live.${quote(name)} = ${pairs.find((pair) => pair.name === name)?.value ?? ''}`)
  const isNew =
    same.length === 0 ? '' : ` WHERE NOT EXISTS (SELECT FROM ${target.sql} AS live WHERE ${same.join(' AND ')})`
  const hasRows = ((await database.query(`SELECT 1 FROM ${target.sql} LIMIT 1`)) as unknown[]).length > 0
  if (pairs.length > 0) {
    await quietly(database, target, () =>
      exactly(database, () =>
        database.query(
          `INSERT INTO ${target.sql} (${pairs.map(({ name }) => quote(name)).join(', ')}) OVERRIDING SYSTEM VALUE
           SELECT ${pairs.map(({ value }) => value).join(', ')} FROM ${keptTable(entry.id)} AS kept${hasRows ? isNew : ''}`,
        ),
      ),
    )
  }
  return from.flatMap(({ name }) => (pairs.some((pair) => pair.name === name) ? [] : [name]))
}
