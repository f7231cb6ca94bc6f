import type { Node } from 'libpg-query' with { 'resolution-mode': 'import' }

import { bodiesIn, bodyOf, stringsOf } from '../../sql/postgres/nodes'
import { type Catalog, columnKey, nameIn } from './catalog'

/** Takes note of columns that an UPDATE or DELETE leaves without NULL. */
export function learnRows(catalog: Catalog, node: Node): void {
  const update = bodyOf(node, 'UpdateStmt')
  if (update !== undefined) {
    const table = nameIn(update.relation)
    for (const { name = '', val, indirection } of bodiesIn(update.targetList, 'ResTarget'))
      if (indirection === undefined && !isNull(val) && reachesNulls(update.whereClause, name))
        catalog.filled.add(columnKey(table, name))
  }
  const removed = bodyOf(node, 'DeleteStmt')
  const column = nullTested(removed?.whereClause)
  if (column !== undefined) catalog.filled.add(columnKey(nameIn(removed?.relation), column))
}

/** True for no condition and for `column IS NULL`, alone or joined by AND or OR: what else it asks for is the author's business. */
function reachesNulls(where: Node | undefined, column: string): boolean {
  if (where === undefined || nullTested(where) === column) return true
  return (bodyOf(where, 'BoolExpr')?.args ?? []).some((arg) => nullTested(arg) === column)
}

function nullTested(node: Node | undefined): string | undefined {
  const test = bodyOf(node, 'NullTest')
  if (test?.nulltesttype !== 'IS_NULL') return undefined
  return stringsOf(bodyOf(test.arg, 'ColumnRef')?.fields).at(-1)
}

/** True for NULL itself, with or without a cast. */
export function isNull(node: Node | undefined): boolean {
  const cast = bodyOf(node, 'TypeCast')
  return cast === undefined ? bodyOf(node, 'A_Const')?.isnull === true : isNull(cast.arg)
}
