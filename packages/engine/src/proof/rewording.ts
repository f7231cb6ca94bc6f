import type { Operation } from '../operations/operation'
import {
  type Check,
  type Column,
  displayName,
  type Exclusion,
  type Index,
  type IndexKey,
  keyOf,
  type ObjectName,
  type Schema,
  type Table,
} from '../schema/schema'
import { sameData } from '../schema/json'
import type { IsUnmanaged, UnmanagedKind } from '../schema/unmanaged'
import type { ProofRequest } from './proof'

/** Operations after which a database prints stored texts differently: with other names or other casts. */
const rewording: ReadonlySet<Operation['op']> = new Set([
  'renameTable',
  'renameColumn',
  'renameEnum',
  'renameValue',
  'alterColumn',
  'alterEnum',
])

/**
 * The actual schema with the wanted text where the database may have its own spelling.
 *
 * A database applies a rename or a change of a type to stored texts: of views, triggers, policies and SQL functions, and of
 * the expressions of indexes, checks, exclusions and generated columns (`lower(email::text)` becomes `lower(email)` when
 * the column becomes text). An object that no operation creates is then only expected to exist. For expressions this
 * applies only to unmanaged objects: those of managed ones are compared with the entities.
 */
export function withTextsOf(
  actual: Schema,
  wanted: Schema,
  { operations, kept = () => false }: Pick<ProofRequest, 'operations' | 'kept'>,
): Schema {
  const isReworded = operations.some(({ op }) => rewording.has(op))
  const made = new Set(operations.flatMap(definitionMade))
  const adopts = (kind: UnmanagedKind, table: ObjectName | undefined, item: ObjectName): boolean =>
    !made.has(keyOf(item)) && (isReworded || kept(kind, table, displayName(item)))
  return {
    ...actual,
    tables: merge(actual.tables, wanted.tables, keyOf, (table, other) =>
      sameData(table, other)
        ? other
        : {
            ...withExpressionsOf(table, other, kept),
            policies: merge(table.policies ?? [], other.policies ?? [], nameIn, (policy, text) =>
              adopts('policy', table, policy) ? text : policy,
            ),
            triggers: merge(table.triggers, other.triggers, nameIn, (trigger, text) =>
              adopts('trigger', table, trigger) ? text : trigger,
            ),
          },
    ),
    views: merge(actual.views, wanted.views, keyOf, (view, other) => ({
      ...view,
      definition: adopts('view', undefined, view) ? other.definition : view.definition,
      triggers: merge(view.triggers ?? [], other.triggers ?? [], nameIn, (trigger, text) =>
        adopts('trigger', view, trigger) ? text : trigger,
      ),
    })),
    functions: merge(actual.functions ?? [], wanted.functions ?? [], keyOf, (routine, other) =>
      adopts('function', undefined, routine) ? other : routine,
    ),
  }
}

/** The table with the wanted text of every expression of an unmanaged object. */
function withExpressionsOf(table: Table, wanted: Table, kept: IsUnmanaged): Table {
  const isKeptTable = kept('table', undefined, displayName(table))
  const isKept = (kind: UnmanagedKind, name: string | undefined): boolean =>
    isKeptTable || (name !== undefined && kept(kind, table, name))
  return {
    ...table,
    columns: merge(table.columns, wanted.columns, nameIn, (column, other) =>
      isKept('column', column.name) ? withExpressionOf(column, other) : column,
    ),
    checks: merge(table.checks, wanted.checks, nameIn, (check, { expression }): Check =>
      isKept('check', check.name) ? { ...check, expression } : check,
    ),
    exclusions: merge(table.exclusions, wanted.exclusions, nameIn, (exclusion, { definition }): Exclusion =>
      isKept('exclusion', exclusion.name) ? { ...exclusion, definition } : exclusion,
    ),
    indexes: merge(table.indexes, wanted.indexes, nameIn, (index, other) =>
      isKept('index', index.name) ? withIndexTextOf(index, other) : index,
    ),
  }
}

function withExpressionOf(column: Column, { generated }: Column): Column {
  if (column.generated === undefined || generated === undefined) return column
  return { ...column, generated: { ...column.generated, expression: generated.expression } }
}

function withIndexTextOf(index: Index, other: Index): Index {
  return {
    ...index,
    where: index.where === undefined ? undefined : (other.where ?? index.where),
    keys: index.keys.map((key, place): IndexKey => {
      const expression = other.keys[place]?.expression
      return key.expression === undefined || expression === undefined ? key : { ...key, expression }
    }),
  }
}

function nameIn({ name }: { readonly name?: string }): string | undefined {
  return name
}

/** The items, each merged with its namesake among the others. */
function merge<T>(
  items: readonly T[],
  others: readonly T[],
  nameOf: (item: T) => string | undefined,
  one: (item: T, other: T) => T,
): T[] {
  // The first of a name counts.
  const named = new Map(others.toReversed().map((other) => [nameOf(other), other]))
  return items.map((item) => {
    const name = nameOf(item)
    const other = name === undefined ? undefined : named.get(name)
    return other === undefined ? item : one(item, other)
  })
}

function definitionMade(operation: Operation): string[] {
  switch (operation.op) {
    case 'replaceView':
    case 'replaceFunction':
      return [keyOf(operation.to)]
    case 'createFunction':
      return [keyOf(operation.definition)]
    default:
      return []
  }
}
