import { readInsert } from '../../sql/sqlite/changes'
import { type Copy, readCopy } from '../../sql/sqlite/copy'
import type { Cursor } from '../../sql/sqlite/cursor'
import { fold } from '../../sql/sqlite/tokens'
import type { SqliteCatalog } from './catalog'
import type { Copied, SqliteName } from './facts'
import type { Statement } from './statement'

/** `INSERT INTO target (…) SELECT … FROM source`, by which a rebuild copies the rows. */
export function learnCopy(catalog: SqliteCatalog, { index }: Statement, cursor: Cursor): void {
  const { target, columns, body, upserts } = readInsert(cursor)
  const copy = upserts.length > 0 ? undefined : readCopy(cursor.sql, body)
  if (copy === undefined) return
  const name = catalog.name(target)
  copiedFrom(catalog, name, columns, copy)
  settle(catalog, name, index)
}

/**
 * Records that a table which this step has made has the rows of another.
 *
 * @param into the columns that receive the values. Default is all; those of a table that the query makes have its names
 */
export function copiedFrom(
  catalog: SqliteCatalog,
  target: SqliteName,
  into: readonly string[] | undefined,
  copy: Copy,
): void {
  const source = catalog.name(copy.source)
  const before = catalog.copies.get(source.key)
  const known = catalog.table(source)
  // Its own rows, and not those of an older table.
  if (before === undefined && catalog.isHere(known?.madeIn)) return
  if (!catalog.isHere(catalog.table(target)?.madeIn)) return
  const all = [...(known?.columns.keys() ?? [])]
  const from = copy.columns.flatMap((column): readonly (string | undefined)[] => (column === '*' ? all : [column.kept]))
  const own = [...(catalog.table(target)?.columns.keys() ?? [])]
  const names = into?.map(fold) ?? (own.length > 0 ? own : from.map((column) => fold(column ?? '')))
  const columns = new Map<string, { readonly was: string; readonly madeIn: Copied['madeIn'] }>()
  for (const [at, column] of from.entries()) {
    const name = names[at]
    if (name === undefined || column === undefined) continue
    const was = fold(column)
    const origin = before === undefined ? { was, madeIn: known?.columns.get(was)?.madeIn } : before.columns.get(was)
    if (origin !== undefined) columns.set(name, origin)
  }
  const madeIn = before === undefined ? known?.madeIn : before.madeIn
  catalog.copies.set(target.key, { from: before?.from ?? catalog.wasKey(source.key), columns, madeIn })
}

/** If the table has the name and the rows of an older one, it is that one, changed. */
export function settle(catalog: SqliteCatalog, name: SqliteName, index: number): void {
  const copied = catalog.copies.get(name.key)
  const table = catalog.table(name)
  if (copied?.from !== name.key || table === undefined || !catalog.isHere(table.madeIn)) return
  const { madeIn: _, ...now } = table
  const before = catalog.before(name.key)
  catalog.tables.set(name.key, {
    ...now,
    ...(copied.madeIn !== undefined && { madeIn: copied.madeIn }),
    columns: new Map(
      [...table.columns].map(([key, column]) => {
        const origin = copied.columns.get(key)
        return [key, origin === undefined ? column : { ...column, madeIn: origin.madeIn }]
      }),
    ),
    constraints: table.constraints.map((constraint) => {
      const same = before?.constraints.find(
        ({ kind, signature }) => kind === constraint.kind && signature === constraint.signature,
      )
      return same === undefined ? constraint : { ...constraint, madeIn: same.madeIn }
    }),
  })
  const earlier = catalog.rebuilds.get(name.key)
  catalog.rebuilds.set(name.key, {
    before,
    columns: new Map([...copied.columns].map(([column, { was }]) => [column, was])),
    isOwn: catalog.inOwnRebuild && earlier?.isOwn !== false,
    index,
  })
}
