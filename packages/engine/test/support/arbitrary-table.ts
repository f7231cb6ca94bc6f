import fc from 'fast-check'

import type { Check, Column, EnumType, Index, IndexKey, ObjectName, Table, Unique } from '../../src/schema/schema'
import type { ArbitrarySchemaOptions } from './arbitrary-schema'

const columnNames = ['id', 'name', 'title', 'parent_id', 'createdAt', 'state', 'amount', 'select']

const typesOf = {
  postgres: [
    'integer',
    'bigint',
    'text',
    'character varying(50)',
    'character varying(100)',
    'numeric(10,2)',
    'boolean',
    'jsonb',
    'text[]',
  ],
  sqlite: ['integer', 'bigint', 'text', 'varchar(50)', 'varchar(100)', 'numeric', 'boolean', 'blob', 'datetime'],
} as const

const numeric = /^(?:integer|bigint|numeric)/

/** A table without foreign keys, which need the other tables. */
export function arbitraryTable(
  name: ObjectName,
  enums: readonly EnumType[],
  options: ArbitrarySchemaOptions,
): fc.Arbitrary<Table> {
  const postgres = options.dialect === 'postgres'
  return fc
    .shuffledSubarray(columnNames, { minLength: 1 })
    .chain((names) => fc.tuple(...names.map((column) => arbitraryColumn(column, name, enums, options.dialect))))
    .chain((columns) => {
      const plain = columns.filter((column) => column.generated === undefined)
      return fc
        .record({
          generated: arbitraryGenerated(columns),
          primaryKey: fc.option(columnsOf(plain.filter(isKeyable)), { nil: undefined, freq: 5 }),
          uniques: arbitraryUniques(name, plain),
          checks: arbitraryChecks(columns, postgres),
          indexes: arbitraryIndexes(name, columns, postgres),
          comment: postgres ? fc.constantFrom(undefined, 'people', "it's") : fc.constant(undefined),
          strict: postgres ? fc.constant(undefined) : fc.constantFrom(undefined, undefined, true),
          keyName: fc.constantFrom('a', 'b'),
        })
        .map(({ generated, primaryKey, keyName, comment, strict, ...rest }): Table => {
          const key = primaryKey?.length === 0 ? undefined : primaryKey
          return {
            ...name,
            columns: [...columns, ...generated].map((column) =>
              key?.includes(column.name) === true ? { ...column, nullable: false } : column,
            ),
            ...(key === undefined
              ? {}
              : { primaryKey: { ...(postgres ? { name: `pk_${name.name}_${keyName}` } : {}), columns: key } }),
            ...rest,
            exclusions: [],
            foreignKeys: [],
            triggers: [],
            ...(comment === undefined ? {} : { comment }),
            ...(strict === true && [...columns, ...generated].every(isStrict) ? { strict } : {}),
          }
        })
    })
}

function arbitraryColumn(
  name: string,
  table: ObjectName,
  enums: readonly EnumType[],
  dialect: 'postgres' | 'sqlite',
): fc.Arbitrary<Column> {
  const plain = fc
    .record({ type: fc.constantFrom(...typesOf[dialect]), nullable: fc.boolean(), withDefault: fc.boolean() })
    .map(({ type, nullable, withDefault }): Column => ({
      name,
      type,
      nullable,
      ...(withDefault ? defaultOf(type, dialect) : {}),
    }))
  if (dialect === 'sqlite') return plain
  const serial = fc.constantFrom('', '1').map((suffix): Column => ({
    name,
    type: 'integer',
    nullable: false,
    serial: {
      ...(table.schema === undefined ? {} : { schema: table.schema }),
      name: `${table.name}_${name}_seq${suffix}`,
    },
  }))
  const identity = fc
    .constantFrom('always' as const, 'by default' as const)
    .map((kind): Column => ({ name, type: 'bigint', nullable: false, identity: kind }))
  const ofEnum = enums.map((type) =>
    fc.boolean().map((array): Column => ({
      name,
      type: `${quoted(type)}${array ? '[]' : ''}`,
      enum: type.schema === undefined ? { name: type.name } : { schema: type.schema, name: type.name },
      nullable: true,
    })),
  )
  return fc.oneof({ weight: 6, arbitrary: plain }, serial, identity, ...ofEnum)
}

function defaultOf(type: string, dialect: 'postgres' | 'sqlite'): { default?: string } {
  if (numeric.test(type)) return { default: '0' }
  if (type === 'boolean') return { default: dialect === 'postgres' ? 'true' : '1' }
  if (dialect === 'sqlite') return type === 'text' ? { default: "'x'" } : {}
  return type === 'text' || type.startsWith('character') ? { default: `'x'::${type.replace(/\(.*/, '')}` } : {}
}

