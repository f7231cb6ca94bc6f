import type { Found } from '../finding'
import type { PostgresSubject } from './subject'
import { columnsIn, type WrittenColumn } from './written'

/**
 * One finding for each column that a statement gives a type of this kind. None in a downgrade, which gives back what was there,
 * and none for a column that had a type of the kind before.
 */
export function columnsOfKind(
  subject: PostgresSubject,
  isOfKind: (type: string) => boolean,
  found: (column: WrittenColumn, label: string) => Pick<Found, 'message' | 'help'>,
): readonly Found[] {
  if (subject.step.direction === 'downgrade') return []
  return columnsIn(subject).flatMap((column): readonly Found[] => {
    const { table, name, type, command } = column
    const before = command?.subtype === 'AT_AlterColumnType' ? subject.catalog.column(table, name)?.type : undefined
    if (!isOfKind(type) || (before !== undefined && isOfKind(before))) return []
    return [{ ...found(column, `${table.text}.${name}`), table: table.text }]
  })
}

/** The type of the elements of an array; that of anything else. */
export function elementType(type: string): string {
  return type.replace(/(?:\[\])+$/, '')
}
