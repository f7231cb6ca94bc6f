import { bodyOf } from '../../../sql/postgres/nodes'
import { defineRule } from '../../rule'

/** https://www.postgresql.org/docs/current/sql-alterschema.html */
export const renameSchema = defineRule({
  id: 'B4',
  name: 'rename-schema',
  category: 'compatibility',
  severity: 'error',
  about: 'Running code still uses the old name of a renamed schema, in every query on its tables.',
  postgres: {
    statement({ node, catalog }) {
      const rename = bodyOf(node, 'RenameStmt')
      if (rename?.renameType !== 'OBJECT_SCHEMA') return undefined
      const { subname: from = '', newname: to = '' } = rename
      if (catalog.isHere(catalog.schemas.get(from))) return undefined
      if (catalog.undoesRename('schema', from)) return undefined
      return {
        message: `renaming schema ${from} to ${to} breaks running code, which uses the old name in every query`,
        help:
          `Create schema ${to}, move one table at a time into it, and leave a view of the old name in ${from} for each until ` +
          'the running code is replaced.',
      }
    },
  },
})
