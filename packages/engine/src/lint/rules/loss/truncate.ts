import { bodiesIn, bodyOf } from '../../../sql/postgres/nodes'
import { nameIn } from '../../postgres/catalog'
import { defineRule } from '../../rule'

/** https://www.postgresql.org/docs/current/sql-truncate.html */
export const truncate = defineRule({
  id: 'D4',
  name: 'truncate',
  category: 'loss',
  severity: 'error',
  about:
    'TRUNCATE deletes all rows, and with CASCADE those of every table that references them. Delete the rows that must go.',
  postgres: {
    statement({ node, catalog }) {
      const statement = bodyOf(node, 'TruncateStmt')
      const tables = bodiesIn(statement?.relations, 'RangeVar').map((relation) => nameIn(relation))
      const old = tables.filter(
        (table) =>
          !catalog.isNew(table) && !catalog.isUndone(catalog.table(table)?.madeIn) && table.schema !== 'pg_temp',
      )
      const [first] = old
      if (first === undefined) return undefined
      const names = old.map(({ text }) => text).join(', ')
      const cascades = statement?.behavior === 'DROP_CASCADE'
      const keys = new Set(old.map(({ key }) => key))
      const referring = [...catalog.tables.values()].filter(
        ({ name, constraints }) =>
          !keys.has(name.key) && [...constraints.values()].some(({ references }) => keys.has(references ?? '')),
      )
      const known = referring.length === 0 ? '' : `, such as ${referring.map(({ name }) => name.text).join(', ')}`
      return {
        message: cascades
          ? `truncating ${names} with CASCADE also deletes all rows of every table that references ${old.length === 1 ? 'it' : 'them'}${known}`
          : `truncating ${names} deletes all ${old.length === 1 ? 'its' : 'their'} rows`,
        help: cascades
          ? 'Leave out CASCADE, and name every table that is to be emptied.'
          : 'Delete the rows that must go, with a WHERE.',
        table: first.text,
      }
    },
  },
})
