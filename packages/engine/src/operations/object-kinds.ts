import { displayName, type ObjectName, sameName, type Schema } from '../schema/schema'
import { cannotApply } from './edit-schema'
import type { Change, LockLevel, Operation, OperationKind } from './operation'
import type { Phase } from './phase'

/** The operations on an object that is created and dropped with its whole definition. */
export interface CreateDrop<T> {
  create(object: T): Operation
  drop(object: T): Operation
}

/** The operations on an object that is replaced as a whole when its definition changes. */
export interface CreateDropReplace<T> extends CreateDrop<T> {
  replace(change: Change<T>): Operation
}

/** The table of an operation, where its object belongs to one: a trigger has one, a domain has none. */
export interface Owned {
  readonly table?: ObjectName
}

/** An operation that holds the object under a key of its own. */
type Holding<K extends string, T, O> = O & Readonly<Record<K, T>>

type Verb = 'create' | 'drop' | 'replace'

/**
 * What differs between one sort of objects and the others.
 *
 * @typeParam K the key under which operations hold the object
 * @typeParam T the object, as a schema holds it
 * @typeParam O what else the operations hold: the table of an object that belongs to one
 */
interface ObjectSort<K extends string, T extends ObjectName, O extends Owned = Owned> {
  readonly key: K
  /** What people call it: `view`. */
  readonly word: string
  /** The same where they call some of them otherwise: `materialized view`. */
  readonly wordFor?: (object: T) => string
  /** Between the object and its table. Default is `on`. */
  readonly preposition?: string
  /** What a description adds to the names: ` (a, b)`. */
  readonly details?: (object: T, verb: Verb) => string
  /** The operations on one object, made from what else they hold. */
  readonly operations: (owner: O) => CreateDrop<T>
  /** The schema with the list of these objects, or of those of the one table, changed. */
  readonly edit: (schema: Schema, owner: O, change: (list: readonly T[]) => readonly T[]) => Schema
  /** Throws when the name is taken by an object of another sort, or something that the object needs does not exist. */
  readonly requireCreatable?: (schema: Schema, object: T, owner: O) => void
  /** Throws while something else uses the object. */
  readonly requireUnused?: (schema: Schema, object: T) => void
  /** What is lost when the object is dropped. Default is nothing. */
  readonly destroys?: (object: T) => readonly string[]
  readonly createLock: LockLevel
  readonly phases: { readonly create: Phase; readonly drop: Phase }
}

interface ReplaceableSort<K extends string, T extends ObjectName, O extends Owned = Owned> extends ObjectSort<K, T, O> {
  readonly operations: (owner: O) => CreateDropReplace<T>
  readonly phases: { readonly create: Phase; readonly drop: Phase; readonly replace: Phase }
}

interface CreateDropKinds<C> {
  readonly create: OperationKind<C>
  readonly drop: OperationKind<C>
}

/** The kinds of the operations that create and drop objects of one sort: mirror images of each other. */
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
      lock: () => sort.createLock,
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
      lock: () => 'ACCESS EXCLUSIVE',
      phase: () => phases.drop,
      ...texts(sort, 'drop', objectOf),
    },
  }
}

/**
 * The kinds of all operations on objects of one sort that are replaced as a whole, under the same name.
 *
 * @example
 * export const { create: createDomain, drop: dropDomain, replace: replaceDomain } = replaceableKinds({ … })
 */
export function replaceableKinds<K extends string, T extends ObjectName, O extends Owned = Owned>(
  sort: ReplaceableSort<K, T, O>,
): CreateDropKinds<Holding<K, T, O>> & { readonly replace: OperationKind<O & Change<T>> } {
  const { edit, operations, phases } = sort
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
      lock: () => 'ACCESS EXCLUSIVE',
      phase: () => phases.replace,
      ...texts<T, O & Change<T>>(sort, 'replace', ({ to }) => to),
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
      ...(operation.table === undefined ? {} : { table: displayName(operation.table) }),
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
