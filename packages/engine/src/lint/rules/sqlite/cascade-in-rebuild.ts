import { readPragma } from '../../../sql/sqlite/pragmas'
import type { Found } from '../../finding'
import { defineRule } from '../../rule'
import type { SqliteCatalog } from '../../sqlite/catalog'
import type { SqliteName } from '../../sqlite/facts'
import { isOn } from '../../sqlite/statement'
import { copyOf, droppedTable, readStatement } from '../../sqlite/statements'
import type { SqliteSubject } from '../../sqlite/subject'
import { isInside, ownTransactions } from '../../transactions'

/**
 * With foreign keys on, DROP TABLE first deletes the rows, and their actions follow:
 * https://sqlite.org/foreignkeys.html#fk_schemacommands. A run turns foreign keys off before it begins a transaction, and in one
 * the pragma does nothing. TypeORM's own revert leaves them on.
 */
export const cascadeInRebuild = defineRule({
  id: 'Q1',
  name: 'cascade-in-rebuild',
  category: 'sqlite',
  severity: 'error',
  about:
    'With foreign keys on, dropping the old table of a rebuild deletes or changes the rows that reference it. Leave foreign keys off.',
  sqlite: {
    statement(subject) {
      const { catalog, step } = subject
      const table = droppedTable(subject)
      // The tool's own rebuilds keep those rows by triggers.
      if (table === undefined || catalog.inOwnRebuild || catalog.isNew(table)) return undefined
      const referring = actedOn(catalog, table)
      if (referring.length === 0) return undefined
      if (isEnforced(subject)) return found(table, referring)
      if (step.direction === 'upgrade' || copyOf(catalog, table) === undefined) return undefined
      return {
        message: `if TypeORM itself reverts this, dropping ${table.text} changes or deletes the rows of ${referring.join(', ')} that reference it`,
        help: 'Revert with `aludel migrate downgrade`, which turns foreign keys off.',
        table: table.text,
        severity: 'info',
      }
    },
  },
})

function found({ text }: SqliteName, referring: readonly string[]): Found {
  return {
    message: `dropping ${text} changes or deletes the rows of ${referring.join(', ')} that reference it, because foreign keys are on`,
    help: 'Leave out PRAGMA foreign_keys: a run turns foreign keys off, and checks them at its end.',
    table: text,
  }
}

/** Tables whose rows follow: ON DELETE CASCADE, SET NULL, SET DEFAULT. */
function actedOn(catalog: SqliteCatalog, table: SqliteName): readonly string[] {
  const keys = [table.key, catalog.wasKey(table.key)]
  return [...catalog.tables.values()].flatMap(({ name, constraints, madeIn }) => {
    const acts = constraints.some(
      ({ references = '', onDelete = 'NO ACTION' }) =>
        keys.includes(references) && onDelete !== 'NO ACTION' && onDelete !== 'RESTRICT',
    )
    return acts && !catalog.isHere(madeIn) && !keys.includes(name.key) ? [name.text] : []
  })
}

/** Whether the step has turned foreign keys on, outside a transaction. */
function isEnforced({ step, earlier }: SqliteSubject): boolean {
  if (step.transactional) return false
  const transactions = ownTransactions(step.statements ?? [], true)
  const last = earlier.findLast(
    (subject) => !isInside(transactions, subject.index) && foreignKeys(subject) !== undefined,
  )
  return last !== undefined && foreignKeys(last) === true
}

function foreignKeys(subject: SqliteSubject): boolean | undefined {
  return readStatement(subject, (cursor) => {
    if (!cursor.take('PRAGMA')) return undefined
    const { name, value } = readPragma(cursor)
    return name === 'foreign_keys' && value !== undefined ? isOn(value) : undefined
  })
}
