import { stableJson } from '../schema/json'
import { displayName, type ObjectName, type Table } from '../schema/schema'
import { misfit, requireColumn, without } from './edit'

/** A constraint that may have no name (on SQLite). */
interface Constraint {
  readonly name?: string
}

/** Every name of a constraint of the table, of any kind: they share one namespace. */
function constraintNames(table: Table): (string | undefined)[] {
  const { primaryKey, uniques, checks, exclusions, foreignKeys } = table
  return [primaryKey, ...uniques, ...checks, ...exclusions, ...foreignKeys].map((constraint) => constraint?.name)
}

/** The list with the constraint at its end. */
export function withConstraint<T extends Constraint>(table: Table, items: readonly T[], constraint: T): T[] {
  requireFreeConstraintName(table, constraint.name)
  return [...items, constraint]
}

/** The list without the constraint: found by name, or by what it says when it has none. */
export function withoutConstraint<T extends Constraint>(table: ObjectName, items: readonly T[], constraint: T): T[] {
  const body = stableJson(constraint)
  const index = items.findIndex((item) =>
    constraint.name === undefined ? stableJson(item) === body : item.name === constraint.name,
  )
  return without(items, index, `${displayName(table)} has no constraint ${constraint.name ?? body}`)
}

export function requireFreeConstraintName(table: Table, name: string | undefined): void {
  if (name !== undefined && constraintNames(table).includes(name)) {
    throw misfit(`${displayName(table)} has a constraint ${name} already`)
  }
}

export function requireColumns(table: Table, columns: readonly string[]): void {
  for (const column of columns) requireColumn(table, column)
}

/** For JSON: the table and the constraint's name when it has one. */
export function constraintSubject(table: ObjectName, { name }: Constraint): { table: string; name?: string } {
  return name === undefined ? { table: displayName(table) } : { table: displayName(table), name }
}
