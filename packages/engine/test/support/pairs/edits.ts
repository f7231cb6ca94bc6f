import fc from 'fast-check'

import {
  arbitraryCheck,
  arbitraryColumn,
  arbitraryIndex,
  arbitraryModel,
  arbitraryRelation,
  arbitraryTable,
  arbitraryUnique,
  arbitraryView,
} from './arbitrary-model'
import type { Model, TableModel } from './model'

/** A change of entities between two revisions. Places are taken modulo the length of the list. */
export type Edit =
  /** Gives one field of an item in a table another value. */
  | {
      readonly edit: 'set'
      readonly list: List
      readonly table: number
      readonly place: number
      readonly field: number
      readonly like: Item
    }
  | { readonly edit: 'add'; readonly list: List; readonly table: number; readonly like: Item }
  | { readonly edit: 'drop'; readonly list: List; readonly table: number; readonly place: number }
  /** Two things in one list change their names. */
  | {
      readonly edit: 'swap names'
      readonly list: List
      readonly table: number
      readonly place: number
      readonly other: number
    }
  | { readonly edit: 'set table'; readonly table: number; readonly field: TableField; readonly like: Item }
  /** Two tables change their names, and so where they are. */
  | { readonly edit: 'swap tables'; readonly table: number; readonly other: number }
  | { readonly edit: 'add table'; readonly like: Item }
  | { readonly edit: 'drop table'; readonly table: number }
  | { readonly edit: 'set view'; readonly place: number; readonly field: number; readonly like: Item }
  | { readonly edit: 'add view'; readonly like: Item }
  | { readonly edit: 'drop view'; readonly place: number }
  | { readonly edit: 'set enum'; readonly place: number; readonly values: readonly number[] }

type Item = Readonly<Record<string, unknown>>
type List = 'columns' | 'relations' | 'indexes' | 'uniques' | 'checks' | 'exclusions'
type TableField = (typeof tableFields)[number]

const tableFields = ['name', 'schema', 'key', 'keyName', 'tree', 'withoutRowid', 'comment'] as const

const items: Readonly<Record<List, fc.Arbitrary<Item>>> = {
  columns: arbitraryColumn,
  relations: arbitraryRelation,
  indexes: arbitraryIndex,
  uniques: arbitraryUnique,
  checks: arbitraryCheck,
  exclusions: arbitraryCheck,
}

const place = fc.nat(5)
const lists = fc.constantFrom<List[]>(
  'columns',
  'columns',
  'columns',
  'columns',
  'columns',
  'relations',
  'indexes',
  'uniques',
  'checks',
  'exclusions',
)
const inList = lists.chain((list) =>
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        edit: fc.constant('set' as const),
        list: fc.constant(list),
        table: place,
        place,
        field: fc.nat(20),
        like: items[list],
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        edit: fc.constant('add' as const),
        list: fc.constant(list),
        table: place,
        like: items[list],
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({ edit: fc.constant('drop' as const), list: fc.constant(list), table: place, place }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        edit: fc.constant('swap names' as const),
        list: fc.constant(list),
        table: place,
        place,
        other: place,
      }),
    },
  ),
)

const arbitraryEdit: fc.Arbitrary<Edit> = fc.oneof(
  { weight: 12, arbitrary: inList },
  {
    weight: 3,
    arbitrary: fc.record({
      edit: fc.constant('set table' as const),
      table: place,
      field: fc.constantFrom(...tableFields, 'name', 'name'),
      like: arbitraryTable as fc.Arbitrary<Item>,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ edit: fc.constant('add table' as const), like: arbitraryTable as fc.Arbitrary<Item> }),
  },
  { weight: 1, arbitrary: fc.record({ edit: fc.constant('drop table' as const), table: place }) },
  { weight: 1, arbitrary: fc.record({ edit: fc.constant('swap tables' as const), table: place, other: place }) },
  {
    weight: 1,
    arbitrary: fc.record({
      edit: fc.constant('set view' as const),
      place,
      field: fc.nat(6),
      like: arbitraryView as fc.Arbitrary<Item>,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ edit: fc.constant('add view' as const), like: arbitraryView as fc.Arbitrary<Item> }),
  },
  { weight: 1, arbitrary: fc.record({ edit: fc.constant('drop view' as const), place }) },
  {
    weight: 1,
    arbitrary: fc.record({
      edit: fc.constant('set enum' as const),
      place,
      values: fc.uniqueArray(fc.nat(8), { minLength: 1, maxLength: 4 }),
    }),
  },
)

/** Two models, and the edits that lead from the first to the second. */
export interface ModelPair {
  readonly from: Model
  readonly to: Model
  /** Absent if the models are unrelated. */
  readonly edits?: readonly Edit[]
  /** Whether questions about renames are answered with yes although nothing was renamed. */
  readonly sayYes: boolean
  /** The seed of the rows. */
  readonly seed: number
  readonly mode: RunMode
}

