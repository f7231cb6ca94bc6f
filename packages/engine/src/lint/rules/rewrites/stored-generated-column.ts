import { bodyOf } from '../../../sql/postgres/nodes'
import { rewritesOf } from '../../../sql/postgres/rewrites'
import { commandsIn } from '../../postgres/commands'
import { defineRule } from '../../rule'

/** PostgreSQL 18 has virtual generated columns. */
const virtualColumns = 18

/** https://www.postgresql.org/docs/current/ddl-generated-columns.html */
export const storedGeneratedColumn = defineRule({
  id: 'W4',
  name: 'stored-generated-column',
  category: 'rewrites',
  severity: 'error',
  about: 'A stored generated column is computed for every row, which rewrites the table. A virtual one is not.',
  postgres: {
    statement(subject) {
      const { catalog, server } = subject
      return commandsIn(subject).flatMap(({ table, command: { subtype, def, name = '' } }) => {
        const column = subtype === 'AT_AddColumn' ? bodyOf(def, 'ColumnDef') : undefined
        const isAdded = rewritesOf(column).includes('stored')
        const isChanged = subtype === 'AT_SetExpression' && catalog.column(table, name)?.generated !== 'virtual'
        if (!isAdded && !isChanged) return []
        const what = isAdded
          ? `adding the stored generated column ${table.text}.${column?.colname ?? ''}`
          : `changing the expression of ${table.text}.${name}`
        return [
          {
            message: `${what} rewrites ${table.text} while nobody can read or write it`,
            help:
              server >= virtualColumns
                ? 'Make it VIRTUAL, or add a plain column that a trigger fills, and compute the existing rows in batches (docs/data-migrations.md).'
                : 'Add a plain column that a trigger fills, and compute the existing rows in batches (docs/data-migrations.md).',
            table: table.text,
            grows: true,
          },
        ]
      })
    },
  },
})
