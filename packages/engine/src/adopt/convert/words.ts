import type { AdoptConversion, AdoptObstacle } from '../../results'
import { plural } from '../../text'

/** What a conversion would do to rows, a line for each column; verb first. */
export function conversionLines({ operations, tables, values, computed, fills }: AdoptConversion): readonly string[] {
  const rows = tables.reduce((sum, table) => sum + table.rows, 0)
  const columns = [...new Set(values.map(({ column }) => column))]
  const reasons = [...new Set(computed.map(({ reason }) => reason))]
  return [
    tables.length === 0
      ? `make ${plural(operations.length, 'change')}, and change no row`
      : `convert ${plural(tables.length, 'table')} with ${plural(rows, 'row')}, in ${plural(operations.length, 'change')}`,
    ...columns.map(
      (column) =>
        `write ${column} as ${values
          .filter((value) => value.column === column)
          .map(({ from, to, rows: own }) => `${from} → ${to} (${plural(own, 'row')})`)
          .join(', ')}`,
    ),
    ...reasons.map((reason) => {
      const own = computed.filter((one) => one.reason === reason)
      return `compute ${own.map(({ column, rows: count }) => `${column} (${plural(count, 'row')})`).join(', ')}: ${reason}`
    }),
    ...fills.map(({ column, value, rows: own }) => `fill ${column} with ${value} (${plural(own, 'row')})`),
  ]
}

/** An obstacle with what to do about it, each a line. */
export function obstacleLines({ text, examples, ways }: AdoptObstacle): readonly string[] {
  return [text, ...examples.map((example) => `  ${example}`), ...ways.map((way) => `  → ${way}`)]
}
