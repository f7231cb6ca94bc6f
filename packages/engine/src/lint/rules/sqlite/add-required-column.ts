import { wordOf } from '../../../sql/sqlite/tokens'
import { defineRule } from '../../rule'
import { addedColumn } from '../../sqlite/statements'

/** https://sqlite.org/lang_altertable.html#altertabaddcol */
export const addRequiredColumn = defineRule({
  id: 'Q2',
  name: 'add-required-column',
  category: 'sqlite',
  severity: 'error',
  about:
    'SQLite refuses to add a NOT NULL column without a default to a table with rows. Give it a default, or rebuild the table.',
  sqlite: {
    statement(subject) {
      const added = addedColumn(subject)
      if (added === undefined || subject.catalog.isNew(added.table)) return undefined
      const { table, definition } = added
      const [column] = definition.columns
      if (column === undefined || !column.notNull || column.generated !== undefined) return undefined
      const value = column.default?.tokens
      if (value !== undefined && !(value.length === 1 && wordOf(value[0]) === 'NULL')) return undefined
      return {
        message: `SQLite refuses to add ${table.text}.${column.name} if ${table.text} has rows: it is NOT NULL and has no default`,
        help: 'Give it a default that suits the rows that exist. Or add it without NOT NULL, fill it, and let a revision of `create` rebuild the table.',
        table: table.text,
      }
    },
  },
})
