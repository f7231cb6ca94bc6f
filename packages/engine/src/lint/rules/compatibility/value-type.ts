import type { Found } from '../../finding'
import { columnsIn } from '../../postgres/written'
import { defineRule } from '../../rule'

/** https://node-postgres.com/features/types, and the parsers in https://github.com/brianc/node-pg-types */
export const valueType = defineRule({
  id: 'B10',
  name: 'value-type',
  category: 'compatibility',
  severity: 'warning',
  about:
    'After a change of type the driver may give running code another type of value: bigint and numeric are strings in JavaScript.',
  postgres: {
    statement(subject) {
      // The release before, to which a downgrade goes back, reads the type before.
      if (subject.step.direction === 'downgrade') return undefined
      return columnsIn(subject).flatMap(({ table, name, type, command }): readonly Found[] => {
        if (command?.subtype !== 'AT_AlterColumnType' || subject.catalog.isNewColumn(table, name)) return []
        const before = valueOf(subject.catalog.column(table, name)?.type)
        const after = valueOf(type)
        if (before === undefined || after === undefined || before === after) return []
        return [
          {
            message: `running code that reads ${table.text}.${name} gets ${after} from the driver instead of ${before}`,
            help: `Deploy code that accepts both before this revision, or convert the value in a transformer of the column.`,
            table: table.text,
          },
        ]
      })
    },
  },
})

/** What node-postgres makes of a type, unless the application sets parsers of its own; undefined for types that are not known here. */
function valueOf(type: string | undefined): string | undefined {
  if (type?.endsWith('[]') === true) return 'an array'
  switch (type?.replace(/\(.*?\)/, '')) {
    case 'smallint':
    case 'integer':
    case 'real':
    case 'double precision':
      return 'a number'
    case 'bigint':
    case 'numeric':
    case 'text':
    case 'character varying':
    case 'character':
    case 'uuid':
    case 'time':
    case 'time with time zone':
      return 'a string'
    case 'boolean':
      return 'a boolean'
    case 'date':
    case 'timestamp without time zone':
    case 'timestamp with time zone':
      return 'a Date'
    case 'json':
    case 'jsonb':
      return 'a parsed value'
    case 'bytea':
      return 'a Buffer'
    default:
      return undefined
  }
}
