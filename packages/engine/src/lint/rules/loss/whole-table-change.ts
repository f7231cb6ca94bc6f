import type { DeleteStmt, UpdateStmt } from 'libpg-query' with { 'resolution-mode': 'import' }

import { bodiesIn } from '../../../sql/postgres/nodes'
import { readDelete, readUpdate } from '../../../sql/sqlite/changes'
import { wordOf } from '../../../sql/sqlite/tokens'
import type { Found } from '../../finding'
import { nameIn } from '../../postgres/catalog'
import { nodesIn } from '../../postgres/walk'
import type { PostgresSubject } from '../../postgres/subject'
import { defineRule } from '../../rule'
import type { SqliteName } from '../../sqlite/facts'
import { readStatement } from '../../sqlite/statements'
import type { SqliteSubject } from '../../sqlite/subject'

/** https://www.postgresql.org/docs/current/sql-update.html, https://sqlite.org/lang_delete.html */
export const wholeTableChange = defineRule({
  id: 'D9',
  name: 'whole-table-change',
  category: 'loss',
  severity: 'error',
  about: 'UPDATE and DELETE without WHERE change every row. Name the rows, and go through a large table in batches.',
  postgres: {
    statement: (subject) => [
      ...nodesIn(subject.node, 'DeleteStmt').flatMap((body) => deleted(subject, body)),
      ...nodesIn(subject.node, 'UpdateStmt').flatMap((body) => updated(subject, body)),
    ],
  },
  sqlite: {
    statement(subject) {
      const { catalog } = subject
      const change = changeIn(subject)
      if (change === undefined || catalog.isNew(change.table) || catalog.isUndone(catalog.table(change.table)?.madeIn))
        return undefined
      const { table, columns } = change
      if (columns === undefined) return found(table.text)
      const overwritten = columns.filter(
        (column) => !catalog.isNewColumn(table, column) && !catalog.isUndone(catalog.column(table, column)?.madeIn),
      )
      return overwritten.length === 0 ? undefined : found(table.text, overwritten)
    },
  },
})

function found(table: string, columns?: readonly string[]): Found {
  return columns === undefined
    ? {
        message: `this deletes every row of ${table}`,
        help: 'Add a WHERE for the rows that must go.',
        table,
      }
    : {
        message: `this overwrites ${columns.join(', ')} in every row of ${table}`,
        help: 'Add a WHERE for the rows that must change; `batched` goes through a large table a number of rows at a time.',
        table,
      }
}

function deleted({ catalog }: PostgresSubject, { relation, whereClause }: DeleteStmt): readonly Found[] {
  const table = nameIn(relation)
  if (whereClause !== undefined || catalog.isNew(table) || catalog.isUndone(catalog.table(table)?.madeIn)) return []
  return [found(table.text)]
}

/** A column that this revision has added is filled, which loses nothing. */
function updated({ catalog }: PostgresSubject, { relation, whereClause, targetList }: UpdateStmt): readonly Found[] {
  const table = nameIn(relation)
  if (whereClause !== undefined || catalog.isUndone(catalog.table(table)?.madeIn)) return []
  const overwritten = bodiesIn(targetList, 'ResTarget')
    .map(({ name = '' }) => name)
    .filter((column) => !catalog.isNewColumn(table, column) && !catalog.isUndone(catalog.column(table, column)?.madeIn))
  return overwritten.length === 0 ? [] : [found(table.text, overwritten)]
}

/** A DELETE or UPDATE of every row; `columns` are those that it sets. */
function changeIn(
  subject: SqliteSubject,
): { readonly table: SqliteName; readonly columns?: readonly string[] } | undefined {
  return readStatement(subject, (cursor) => {
    if (cursor.is('WITH'))
      cursor.until((token) => ['UPDATE', 'DELETE', 'INSERT', 'SELECT'].includes(wordOf(token) ?? ''))
    if (cursor.is('DELETE')) {
      const { target, isPartial } = readDelete(cursor)
      return isPartial ? undefined : { table: subject.catalog.name(target) }
    }
    if (!cursor.is('UPDATE')) return undefined
    const { target, set, isPartial } = readUpdate(cursor)
    return isPartial ? undefined : { table: subject.catalog.name(target), columns: set.columns }
  })
}
