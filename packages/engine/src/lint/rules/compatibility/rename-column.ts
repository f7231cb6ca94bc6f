import { bodyOf } from '../../../sql/postgres/nodes'
import { nameIn } from '../../postgres/catalog'
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
    statement({ node, catalog }) {
      const rename = bodyOf(node, 'RenameStmt')
      if (rename?.renameType !== 'OBJECT_COLUMN') return undefined
      const { subname: from = '', newname: to = '' } = rename
      const table = nameIn(rename.relation)
      if (catalog.isNewColumn(table, from)) return undefined
      if (catalog.undoesRename('column', from)) return undefined
      return {
        message: `renaming ${table.text}.${from} to ${to} breaks running code, which uses the old name until it is replaced`,
        help:
          `Keep the name in the database, and rename only the property: \`@Column({ name: '${from}' })\`. ` +
          `Or add ${to}, write both columns, fill it from ${from}, and drop ${from} in a later release.`,
        table: table.text,
      }
    },
  },
})
