import { bodyOf } from '../../../sql/postgres/nodes'
import { lockedBefore, longWork } from '../../postgres/work'
import { defineRule } from '../../rule'

/** https://www.postgresql.org/docs/current/explicit-locking.html#LOCKING-TABLES */
export const backfillInTransaction = defineRule({
  id: 'W6',
  name: 'backfill-in-transaction',
  category: 'rewrites',
  severity: 'warning',
  about:
    'An UPDATE of a whole table in the transaction of an ALTER TABLE keeps its lock until every row is written. Batches do not.',
  postgres: {
    statement(subject) {
      const locked = lockedBefore(subject)
      if (locked === undefined || bodyOf(subject.node, 'UpdateStmt') === undefined) return undefined
      const work = longWork(subject)
      if (work === undefined) return undefined
      return {
        message: `${work.words} takes long, and nobody can read or write ${locked} meanwhile: an earlier statement has locked it`,
        help: 'Update the rows with `batched`, in a revision of its own (docs/data-migrations.md).',
        table: work.table.text,
        grows: true,
      }
    },
  },
})
