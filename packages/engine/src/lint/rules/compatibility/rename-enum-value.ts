import { bodyOf, stringsOf } from '../../../sql/postgres/nodes'
import { nameOf } from '../../postgres/catalog'
import { defineRule } from '../../rule'

/** https://www.postgresql.org/docs/current/sql-altertype.html#SQL-ALTERTYPE-DESC-RENAME-VALUE */
export const renameEnumValue = defineRule({
  id: 'B3',
  name: 'rename-enum-value',
  category: 'compatibility',
  severity: 'error',
  about:
    'Running code still writes and compares the old name of a renamed enum value. Add a value and move the rows instead.',
  postgres: {
    statement({ node, catalog }) {
      const { typeName, oldVal, newVal = '' } = bodyOf(node, 'AlterEnumStmt') ?? {}
      if (oldVal === undefined) return undefined
      const type = nameOf(stringsOf(typeName))
      if (catalog.isHere(catalog.enumType(type)?.madeIn)) return undefined
      if (catalog.undoesRename('value', oldVal)) return undefined
      // A value that this step added, or has renamed before.
      if (catalog.isHere(catalog.enumType(type)?.added.get(oldVal))) return undefined
      return {
        message: `renaming value ${oldVal} of ${type.text} to ${newVal} breaks running code, which writes and compares the old one`,
        help:
          `Add ${newVal} as a new value, deploy code that reads both, update the rows, and stop using ${oldVal}. ` +
          'Or keep the value in the database, and rename only the member of the enum in the code.',
      }
    },
  },
})