/**
 * Runs the statements like the engine, or like TypeORM's own runner in a transaction (in which SQLite enforces foreign keys
 * throughout) or without one; or by the proof of a revision, which makes its own rows.
 */
export type RunMode = 'engine' | 'typeorm' | 'typeorm, no transaction' | 'proof'

const modes = fc.oneof(
  { weight: 3, arbitrary: fc.constant<RunMode>('engine') },
  { weight: 1, arbitrary: fc.constantFrom<RunMode>('typeorm', 'typeorm, no transaction') },
  { weight: 1, arbitrary: fc.constant<RunMode>('proof') },
)

/** Mostly a model and a few edits; sometimes two unrelated models. */
export const arbitraryPair: fc.Arbitrary<ModelPair> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .record({
        from: arbitraryModel,
        edits: fc.array(arbitraryEdit, { minLength: 1, maxLength: 5 }),
        seed: fc.nat(9999),
        mode: modes,
      })
      .map(({ edits, ...rest }) => ({ ...rest, to: edits.reduce(apply, rest.from), edits, sayYes: false })),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      from: arbitraryModel,
      to: arbitraryModel,
      sayYes: fc.boolean(),
      seed: fc.nat(9999),
      mode: modes,
    }),
  },
)

function apply(model: Model, edit: Edit): Model {
  switch (edit.edit) {
    case 'set':
      return inTable(model, edit, (table) => ({
        ...table,
        [edit.list]: replaced(thingsOf(table, edit.list), edit.place, (item) => withField(item, edit.field, edit.like)),
      }))
    case 'add':
      return inTable(model, edit, (table) => ({
        ...table,
        [edit.list]: added(thingsOf(table, edit.list), edit.like, 6),
      }))
    case 'drop':
      return inTable(model, edit, (table) => ({
        ...table,
        [edit.list]: dropped(thingsOf(table, edit.list), edit.place),
      }))
    case 'swap names':
      return inTable(model, edit, (table) => ({
        ...table,
        [edit.list]: swapped(thingsOf(table, edit.list), edit.place, edit.other, ['name']),
      }))
    case 'set table':
      return inTable(model, edit, (table) => ({ ...table, [edit.field]: edit.like[edit.field] }) as TableModel)
    case 'swap tables':
      return { ...model, tables: swapped(model.tables, edit.table, edit.other, ['name', 'schema']) }
    case 'add table':
      return { ...model, tables: added(model.tables, edit.like, 0) }
    case 'drop table':
      return { ...model, tables: dropped(model.tables, edit.table) }
    case 'set view':
      return { ...model, views: replaced(model.views, edit.place, (view) => withField(view, edit.field, edit.like)) }
    case 'add view':
      return { ...model, views: added(model.views, edit.like, 0) }
    case 'drop view':
      return { ...model, views: dropped(model.views, edit.place) }
    case 'set enum':
      return { ...model, enums: replaced(model.enums, edit.place, (type) => ({ ...type, values: edit.values })) }
  }
}

/** The common fields of all list items. */
interface Thing {
  readonly id: number
  readonly name: number
}

function thingsOf(table: TableModel, list: List): readonly Thing[] {
  return table[list]
}

function inTable(
  model: Model,
  { table: at }: { readonly table: number },
  change: (table: TableModel) => TableModel,
): Model {
  return { ...model, tables: replaced(model.tables, at, change) }
}

function replaced<T>(list: readonly T[], place: number, change: (item: T) => T): T[] {
  return list.map((item, at) => (at === place % list.length ? change(item) : item))
}

function dropped<T>(list: readonly T[], place: number): T[] {
  return list.filter((_, at) => at !== place % list.length)
}

/** Adds an item under an id that no item had before. */
function added<T extends { readonly id: number }>(list: readonly T[], item: Item, least: number): T[] {
  const id = Math.max(least - 1, ...list.map((other) => other.id)) + 1
  return [...list, { ...item, id } as unknown as T]
}

function swapped<T extends object>(list: readonly T[], place: number, other: number, keys: readonly (keyof T)[]): T[] {
  const [one, two] = [list[place % list.length], list[other % list.length]]
  if (one === undefined || two === undefined) return [...list]
  const like = (item: T, model: T): T => ({ ...item, ...Object.fromEntries(keys.map((key) => [key, model[key]])) })
  return list.map((item) => (item === one ? like(item, two) : item === two ? like(item, one) : item))
}

function withField<T extends object>(item: T, field: number, like: Item): T {
  const fields = Object.keys(like)
  const name = fields[field % fields.length]
  return name === undefined ? item : { ...item, [name]: like[name] }
}
