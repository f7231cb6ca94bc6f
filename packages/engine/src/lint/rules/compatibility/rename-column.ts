import { bodyOf } from '../../../sql/postgres/nodes'
import type { Found } from '../../finding'
import { columnKey, nameIn } from '../../postgres/catalog'
import type { Name } from '../../postgres/facts'
import type { PostgresSubject } from '../../postgres/subject'
import { definitionOf } from '../../postgres/unique'
import { createdIn } from '../../postgres/written'
import { defineRule } from '../../rule'

/** https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-DESC-RENAME */
export const renameColumn = defineRule({
  id: 'B1',
  name: 'rename-column',
  category: 'compatibility',
  severity: 'error',
  about:
    'Running code still uses the old name of a renamed column. Keep the name in the database, or add a column and drop the old one later.',
  postgres: {
    // Not before the end of the step is it known whether another column takes the old name.
    step(_, subjects) {
      const given = new Set<string>()
      return subjects.flatMap((subject): readonly Found[] => {
        const { node, catalog, index } = subject
        const rename = bodyOf(node, 'RenameStmt')
        if (rename?.renameType !== 'OBJECT_COLUMN') return []
        const { subname: from = '', newname: to = '' } = rename
        const table = nameIn(rename.relation)
        const isOurs = given.delete(columnKey(table, from))
        given.add(columnKey(table, to))
        if (isOurs || isMade(subject, table, from)) return []
        if (catalog.isNewColumn(table, from) || catalog.undoesRename('column', from)) return []
        return [
          {
            index,
            message: `renaming ${table.text}.${from} to ${to} breaks running code, which uses the old name until it is replaced`,
            help:
              `Keep the name in the database, and rename only the property: \`@Column({ name: '${from}' })\`. ` +
              `Or add ${to}, write both columns, fill it from ${from}, and drop ${from} in a later release.`,
            table: table.text,
          },
        ]
      })
    },
  },
})

/** True for a column, or its table, that an earlier statement of the step has made. */
function isMade(subject: PostgresSubject, table: Name, column: string): boolean {
  return (
    definitionOf(subject, table, column) !== undefined ||
    subject.earlier.some(({ node }) => createdIn(node)?.key === table.key)
  )
}
