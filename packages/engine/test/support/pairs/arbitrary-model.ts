import fc from 'fast-check'

import type {
  CheckModel,
  ColumnModel,
  EnumModel,
  IndexModel,
  Model,
  RelationModel,
  TableModel,
  UniqueModel,
  ViewModel,
} from './model'

type WithoutId<T> = Omit<T, 'id'>

/** Uses positions in the list as ids, so that they are the same in every run. */
function numbered<T extends { readonly id: number }>(
  items: fc.Arbitrary<WithoutId<T>>,
  constraints: fc.ArrayConstraints,
): fc.Arbitrary<T[]> {
  return fc.array(items, constraints).map((list) => list.map((item, id) => ({ ...item, id }) as unknown as T))
}

/** True in one of five cases. */
const seldom = fc.integer({ min: 0, max: 4 }).map((value) => value === 4)
/** Mostly 0, which means none. */
const someOf = (max: number): fc.Arbitrary<number> =>
  fc.oneof({ weight: 2, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(max) })
const columnIds = fc.uniqueArray(fc.nat(6), { minLength: 1, maxLength: 3 })

export const arbitraryColumn: fc.Arbitrary<WithoutId<ColumnModel>> = fc.record({
  name: fc.nat(11),
  type: fc.nat(70),
  nullable: fc.boolean(),
  unique: seldom,
  default: someOf(12),
  comment: someOf(9),
  collation: fc.nat(11),
  generated: fc.oneof(
    { weight: 8, arbitrary: fc.constant('no' as const) },
    { weight: 1, arbitrary: fc.constantFrom('stored' as const, 'virtual' as const) },
  ),
  values: fc.uniqueArray(fc.nat(8), { minLength: 1, maxLength: 4 }),
  shared: fc.nat(7),
})

export const arbitraryRelation: fc.Arbitrary<WithoutId<RelationModel>> = fc.record({
  kind: fc.constantFrom('many-to-one' as const, 'many-to-one' as const, 'one-to-one' as const, 'many-to-many' as const),
  target: fc.nat(3),
  name: fc.nat(5),
  nullable: fc.boolean(),
  onDelete: someOf(5),
  onUpdate: someOf(5),
  deferrable: fc.nat(3),
  foreignKey: seldom.map((value) => !value),
  constraintName: someOf(1),
  reference: fc.nat(9),
})

export const arbitraryIndex: fc.Arbitrary<WithoutId<IndexModel>> = fc.record({
  name: fc.nat(3),
  columns: columnIds,
  unique: seldom,
  where: someOf(4),
  method: fc.nat(5),
})

export const arbitraryUnique: fc.Arbitrary<WithoutId<UniqueModel>> = fc.record({
  name: fc.nat(2),
  columns: columnIds,
  deferrable: fc.nat(3),
})

export const arbitraryCheck: fc.Arbitrary<WithoutId<CheckModel>> = fc.record({
  name: fc.nat(2),
  column: fc.nat(6),
  condition: fc.nat(3),
  deferrable: fc.nat(3),
})

export const arbitraryTable: fc.Arbitrary<WithoutId<TableModel>> = fc.record({
  name: fc.nat(10),
  schema: fc.nat(4),
  key: fc.nat(9),
  keyName: someOf(2),
  tree: someOf(14),
  withoutRowid: seldom,
  comment: someOf(4),
  columns: numbered<ColumnModel>(arbitraryColumn, { maxLength: 6 }),
  relations: numbered<RelationModel>(arbitraryRelation, { maxLength: 2 }),
  indexes: numbered<IndexModel>(arbitraryIndex, { maxLength: 2 }),
  uniques: numbered<UniqueModel>(arbitraryUnique, { maxLength: 1 }),
  checks: numbered<CheckModel>(arbitraryCheck, { maxLength: 2 }),
  exclusions: numbered<CheckModel>(arbitraryCheck, { maxLength: 1 }),
})

export const arbitraryView: fc.Arbitrary<WithoutId<ViewModel>> = fc.record({
  name: fc.nat(2),
  schema: fc.nat(4),
  of: fc.oneof(fc.nat(3), fc.integer({ min: 100, max: 101 })),
  columns: fc.uniqueArray(fc.nat(6), { maxLength: 3 }),
  where: fc.nat(2),
  form: someOf(2),
  materialized: fc.boolean(),
  index: fc.boolean(),
})

const arbitraryEnum: fc.Arbitrary<WithoutId<EnumModel>> = fc.record({
  name: fc.nat(2),
  values: fc.uniqueArray(fc.nat(8), { minLength: 1, maxLength: 4 }),
})

/** Up to four tables, two views and two shared enums. */
export const arbitraryModel: fc.Arbitrary<Model> = fc.record({
  tables: numbered<TableModel>(arbitraryTable, { minLength: 1, maxLength: 4 }),
  views: numbered<ViewModel>(arbitraryView, { maxLength: 2 }),
  enums: fc
    .uniqueArray(arbitraryEnum, { maxLength: 2, selector: ({ name }) => name })
    .map((list) => list.map((item, id) => ({ ...item, id }))),
})
