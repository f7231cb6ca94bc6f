import { bodiesIn, bodyOf } from '../../../sql/postgres/nodes'
import { nameIn } from '../../postgres/catalog'
import { defineRule } from '../../rule'

/** https://www.postgresql.org/docs/current/indexes-multicolumn.html */
export const wideIndex = defineRule({
  id: 'C8',
  name: 'wide-index',
  category: 'style',
  severity: 'info',
  about: 'A query seldom gains by more than three columns of an index, and each of them makes every write slower.',
  postgres: {
    statement({ node, step }) {
      const index = bodyOf(node, 'IndexStmt')
      const count = bodiesIn(index?.indexParams, 'IndexElem').length
      // A unique index needs all its columns, and those of a BRIN index are independent.
      if (index === undefined || index.unique === true || index.accessMethod === 'brin' || count <= 3) return undefined
      if (step.direction === 'downgrade') return undefined
      const table = nameIn(index.relation)
      return {
        message: `${index.idxname === undefined ? 'an index' : `index ${index.idxname}`} of ${table.text} has ${String(count)} columns, of which queries seldom use more than three`,
        help: 'Index the columns that leave the fewest rows, those first.',
        table: table.text,
      }
    },
  },
})
