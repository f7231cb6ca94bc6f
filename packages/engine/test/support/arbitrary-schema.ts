import fc from 'fast-check'

import type { EnumType, ForeignKey, ObjectName, Schema, Sequence, Table, View } from '../../src/schema/schema'
import { arbitraryTable, quoted, quoteName } from './arbitrary-table'

/**
 * Random schemas that a database could hold: constraints name columns that exist, foreign keys point to keys of the same
 * type, names are unique where the database wants them to be. Names come from small sets, so that two random schemas
 * have much in common.
 */
export interface ArbitrarySchemaOptions {
  /** SQLite has no schemas, enums, sequences, exclusions, comments or INCLUDE, and names its types in its own way. */
  readonly dialect: 'postgres' | 'sqlite'
  /** Maximum number of tables. Default is 4. */
  readonly tables?: number
  readonly views?: boolean
}

const tableNames = ['users', 'posts', 'Order Items', 'tags', 'audit_log']
const sequenceNames = ['ticket_seq', 'invoice_seq']
const enumNames = ['mood', 'State', 'level']

export function arbitrarySchema(options: ArbitrarySchemaOptions): fc.Arbitrary<Schema> {
  const postgres = options.dialect === 'postgres'
  const schemas = postgres ? fc.subarray(['audit', 'types']) : fc.constant([])
  return schemas.chain((names) => {
    const inSchema = (name: string): fc.Arbitrary<ObjectName> =>
      fc.constantFrom(undefined, ...names).map((schema) => (schema === undefined ? { name } : { schema, name }))
    const enums = postgres
      ? fc.subarray(enumNames).chain((list) => fc.tuple(...list.map((name) => inSchema(name).chain(arbitraryEnum))))
      : fc.constant([])
    const tables = fc
      .subarray(tableNames, { maxLength: options.tables ?? 4 })
      .chain((list) => fc.tuple(...list.map((name) => inSchema(name))))
    return fc.tuple(enums, tables).chain(([types, wanted]) =>
      fc.tuple(...wanted.map((name) => arbitraryTable(name, types, options))).chain((bare) =>
        fc
          .record({
            keys: arbitraryForeignKeys(bare),
            sequences: postgres ? arbitrarySequences(bare) : fc.constant([]),
            views: options.views === false ? fc.constant([]) : arbitraryViews(bare, postgres),
          })
          .map(({ keys, sequences, views }) => ({
            tables: bare.map((table, place) => ({ ...table, foreignKeys: keys[place] ?? [] })),
            enums: types,
            sequences,
            views,
            schemas: names,
            extensions: [],
          })),
      ),
    )
  })
}

function arbitraryEnum(name: ObjectName): fc.Arbitrary<EnumType> {
  return fc
    .shuffledSubarray(['a', 'b', "it's", 'c d'], { minLength: 1 })
    .map((values): EnumType => ({ ...name, values }))
}

/** The foreign keys of each table, to keys whose columns have the same types. */
function arbitraryForeignKeys(tables: readonly Table[]): fc.Arbitrary<ForeignKey[][]> {
  return fc.tuple(
    ...tables.map((table) => {
      const possible = tables.flatMap((target) => keysOf(target).flatMap((columns) => matching(table, target, columns)))
      if (possible.length === 0) return fc.constant<ForeignKey[]>([])
      return fc
        .uniqueArray(
          fc.record({
            place: fc.nat(possible.length - 1),
            name: fc.constantFrom('fk_one', 'fk_two', 'fk_three'),
            onDelete: fc.constantFrom('NO ACTION' as const, 'CASCADE' as const),
          }),
          { maxLength: 2, selector: ({ name }) => name },
        )
        .map((list) =>
          list.flatMap(({ place, name, onDelete }): ForeignKey[] => {
            const pair = possible[place]
            return pair === undefined ? [] : [{ ...pair, name, onDelete, onUpdate: 'NO ACTION' }]
          }),
        )
    }),
  )
}

function keysOf(table: Table): (readonly string[])[] {
  return [
    ...(table.primaryKey === undefined ? [] : [table.primaryKey.columns]),
    ...table.uniques.map(({ columns }) => columns),
  ]
}

function matching(
  table: Table,
  target: Table,
  columns: readonly string[],
): { columns: readonly string[]; references: ForeignKey['references'] }[] {
  const free = table.columns.filter((column) => column.generated === undefined)
  const found: string[] = []
  for (const name of columns) {
    const type = target.columns.find((column) => column.name === name)?.type
    const match = free.find((column) => column.type === type && !found.includes(column.name))
    if (match === undefined) return []
    found.push(match.name)
  }
  const name = target.schema === undefined ? { name: target.name } : { schema: target.schema, name: target.name }
  return [{ columns: found, references: { ...name, columns } }]
}

function arbitrarySequences(tables: readonly Table[]): fc.Arbitrary<Sequence[]> {
  const owners = tables.flatMap((table) =>
    table.columns
      .filter((column) => column.generated === undefined)
      .map((column) => ({
        ...(table.schema === undefined ? {} : { schema: table.schema }),
        name: table.name,
        column: column.name,
      })),
  )
  return fc.subarray(sequenceNames).chain((names) =>
    fc.tuple(
      ...names.map((name) =>
        fc
          .record({ increment: fc.constantFrom('1', '5'), owner: fc.constantFrom(undefined, ...owners) })
          .map(({ increment, owner }): Sequence => ({
            // An owned sequence lives in the schema of its table.
            ...(owner?.schema === undefined ? {} : { schema: owner.schema }),
            name,
            type: 'bigint',
            start: '1',
            increment,
            min: '1',
            max: '9223372036854775807',
            cycle: false,
            ...(owner === undefined ? {} : { ownedBy: owner }),
          })),
      ),
    ),
  )
}

function arbitraryViews(tables: readonly Table[], postgres: boolean): fc.Arbitrary<View[]> {
  if (tables.length === 0) return fc.constant([])
  const first = fc
    .record({
      of: fc.constantFrom(...tables),
      place: fc.nat(7),
      materialized: postgres ? fc.boolean() : fc.constant(false),
    })
    .map(({ of, place, materialized }) =>
      viewOver('v_first', of, of.columns[place % of.columns.length]?.name ?? '', materialized),
    )
  return fc.record({ base: fc.option(first, { nil: undefined }), second: fc.boolean() }).map(({ base, second }) => {
    if (base === undefined) return []
    return second ? [base, viewOver('v_second', base, 'c', false)] : [base]
  })
}

function viewOver(name: string, read: ObjectName, column: string, materialized: boolean): View {
  const definition = `SELECT ${quoteName(column)} AS c FROM ${quoted(read)}`
  const dependsOn = [read.schema === undefined ? { name: read.name } : { schema: read.schema, name: read.name }]
  return { name, materialized, definition, dependsOn, indexes: [] }
}
