import type { TableLock } from '../../../sql/effects'
import { bodiesIn, bodyOf, partsOf } from '../../../sql/postgres/nodes'
import { constraintsIn } from '../../../sql/postgres/tables'
import { nameOf } from '../../postgres/catalog'
import type { PostgresSubject } from '../../postgres/subject'
import { defineRule } from '../../rule'

/** A foreign key alone locks two tables. */
const manyForForeignKeys = 3
const manyForDrops = 2

/** https://www.postgresql.org/docs/current/explicit-locking.html#LOCKING-DEADLOCKS */
export const manyForeignKeys = defineRule({
  id: 'L18',
  name: 'many-foreign-keys',
  category: 'locks',
  severity: 'warning',
  about:
    'Foreign keys of several tables, or several dropped tables, in one transaction lock them all at once, in an order that can deadlock.',
  postgres: {
    statement(subject) {
      if (!subject.step.transactional) return undefined
      return (
        foundAt(subject, addsForeignKey, manyForForeignKeys, 'foreign keys lock') ??
        (isUndoing(subject) ? undefined : foundAt(subject, dropsTables, manyForDrops, 'dropped tables lock'))
      )
    },
  },
})

/** A finding at the statement with which the tables become too many. */
function foundAt(
  subject: PostgresSubject,
  counts: (subject: PostgresSubject) => boolean,
  limit: number,
  words: string,
): { readonly message: string; readonly help: string } | undefined {
  if (!counts(subject)) return undefined
  const before = tablesOf(subject, subject.earlier.filter(counts))
  const tables = new Set([...before, ...tablesOf(subject, [subject])])
  if (before.size >= limit || tables.size < limit) return undefined
  return {
    message: `${words} ${[...tables].toSorted().join(', ')} in one transaction: others wait for all of them, and can deadlock with it`,
    help: 'Split them into several revisions, each of which has its own transaction.',
  }
}

function tablesOf({ catalog }: PostgresSubject, subjects: readonly PostgresSubject[]): Set<string> {
  const isTable = ({ isIndex, table }: TableLock): boolean =>
    isIndex !== true && !catalog.isNew(nameOf(table.split('.')))
  return new Set(subjects.flatMap(({ effects }) => effects.locks.filter(isTable).map(({ table }) => table)))
}

function addsForeignKey({ node }: PostgresSubject): boolean {
  const created = bodyOf(node, 'CreateStmt')?.tableElts
  const altered = bodiesIn(bodyOf(node, 'AlterTableStmt')?.cmds, 'AlterTableCmd').flatMap(({ def }) => def ?? [])
  return constraintsIn([...(created ?? []), ...altered]).some(({ contype }) => contype === 'CONSTR_FOREIGN')
}

function dropsTables({ node }: PostgresSubject): boolean {
  return bodyOf(node, 'DropStmt')?.removeType === 'OBJECT_TABLE'
}

/** Whether a downgrade drops only what its upgrade has made. */
function isUndoing({ node, catalog }: PostgresSubject): boolean {
  return (bodyOf(node, 'DropStmt')?.objects ?? []).every((object) =>
    catalog.isUndone(catalog.table(nameOf(partsOf(object)))?.madeIn),
  )
}
