import { stableJson } from '../../schema/json'
import { displayName, type ObjectName, type Schema, type Table } from '../../schema/schema'
import { editTable, cannotApply } from '../edit-schema'
import type { LockLevel, OfTable, Operation, OperationKind } from '../operation'
import type { Phase } from '../phase'

/** A constraint that may have no name (on SQLite). */
interface Constraint {
  readonly name?: string
}

/** The operations on one constraint. */
export interface AddDrop<T> {
  add(constraint: T): Operation
  drop(constraint: T): Operation
}

/** An operation that adds or drops a constraint, which it holds under a key of its own. */
type Holding<K extends string, T> = OfTable & Readonly<Record<K, T>>

/**
 * What differs between one sort of constraints and the others.
 *
 * @typeParam K the key under which operations hold the constraint
 * @typeParam T the constraint, as a table holds it
 */
interface ConstraintSort<K extends string, T extends Constraint> {
  readonly key: K
  readonly operations: (table: ObjectName) => AddDrop<T>
  /** The table with the constraint. Throws where it does not fit. */
  readonly add: (table: Table, constraint: T, schema: Schema) => Table
  /** The table without the constraint. Throws where there is none. */
  readonly drop: (table: Table, constraint: T) => Table
  /** What follows `add` and `drop` in a description. */
  readonly wording: (constraint: T, table: ObjectName) => string
  /** What only `add` says after that. */
  readonly details?: (constraint: T) => string
  /** What follows `add` and `drop` in a comment that names the table. Absent: such a comment has the whole description. */
  readonly phrase?: (constraint: T) => string
  /** Default is all. */
  readonly addLock?: LockLevel
  readonly phases: { readonly add: Phase; readonly drop: Phase }
}

/** The kinds of the operations that add and drop constraints of one sort: mirror images of each other. */
export function constraintKinds<K extends string, T extends Constraint>(
  sort: ConstraintSort<K, T>,
): { readonly add: OperationKind<Holding<K, T>>; readonly drop: OperationKind<Holding<K, T>> } {
  const { key, operations, wording, details, phrase, addLock = 'ACCESS EXCLUSIVE', phases } = sort
  const constraintOf = (operation: Holding<K, T>): T => operation[key]
  const shared = (
    verb: 'add' | 'drop',
  ): Pick<OperationKind<Holding<K, T>>, 'destroys' | 'phase' | 'phrase' | 'subject'> => ({
    destroys: () => [],
    phase: () => phases[verb],
    phrase: (operation) => phrase && `${verb} ${phrase(constraintOf(operation))}`,
    subject(operation) {
      const { name } = constraintOf(operation)
      return { table: displayName(operation.table), ...(name === undefined ? {} : { name }) }
    },
  })
  return {
    add: {
      ...shared('add'),
      apply: (operation, schema) =>
        editTable(schema, operation.table, (table) => sort.add(table, constraintOf(operation), schema)),
      reverse: (operation) => operations(operation.table).drop(constraintOf(operation)),
      lock: () => addLock,
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
      lock: () => 'ACCESS EXCLUSIVE',
      describe: (operation) => `drop ${wording(constraintOf(operation), operation.table)}`,
    },
  }
}

/** The list with the constraint at its end. */
export function withConstraint<T extends Constraint>(table: Table, items: readonly T[], constraint: T): T[] {
  requireFreeConstraintName(table, constraint.name)
  return [...items, constraint]
}

/** The list without the constraint: found by name, or by its content when it has none. */
export function withoutConstraint<T extends Constraint>(table: Table, items: readonly T[], constraint: T): T[] {
  const body = stableJson(constraint)
  const found = items.find((item) =>
    constraint.name === undefined ? stableJson(item) === body : item.name === constraint.name,
  )
  if (found === undefined) throw cannotApply(`${displayName(table)} has no constraint ${constraint.name ?? body}`)
  return items.filter((item) => item !== found)
}

/** Throws when a constraint of the table, of any sort, has the name: they share one namespace. */
export function requireFreeConstraintName(table: Table, name: string | undefined): void {
  const { primaryKey, uniques, checks, exclusions, foreignKeys } = table
  const taken = [primaryKey, ...uniques, ...checks, ...exclusions, ...foreignKeys].map((constraint) => constraint?.name)
  if (name !== undefined && taken.includes(name))
    throw cannotApply(`${displayName(table)} has a constraint ${name} already`)
}
