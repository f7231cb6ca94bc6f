import { readInsert } from '../../../sql/sqlite/changes'
import { readCopy } from '../../../sql/sqlite/copy'
import { fold } from '../../../sql/sqlite/tokens'
import { quotedName } from '../../../sql/tokens'
import { defineRule } from '../../rule'
import type { SqliteTable } from '../../sqlite/facts'
import { readStatement } from '../../sqlite/statements'

/** Without a list of columns, INSERT fills them from left to right: https://sqlite.org/lang_insert.html */
export const positionalCopy = defineRule({
  id: 'Q7',
  name: 'positional-copy',
  category: 'sqlite',
  severity: 'error',
  about:
    'Without names, a copy fills columns by their position, and values end up in the wrong ones. Name the columns on both sides.',
  sqlite: {
    statement(subject) {
      const read = readStatement(subject, (cursor) => {
        if (!cursor.is('INSERT')) return undefined
        const { target, columns, body } = readInsert(cursor)
        return columns === undefined ? { target, copy: readCopy(cursor.sql, body) } : undefined
      })
      if (read?.copy === undefined) return undefined
      const { catalog } = subject
      const [target, source] = [catalog.name(read.target), catalog.name(read.copy.source)]
      // Only copies of a rebuild: its new table, and an older one or a table with its rows.
      if (!catalog.isNew(target) || (catalog.isNew(source) && !catalog.copies.has(source.key))) return undefined
      const [into, from] = [stored(catalog.table(target)), stored(catalog.table(source))]
      const values = read.copy.columns.flatMap((column): readonly (string | undefined)[] =>
        column === '*' ? (from ?? [undefined]) : [column.kept === undefined ? undefined : fold(column.kept)],
      )
      if (into !== undefined && values.length === into.length && values.every((column, at) => column === into[at]))
        return undefined
      const isAll = read.copy.columns.length === 1 && read.copy.columns[0] === '*' && read.copy.half === undefined
      const canName = isAll && into !== undefined && from?.every((column) => into.includes(column)) === true
      const list = from?.map((column) => quotedName(catalog.column(source, column)?.name ?? column)).join(', ') ?? ''
      return {
        message: `this copies ${source.text} into ${target.text} by the position of columns, and not by their names`,
        help: 'Name the columns on both sides.',
        ...(canName && { instead: [`INSERT INTO ${target.sql} (${list}) SELECT ${list} FROM ${source.sql}`] }),
        table: source.text,
      }
    },
  },
})

/** The columns that an INSERT fills, folded; undefined if they are not known. */
function stored(table: SqliteTable | undefined): readonly string[] | undefined {
  if (table?.complete !== true) return undefined
  return [...table.columns].flatMap(([key, { generated }]) => (generated === undefined ? [key] : []))
}
