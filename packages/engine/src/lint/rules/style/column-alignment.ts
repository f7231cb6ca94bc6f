import { bodiesIn, bodyOf, typeText } from '../../../sql/postgres/nodes'
import { nameIn } from '../../postgres/catalog'
import { defineRule } from '../../rule'

/** `typlen` and `typalign` in https://github.com/postgres/postgres/blob/master/src/include/catalog/pg_type.dat, in bytes */
const sizes: Readonly<Partial<Record<string, readonly [length: number, alignment: number]>>> = {
  boolean: [1, 1],
  smallint: [2, 2],
  integer: [4, 4],
  bigint: [8, 8],
  smallserial: [2, 2],
  serial: [4, 4],
  bigserial: [8, 8],
  real: [4, 4],
  'double precision': [8, 8],
  money: [8, 8],
  date: [4, 4],
  time: [8, 8],
  'time with time zone': [12, 8],
  'timestamp without time zone': [8, 8],
  'timestamp with time zone': [8, 8],
  interval: [16, 8],
  uuid: [16, 1],
  oid: [4, 4],
}

interface Sized {
  readonly name: string
  readonly length: number
  readonly alignment: number
}

/** https://www.postgresql.org/docs/current/storage-page-layout.html#STORAGE-TUPLE-LAYOUT */
export const columnAlignment = defineRule({
  id: 'C17',
  name: 'column-alignment',
  category: 'style',
  severity: 'info',
  about:
    'A value begins at a multiple of its alignment, so the order of the columns decides how much of each row is padding.',
  postgres: {
    statement({ node, step }) {
      const statement = bodyOf(node, 'CreateStmt')
      if (statement === undefined || step.direction === 'downgrade') return undefined
      const columns = bodiesIn(statement.tableElts, 'ColumnDef').map(({ colname: name = '', typeName }) => {
        const [length, alignment] = sizes[typeText(typeName).replace(/\(.*?\)/, '')] ?? []
        return length === undefined || alignment === undefined ? undefined : { name, length, alignment }
      })
      const saved = leastPadding(columns) - paddingOf(ordered(columns))
      // A row as a whole is padded to 8 bytes, too: to save less may save nothing.
      if (saved < 8) return undefined
      const table = nameIn(statement.relation)
      const names = ordered(columns).map(({ name }) => name)
      return {
        message: `a row of ${table.text} without NULL has at least ${String(saved)} bytes of padding that another order of its columns avoids`,
        help: `Begin with the columns of a fixed size, the largest alignment first: ${names.join(', ')}.`,
        table: table.text,
      }
    },
  },
})

/** What is padded whatever the values are. */
function leastPadding(columns: readonly (Sized | undefined)[]): number {
  return runsOf(columns).reduce((sum, run, at) => {
    const starts = at === 0 ? [0] : [0, 1, 2, 3, 4, 5, 6, 7]
    return sum + Math.min(...starts.map((start) => paddingOf(run, start)))
  }, 0)
}

/** Successive columns of a fixed size. Where one begins after a column of any size depends on its value. */
function runsOf(columns: readonly (Sized | undefined)[]): readonly (readonly Sized[])[] {
  const runs: Sized[][] = [[]]
  for (const column of columns)
    if (column === undefined) runs.push([])
    else runs.at(-1)?.push(column)
  return runs
}

function ordered(columns: readonly (Sized | undefined)[]): readonly Sized[] {
  return columns.flatMap((column) => column ?? []).toSorted((a, b) => b.alignment - a.alignment)
}

/** Bytes before and between values of which the first one follows a value that ends at `start`. */
function paddingOf(columns: readonly Sized[], start = 0): number {
  let padding = 0
  let end = start
  for (const { length, alignment } of columns) {
    const begin = Math.ceil(end / alignment) * alignment
    padding += begin - end
    end = begin + length
  }
  return padding
}
