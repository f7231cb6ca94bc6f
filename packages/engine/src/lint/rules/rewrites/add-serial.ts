import { bodyOf, typeText } from '../../../sql/postgres/nodes'
import { rewritesOf } from '../../../sql/postgres/rewrites'
import { commandsIn } from '../../postgres/commands'
import { defineRule } from '../../rule'

/** https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-NOTES */
export const addSerial = defineRule({
  id: 'W3',
  name: 'add-serial',
  category: 'rewrites',
  severity: 'error',
  about: 'A new serial or identity column numbers every row, which rewrites the table.',
  postgres: {
    statement(subject) {
      return commandsIn(subject).flatMap(({ table, command: { subtype, def } }) => {
        const column = subtype === 'AT_AddColumn' ? bodyOf(def, 'ColumnDef') : undefined
        const reasons = rewritesOf(column)
        const isSerial = reasons.includes('serial')
        if (!isSerial && !reasons.includes('identity')) return []
        const kind = isSerial ? typeText(column?.typeName) : 'identity'
        return [
          {
            message: `adding the ${kind} column ${table.text}.${column?.colname ?? ''} rewrites ${table.text} while nobody can read or write it`,
            help: 'Add a nullable column, create a sequence and make it the default, number the existing rows in batches (docs/data-migrations.md), and set the column NOT NULL.',
            table: table.text,
            grows: true,
          },
        ]
      })
    },
  },
})