/** A column computed from a number. */
function arbitraryGenerated(columns: readonly Column[]): fc.Arbitrary<Column[]> {
  const numbers = columns.filter(isNumber)
  if (numbers.length === 0) return fc.constant([])
  return fc
    .option(fc.record({ of: fc.constantFrom(...numbers), factor: fc.constantFrom('2', '3') }), {
      nil: undefined,
      freq: 3,
    })
    .map((wanted): Column[] =>
      wanted === undefined
        ? []
        : [
            {
              name: 'total',
              type: 'numeric',
              nullable: true,
              generated: { kind: 'stored', expression: `(${quoteName(wanted.of.name)} * ${wanted.factor})` },
            },
          ],
    )
}

function arbitraryUniques(table: ObjectName, columns: readonly Column[]): fc.Arbitrary<Unique[]> {
  const keyable = columns.filter(isKeyable)
  if (keyable.length === 0) return fc.constant([])
  return fc.uniqueArray(
    fc.record({ name: fc.constantFrom(`uq_${table.name}`, `uq2_${table.name}`), columns: columnsOf(keyable, 1) }),
    { maxLength: 2, selector: (unique) => unique.name },
  )
}

function arbitraryChecks(columns: readonly Column[], postgres: boolean): fc.Arbitrary<Check[]> {
  const numbers = columns.filter(isNumber)
  if (numbers.length === 0) return fc.constant([])
  const check = fc
    .record({
      name: fc.constantFrom('ck_low', 'ck_high'),
      of: fc.constantFrom(...numbers),
      limit: fc.constantFrom('0', '10'),
    })
    .map(({ name, of, limit }): Check => ({ name, expression: `${quoteName(of.name)} > ${limit}` }))
  const unnamed = check.map(({ expression }): Check => ({ expression }))
  return fc.uniqueArray(postgres ? check : fc.oneof(check, unnamed), {
    maxLength: 2,
    selector: (item) => item.name ?? item.expression,
  })
}

function arbitraryIndexes(table: ObjectName, columns: readonly Column[], postgres: boolean): fc.Arbitrary<Index[]> {
  const keyable = columns.filter(isKeyable)
  const [first] = keyable
  if (first === undefined) return fc.constant([])
  const numbers = columns.filter(isNumber)
  const names = ['ix_one', 'ix_two', 'ix_three'].map((name) => `${name}_${table.schema ?? ''}${table.name}`)
  const key = fc
    .record({ column: fc.constantFrom(...keyable.map(({ name }) => name)), desc: fc.boolean() })
    .map(({ column, desc }): IndexKey => (desc ? { column, order: 'DESC' } : { column }))
  const index = fc
    .record({
      name: fc.constantFrom(...names),
      unique: fc.boolean(),
      keys: fc.uniqueArray(key, { minLength: 1, maxLength: 2, selector: (item) => item.column }),
      where:
        numbers.length === 0
          ? fc.constant(undefined)
          : fc.constantFrom(undefined, ...numbers.map(({ name }) => `${quoteName(name)} > 5`)),
      include: postgres ? fc.constantFrom(undefined, [first.name]) : fc.constant(undefined),
    })
    .map(({ where, include, ...rest }): Index => ({
      ...rest,
      method: 'btree',
      ...(where === undefined ? {} : { where }),
      ...(include === undefined ? {} : { include }),
    }))
  return fc.uniqueArray(index, { maxLength: 3, selector: (item) => item.name })
}

function columnsOf(columns: readonly Column[], minLength = 0): fc.Arbitrary<string[]> {
  return fc.shuffledSubarray(
    columns.map(({ name }) => name),
    { minLength, maxLength: Math.min(2, columns.length) },
  )
}

function isNumber(column: Column): boolean {
  return numeric.test(column.type) && column.generated === undefined
}

/** Whether a STRICT table of SQLite can have this column. */
function isStrict(column: Column): boolean {
  return ['integer', 'text', 'blob'].includes(column.type)
}

/** Whether the column can be part of a key or an index on every engine. */
function isKeyable(column: Column): boolean {
  return isNumber(column) || /^(?:text$|character|varchar)/.test(column.type)
}

export function quoteName(name: string): string {
  return `"${name}"`
}

export function quoted(name: ObjectName): string {
  return name.schema === undefined ? quoteName(name.name) : `${quoteName(name.schema)}.${quoteName(name.name)}`
}
