import { bodiesIn, bodyOf, textOf } from '../../sql/postgres/nodes'
import { nameIn } from './catalog'
import type { Name } from './facts'
import type { PostgresSubject } from './subject'

/**
 * True if an earlier statement of the step looks at rows of the column and stops with an error of its own, as a guard that the
 * tool writes does. The author knows then what the rows must be like, and nothing is changed if they are not.
 */
export function isGuarded({ earlier }: Pick<PostgresSubject, 'earlier'>, table: Name, column: string): boolean {
  return earlier.some(({ node }) => {
    const code = bodiesIn(bodyOf(node, 'DoStmt')?.args, 'DefElem')
      .map(({ arg }) => textOf(arg) ?? '')
      .join('\n')
    return /\bRAISE\s+EXCEPTION\b/i.test(code) && code.includes(table.name) && code.includes(column)
  })
}

/**
 * True if an earlier statement of the step deletes rows of the table, or changes these columns of rows that existed: the author
 * looked at the rows that a later statement would refuse.
 */
export function isCleaned(
  { earlier, catalog }: Pick<PostgresSubject, 'earlier' | 'catalog'>,
  table: Name,
  columns: readonly string[],
): boolean {
  return earlier.some(({ node }) => {
    const update = bodyOf(node, 'UpdateStmt')
    const relation = bodyOf(node, 'DeleteStmt')?.relation ?? update?.relation
    if (relation === undefined || nameIn(relation).key !== table.key) return false
    if (update === undefined) return true
    // The values of a new column come from the UPDATE itself.
    return bodiesIn(update.targetList, 'ResTarget').some(
      ({ name = '' }) => columns.includes(name) && !catalog.isNewColumn(table, name),
    )
  })
}

/** The option of `create` that says what the rows of a column get: `--backfill "users.name=<SQL expression>"`. */
export function createFlag(
  { step }: Pick<PostgresSubject, 'step'>,
  flag: 'backfill' | 'using',
  table: Name,
  column: string,
): string {
  return `--${flag} "${step.direction === 'downgrade' ? 'down:' : ''}${table.text}.${column}=<SQL expression>"`
}
