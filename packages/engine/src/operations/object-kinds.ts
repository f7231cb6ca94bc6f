import { displayName, type ObjectName, sameName, type Schema } from '../schema/schema'
import { cannotApply } from './edit-schema'
import type { Change, Operation, OperationKind } from './operation'
import type { Phase } from './phase'

/** The operations on an object that is created and dropped as a whole. */
interface CreateDrop<T> {
  create(object: T): Operation
  drop(object: T): Operation
}

/** The operations on an object that is replaced as a whole if its definition changes. */
export interface CreateDropReplace<T> extends CreateDrop<T> {
  replace(change: Change<T>): Operation
}

/** The table that the object belongs to: a trigger has one, a domain has none. */
export interface Owned {
  readonly table?: ObjectName
}

/** An operation that holds the object under the key `K`. */
type Holding<K extends string, T, O> = O & Readonly<Record<K, T>>

type Verb = 'create' | 'drop' | 'replace'

/**
 * What distinguishes one sort of objects from the others.
 *
 * @typeParam K the key of the object in operations
 * @typeParam T the object, as in a schema
 * @typeParam O the other fields of the operations: the table that the object belongs to
 */
interface ObjectSort<K extends string, T extends ObjectName, O extends Owned = Owned> {
  readonly key: K
  /** The word in descriptions: `view`. */
  readonly word: string
  /** A more precise word: `materialized view`. Default is `word`. */
  readonly wordFor?: (object: T) => string
  /** The word between the object and its table. Default is `on`. */
  readonly preposition?: string
  /** Text that a description appends: ` (a, b)`. */
  readonly details?: (object: T, verb: Verb) => string
  readonly operations: (owner: O) => CreateDrop<T>
  /** The schema with the list of these objects changed (of those of one table, if they belong to tables). */
  readonly edit: (schema: Schema, owner: O, change: (list: readonly T[]) => readonly T[]) => Schema
  /** Throws if an object of another sort has the name, or the object needs something that does not exist. */
  readonly requireCreatable?: (schema: Schema, object: T, owner: O) => void
  /** Throws if something else uses the object. */
  readonly requireUnused?: (schema: Schema, object: T) => void
  /** What dropping the object destroys. Default is nothing. */
  readonly destroys?: (object: T) => readonly string[]
  readonly phases: { readonly create: Phase; readonly drop: Phase }
}

interface ReplaceableSort<K extends string, T extends ObjectName, O extends Owned = Owned> extends ObjectSort<K, T, O> {
  readonly operations: (owner: O) => CreateDropReplace<T>
  /** Text that the description of a replacement appends: ` (options security_barrier=true)`. */
  readonly differences?: (change: Change<T>) => string
  readonly phases: { readonly create: Phase; readonly drop: Phase; readonly replace: Phase }
}

interface CreateDropKinds<C> {
  readonly create: OperationKind<C>
  readonly drop: OperationKind<C>
}

/** The kinds of the operations that create and drop objects of one sort. */
export function objectKinds<K extends string, T extends ObjectName, O extends Owned = Owned>(
  sort: ObjectSort<K, T, O>,
): CreateDropKinds<Holding<K, T, O>> {
  const { key, edit, operations, phases } = sort
  const objectOf = (operation: Holding<K, T, O>): T => operation[key]
  return {
    create: {
      apply(operation, schema) {
        const object = objectOf(operation)
        sort.requireCreatable?.(schema, object, operation)
        return edit(schema, operation, (list) => {
          if (list.some((other) => sameName(other, object))) throw exists(sort, object, operation)
          return [...list, object]
        })
      },
      reverse: (operation) => operations(operation).drop(objectOf(operation)),
      destroys: () => [],
      phase: () => phases.create,
      ...texts(sort, 'create', objectOf),
    },
    drop: {
      apply(operation, schema) {
        const object = objectOf(operation)
        const after = edit(schema, operation, (list) => {
          requireListed(sort, list, object, operation)
          return list.filter((other) => !sameName(other, object))
        })
        sort.requireUnused?.(schema, object)
        return after
      },
      reverse: (operation) => operations(operation).create(objectOf(operation)),
      destroys: (operation) => sort.destroys?.(objectOf(operation)) ?? [],
      phase: () => phases.drop,
      ...texts(sort, 'drop', objectOf),
    },
  }
}

/**
 * The kinds of the operations that create, drop and replace objects of one sort.
 *
 * @example
 * export const { create: createDomain, drop: dropDomain, replace: replaceDomain } = replaceableKinds({ … })
 */
export function replaceableKinds<K extends string, T extends ObjectName, O extends Owned = Owned>(
  sort: ReplaceableSort<K, T, O>,
): CreateDropKinds<Holding<K, T, O>> & { readonly replace: OperationKind<O & Change<T>> } {
  const { edit, operations, phases } = sort
  const replaced = texts<T, O & Change<T>>(sort, 'replace', ({ to }) => to)
  return {
    ...objectKinds(sort),
    replace: {
      apply: (operation, schema) =>
        edit(schema, operation, (list) => {
          requireListed(sort, list, operation.from, operation)
          return list.map((other) => (sameName(other, operation.from) ? operation.to : other))
        }),
      reverse: (operation) => operations(operation).replace({ from: operation.to, to: operation.from }),
      destroys: () => [],
      phase: () => phases.replace,
      ...replaced,
      describe: (operation) => `${replaced.describe(operation)}${sort.differences?.(operation) ?? ''}`,
    },
  }
}

type Words<T> = Pick<ObjectSort<string, T & ObjectName>, 'word' | 'wordFor' | 'preposition' | 'details'>

function texts<T extends ObjectName, C extends Owned>(
  { word, wordFor, preposition = 'on', details }: Words<T>,
  verb: Verb,
  objectOf: (operation: C) => T,
): Pick<OperationKind<C>, 'describe' | 'phrase' | 'subject'> {
  return {
    describe(operation) {
      const object = objectOf(operation)
      const place = operation.table === undefined ? '' : ` ${preposition} ${displayName(operation.table)}`
      return `${verb} ${wordFor?.(object) ?? word} ${displayName(object)}${place}${details?.(object, verb) ?? ''}`
    },
    phrase: (operation) =>
      operation.table === undefined ? undefined : `${verb} ${word} ${displayName(objectOf(operation))}`,
    subject: (operation) => ({
      table: operation.table && displayName(operation.table),
      name: displayName(objectOf(operation)),
    }),
  }
}

function exists({ word }: { readonly word: string }, object: ObjectName, { table }: Owned): Error {
  const name = `${word} ${displayName(object)}`
  return cannotApply(table === undefined ? `${name} exists already` : `${displayName(table)} has a ${name} already`)
}

function requireListed(
  { word }: { readonly word: string },
  list: readonly ObjectName[],
  object: ObjectName,
  { table }: Owned,
): void {
  if (list.some((other) => sameName(other, object))) return
  const name = `${word} ${displayName(object)}`
  throw cannotApply(table === undefined ? `there is no ${name}` : `${displayName(table)} has no ${name}`)
}
