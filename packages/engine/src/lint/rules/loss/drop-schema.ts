import { bodyOf, partsOf } from '../../../sql/postgres/nodes'
import { defineRule } from '../../rule'

/** Without CASCADE, the server drops only an empty schema: https://www.postgresql.org/docs/current/sql-dropschema.html */
export const dropSchema = defineRule({
  id: 'D3',
  name: 'drop-schema',
  category: 'loss',
  severity: 'error',
  about: 'DROP SCHEMA … CASCADE and DROP DATABASE delete every table in them. Drop the tables by their names instead.',
  postgres: {
    statement({ node, catalog }) {
      const database = bodyOf(node, 'DropdbStmt')
      if (database !== undefined)
        return {
          message: `dropping database ${database.dbname ?? ''} deletes all its tables`,
          help: 'Drop databases by hand, and not in a revision.',
        }
      const statement = bodyOf(node, 'DropStmt')
      if (statement?.removeType !== 'OBJECT_SCHEMA' || statement.behavior !== 'DROP_CASCADE') return undefined
      return (statement.objects ?? []).flatMap((object) => {
        const schema = partsOf(object).at(-1) ?? ''
        const madeIn = catalog.schemas.get(schema)
        if (catalog.isHere(madeIn) || catalog.isUndone(madeIn)) return []
        return [
          {
            message: `dropping schema ${schema} with CASCADE deletes all its tables, and columns elsewhere that have its types`,
            help: 'Drop its objects by their names first. Without CASCADE, the statement fails if one is left.',
          },
        ]
      })
    },
  },
})
