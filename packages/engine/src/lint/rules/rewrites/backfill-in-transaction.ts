import { bodyOf } from '../../../sql/postgres/nodes'
import type { PostgresSubject } from '../../postgres/subject'
import { lockedBefore, longWork, type LongWork } from '../../postgres/work'
import { defineRule } from '../../rule'

const help = 'Update the rows with `batched`, in a revision of its own (docs/data-migrations.md).'

/** https://www.postgresql.org/docs/current/explicit-locking.html */
export const backfillInTransaction = defineRule({
  id: 'W6',
  name: 'backfill-in-transaction',
  category: 'rewrites',
  severity: 'warning',
  about:
    'An UPDATE of a whole table in the transaction of an ALTER TABLE blocks others until every row is written. Batches do not.',
  postgres: {
    statement(subject) {
      const locked = lockedBefore(subject)
      const work = updateOf(subject)
      if (locked === undefined || work === undefined || isRepeated(subject, work)) return undefined
      return {
        message: `${work.words} takes long, and nobody can read or write ${locked} meanwhile: an earlier statement has locked it`,
        help,
        table: work.table.text,
        grows: true,
      }
    },
    step(step, subjects) {
      if (!step.transactional) return []
      return subjects.flatMap((subject, at) => {
        const work = updateOf(subject)
        if (work === undefined || lockedBefore(subject) !== undefined) return []
        if (isRepeated(subject, work)) return []
        const { text } = work.table
        const isAltered = subjects
          .slice(at + 1)
          .some(({ effects }) =>
            effects.locks.some(({ level, table }) => level === 'ACCESS EXCLUSIVE' && table === text),
          )
        if (!isAltered) return []
        return [
          {
            message: `${work.words} keeps its rows locked until the transaction ends, and a later statement of it waits for everybody who uses ${text}`,
            help,
            table: text,
            grows: true,
            index: subject.index,
          },
        ]
      })
    },
  },
})

function updateOf(subject: PostgresSubject): LongWork | undefined {
  return bodyOf(subject.node, 'UpdateStmt') === undefined ? undefined : longWork(subject)
}

/** Whether an update of the table before this one is found for the same reason, which is enough. */
function isRepeated(subject: PostgresSubject, { table }: LongWork): boolean {
  const isLocked = lockedBefore(subject) !== undefined
  return subject.earlier.some(
    (one) => updateOf(one)?.table.key === table.key && (lockedBefore(one) !== undefined) === isLocked,
  )
}
