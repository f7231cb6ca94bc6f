import fc from 'fast-check'

import type {
  Check,
  Column,
  EnumType,
  ForeignKey,
  Index,
  IndexKey,
  ObjectName,
  Schema,
  Sequence,
  Table,
  Unique,
  View,
} from '../../src/schema/schema'

/**
 * Random schemas that a database could hold: constraints name columns that exist, foreign keys point to keys of the same
 * type, names are unique where the database wants them to be. Names come from small sets, so that two random schemas
 * have much in common.
 */
export interface ArbitrarySchemaOptions {
  /** SQLite has no schemas, enums, sequences, exclusions, comments or INCLUDE, and names its types in its own way. */
  readonly dialect: 'postgres' | 'sqlite'
  /** At most so many tables. Default 4. */
  readonly tables?: number
  readonly views?: boolean
}

const tableNames = ['users', 'posts', 'Order Items', 'tags', 'audit_log']
const columnNames = ['id', 'name', 'title', 'parent_id', 'createdAt', 'state', 'amount', 'select']
const sequenceNames = ['ticket_seq', 'invoice_seq']
const enumNames = ['mood', 'State', 'level']

const typesOf = {
  postgres: ['integer', 'bigint', 'text', 'character varying(50)', 'character varying(100)', 'numeric(10,2)', 'boolean', 'jsonb', 'text[]'],
  sqlite: ['integer', 'bigint', 'text', 'varchar(50)', 'varchar(100)', 'numeric', 'boolean', 'blob', 'datetime'],
} as const

const numeric = /^(?:integer|bigint|numeric)/

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

function arbitraryTable(name: ObjectName, enums: readonly EnumType[], options: ArbitrarySchemaOptions): fc.Arbitrary<Table> {
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
            ...(key === undefined ? {} : { primaryKey: { ...(postgres ? { name: `pk_${name.name}_${keyName}` } : {}), columns: key } }),
            ...rest,
            exclusions: [],
            foreignKeys: [],
            triggers: [],
            ...(comment === undefined ? {} : { comment }),
            ...(strict === undefined ? {} : { strict }),
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
    .map(
      ({ type, nullable, withDefault }): Column => ({ name, type, nullable, ...(withDefault ? defaultOf(type, dialect) : {}) }),
    )
  if (dialect === 'sqlite') return plain
  const serial = fc.constantFrom('', '1').map(
    (suffix): Column => ({
      name,
      type: 'integer',
      nullable: false,
      serial: { ...(table.schema === undefined ? {} : { schema: table.schema }), name: `${table.name}_${name}_seq${suffix}` },
    }),
  )
  const identity = fc
    .constantFrom('always' as const, 'by default' as const)
    .map((kind): Column => ({ name, type: 'bigint', nullable: false, identity: kind }))
  const ofEnum = enums.map((type) =>
    fc.boolean().map(
      (array): Column => ({
        name,
        type: `${quoted(type)}${array ? '[]' : ''}`,
        enum: type.schema === undefined ? { name: type.name } : { schema: type.schema, name: type.name },
        nullable: true,
      }),
    ),
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
    .option(fc.record({ of: fc.constantFrom(...numbers), factor: fc.constantFrom('2', '3') }), { nil: undefined, freq: 3 })
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
    .record({ name: fc.constantFrom('ck_low', 'ck_high'), of: fc.constantFrom(...numbers), limit: fc.constantFrom('0', '10') })
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
      where: numbers.length === 0 ? fc.constant(undefined) : fc.constantFrom(undefined, ...numbers.map(({ name }) => `${quoteName(name)} > 5`)),
      include: postgres ? fc.constantFrom(undefined, [first.name]) : fc.constant(undefined),
    })
    .map(
      ({ where, include, ...rest }): Index => ({
        ...rest,
        method: 'btree',
        ...(where === undefined ? {} : { where }),
        ...(include === undefined ? {} : { include }),
      }),
    )
  return fc.uniqueArray(index, { maxLength: 3, selector: (item) => item.name })
}

/** For each table its foreign keys: to a key of a table that has columns of the same types. */
function arbitraryForeignKeys(tables: readonly Table[]): fc.Arbitrary<ForeignKey[][]> {
  return fc.tuple(
    ...tables.map((table) => {
      const possible = tables.flatMap((target) => keysOf(target).flatMap((columns) => matching(table, target, columns)))
      if (possible.length === 0) return fc.constant([])
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
  return [...(table.primaryKey === undefined ? [] : [table.primaryKey.columns]), ...table.uniques.map(({ columns }) => columns)]
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
    table.columns.filter((column) => column.generated === undefined).map((column) => ({
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
    .record({ of: fc.constantFrom(...tables), place: fc.nat(7), materialized: postgres ? fc.boolean() : fc.constant(false) })
    .map(({ of, place, materialized }) => viewOver('v_first', of, of.columns[place % of.columns.length]?.name ?? '', materialized))
  return fc
    .record({ base: fc.option(first, { nil: undefined }), second: fc.boolean() })
    .map(({ base, second }) => {
      if (base === undefined) return []
      return second ? [base, viewOver('v_second', base, 'c', false)] : [base]
    })
}

function viewOver(name: string, read: ObjectName, column: string, materialized: boolean): View {
  const definition = `SELECT ${quoteName(column)} AS c FROM ${quoted(read)}`
  const dependsOn = [read.schema === undefined ? { name: read.name } : { schema: read.schema, name: read.name }]
  return { name, materialized, definition, dependsOn, indexes: [] }
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

/** What can be a key or an index on every engine, and is short. */
function isKeyable(column: Column): boolean {
  return isNumber(column) || /^(?:text$|character|varchar)/.test(column.type)
}

function quoteName(name: string): string {
  return `"${name}"`
}

function quoted(name: ObjectName): string {
  return name.schema === undefined ? quoteName(name.name) : `${quoteName(name.schema)}.${quoteName(name.name)}`
}
