import type { SampleShape } from '../../proof/fitting'
import type { Column, Schema, Table } from '../../schema/schema'
import { mentionsName } from '../../schema/expressions'
import type { Failed } from './cases'
import type { Position } from './position'

/** Types whose texts a statement may expect: `amount::numeric` runs only with numbers. */
const otherTypes = ['integer', 'date', 'json', 'boolean', 'uuid']

interface Readable {
  readonly table: Table
  readonly column: Column
  readonly other: (shape: SampleShape) => SampleShape
}

/** Columns of texts that a failed statement names, each with the types whose values it may expect in it. */
export function* readable(position: Position, { statement }: Failed): Generator<Readable> {
  for (const table of position.tables) {
    for (const column of table.columns) {
      if (!/char|clob|text/i.test(column.type) || column.type.endsWith('[]')) continue
      if (statement !== null && !mentionsName(statement, column.name)) continue
      for (const type of otherTypes)
        yield {
          table,
          column,
          other: (shape) => ({ ...shape, fitting: withType(shape.fitting, table, column.name, type) }),
        }
    }
  }
}

function withType(schema: Schema, of: Table, name: string, type: string): Schema {
  const tables = schema.tables.map((table) =>
    table.name === of.name && table.schema === of.schema
      ? { ...table, columns: table.columns.map((column) => (column.name === name ? { ...column, type } : column)) }
      : table,
  )
  return { ...schema, tables }
}
