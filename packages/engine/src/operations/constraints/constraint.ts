import { stableJson } from '../../schema/json'
import { displayName, type ObjectName, type Schema, type Table } from '../../schema/schema'
import { editTable, cannotApply } from '../edit-schema'
import type { OfTable, Operation, OperationKind } from '../operation'
import type { Phase } from '../phase'

/** A constraint; on SQLite it may have no name. */
interface Constraint {
  readonly name?: string
}

/** The operations on one constraint. */
export interface AddDrop<T> {
  add(constraint: T): Operation
  drop(constraint: T): Operation
}

/** An operation that adds or drops the constraint under the key `K`. */
type Holding<K extends string, T> = OfTable & Readonly<Record<K, T>>

/**
 * What distinguishes one sort of constraints from the others.
 *
 * @typeParam K the key of the constraint in operations
 * @typeParam T the constraint, as in a table
 */
interface ConstraintSort<K extends string, T extends Constraint> {
  readonly key: K
  readonly operations: (table: ObjectName) => AddDrop<T>
  /** The table with the constraint. Throws if the constraint does not fit. */
  readonly add: (table: Table, constraint: T, schema: Schema) => Table
  /** The table without the constraint. Throws if the table does not have it. */
  readonly drop: (table: Table, constraint: T) => Table
  /** The text after `add` and `drop` in a description. */
  readonly wording: (constraint: T, table: ObjectName) => string
  /** Text that only the description of `add` appends. */
  readonly details?: (constraint: T) => string
  /** The text after `add` and `drop` in a comment that already names the table. Absent: the full description. */
  readonly phrase?: (constraint: T) => string
  readonly phases: { readonly add: Phase; readonly drop: Phase }
}

/** The kinds of the operations that add and drop constraints of one sort. */
export function constraintKinds<K extends string, T extends Constraint>(
  sort: ConstraintSort<K, T>,
): { readonly add: OperationKind<Holding<K, T>>; readonly drop: OperationKind<Holding<K, T>> } {
  const { key, operations, wording, details, phrase, phases } = sort
  const constraintOf = (operation: Holding<K, T>): T => operation[key]
  const shared = (
    verb: 'add' | 'drop',
  ): Pick<OperationKind<Holding<K, T>>, 'destroys' | 'phase' | 'phrase' | 'subject'> => ({
    destroys: () => [],
    phase: () => phases[verb],
    phrase: (operation) => phrase && `${verb} ${phrase(constraintOf(operation))}`,
    subject(operation) {
      return { table: displayName(operation.table), name: constraintOf(operation).name }
    },
  })
  return {
    add: {
      ...shared('add'),
      apply: (operation, schema) =>
        editTable(schema, operation.table, (table) => sort.add(table, constraintOf(operation), schema)),
      reverse: (operation) => operations(operation.table).drop(constraintOf(operation)),
      describe(operation) {
        const constraint = constraintOf(operation)
        return `add ${wording(constraint, operation.table)}${details?.(constraint) ?? ''}`
      },
    },
    drop: {
      ...shared('drop'),
      apply: (operation, schema) =>
        editTable(schema, operation.table, (table) => sort.drop(table, constraintOf(operation))),
      reverse: (operation) => operations(operation.table).add(constraintOf(operation)),
      describe: (operation) => `drop ${wording(constraintOf(operation), operation.table)}`,
    },
  }
}

/** The list with the constraint appended. */
export function withConstraint<T extends Constraint>(table: Table, items: readonly T[], constraint: T): T[] {
  requireFreeConstraintName(table, constraint.name)
  return [...items, constraint]
}

/** The list without the constraint, which is found by name, or by content if it has no name. */
export function withoutConstraint<T extends Constraint>(table: Table, items: readonly T[], constraint: T): T[] {
  const body = stableJson(constraint)
  const found = items.find((item) =>
    constraint.name === undefined ? stableJson(item) === body : item.name === constraint.name,
  )
  if (found === undefined) throw cannotApply(`${displayName(table)} has no constraint ${constraint.name ?? body}`)
  return items.filter((item) => item !== found)
}

/** Throws if a constraint of any sort in the table has the name: constraints share one namespace. */
export function requireFreeConstraintName(table: Table, name: string | undefined): void {
  const { primaryKey, uniques, checks, exclusions, foreignKeys } = table
  const taken = [primaryKey, ...uniques, ...checks, ...exclusions, ...foreignKeys].map((constraint) => constraint?.name)
  if (name !== undefined && taken.includes(name))
    throw cannotApply(`${displayName(table)} has a constraint ${name} already`)
}
