import type { Found } from '../../finding'
import { alterCommands } from '../../postgres/alter-commands'
import { defineRule } from '../../rule'
import { readAlter } from '../../sqlite/statements'

/** https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-DESC-SET-DROP-NOT-NULL */
export const dropNotNull = defineRule({
  id: 'D7',
  name: 'drop-not-null',
  category: 'loss',
  severity: 'info',
  about: 'Without NOT NULL, code that is written for a value meets NULL. Release code that handles it first.',
  postgres: {
    statement({ node, catalog, step }) {
      // A downgrade returns to code that knows NULL.
      if (step.direction === 'downgrade') return undefined
      return alterCommands(node).flatMap(({ table, command: { subtype, name = '' } }) => {
        const isNullable = catalog.column(table, name)?.notNull === false
        if (subtype !== 'AT_DropNotNull' || isNullable || catalog.isNewColumn(table, name)) return []
        return [found(table.text, name)]
      })
    },
  },
  sqlite: {
    statement(subject) {
      if (subject.step.direction === 'downgrade') return undefined
      const dropped = readAlter(subject, (table, cursor) => {
        if (!cursor.take('ALTER')) return undefined
        cursor.take('COLUMN')
        const column = cursor.name()
        return cursor.take('DROP', 'NOT', 'NULL') ? { table, column } : undefined
      })
      if (dropped === undefined) return undefined
      const { catalog } = subject
      const { table, column } = dropped
      const known = catalog.column(table, column)
      return known?.notNull === false || catalog.isNewColumn(table, column) ? undefined : found(table.text, column)
    },
    step({ direction }, subjects) {
      const catalog = subjects.at(-1)?.catalog
      if (catalog === undefined || direction === 'downgrade') return []
      return [...catalog.rebuilds].flatMap(([key, { before, columns, index }]) => {
        const now = catalog.tables.get(key)
        return [...columns].flatMap(([column, was]) => {
          const after = now?.columns.get(column)
          const isDropped = before?.columns.get(was)?.notNull === true && after?.notNull === false
          return isDropped ? [{ ...found(now?.name.text ?? '', after.name), index }] : []
        })
      })
    },
  },
})

function found(table: string, column: string): Found {
  return {
    message: `code that reads ${table}.${column} may meet NULL`,
    help: 'Release code that handles NULL before code that writes it.',
    table,
  }
}
