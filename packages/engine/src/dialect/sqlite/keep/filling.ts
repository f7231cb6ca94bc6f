import { fold } from '../../../sql/sqlite/tokens'
import { quote, quoteText } from '../quote'
import type { CatalogColumn } from './catalog'
import { type Copying, defaultExpression, fill, type Filling } from './copying'
import { keptColumns } from './definitions'
import { type ColumnEntry, keysAfter } from './entries'
import { joined } from './values'

/** A column that is kept of the rows that a statement copies, and how the columns of their table are named now: folded → folded. */
export interface KeptHere {
  readonly one: ColumnEntry
  readonly columns: ReadonlyMap<string, string>
}

/**
 * The statement that copies rows with their kept values: the new table may not take a row without them. Other rows get what the
 * statement gives them, or the default.
 *
 * @param targets the columns of the new table
 */
export function fillKept(copying: Copying, targets: readonly CatalogColumn[], here: readonly KeptHere[]): string {
  const stored = targets.filter(({ isGenerated }) => !isGenerated)
  const fillings = here.flatMap(({ one, columns }): Filling[] => {
    const target = stored.find(({ name }) => fold(name) === fold(one.column))
    const key = one.key.map((name) => columns.get(fold(name)))
    if (target === undefined || !key.every((name) => name !== undefined)) return []
    const match = joined(quote(copying.qualifier), key, 'aludel_k', keysAfter(one))
    const kept = `FROM main.${quote(one.entry.place)} AS aludel_k WHERE ${match}`
    const otherwise = defaultExpression(target.default, quoteText)
    return [
      {
        column: target.name,
        expression: (given = otherwise) =>
          `CASE WHEN EXISTS (SELECT 1 ${kept}) THEN (SELECT aludel_k.${quote(keptColumns.old)} ${kept}) ELSE ${given} END`,
      },
    ]
  })
  const names = stored.map(({ name }) => name)
  return fill(copying, names, fillings, quote) ?? copying.sql
}
