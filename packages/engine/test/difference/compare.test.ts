import { applyOperations, describeOperation, reverseOperations } from '../../src/operations'
import { compare, type CompareOptions } from '../../src/difference/compare'
import { planChanges } from '../../src/difference/plan-changes'
import type { Column, Schema, Sequence, Table } from '../../src/schema/schema'
import { column, foreignKey, index, schema, table, view } from '../support/build-schema'
import { schemasEqual } from '../support/normalize-schema'

/** Describes a difference after checking that it leads to the other schema, leaves no difference, and leads back. */
function lines(from: Schema, to: Schema, options?: CompareOptions): string[] {
  const operations = compare(from, to, options)
  if (options === undefined) {
    const after = applyOperations(operations, from)
    expect(schemasEqual(after, to)).toBe(true)
    expect(compare(after, to)).toEqual([])
    expect(schemasEqual(applyOperations(reverseOperations(operations), to), from)).toBe(true)
  }
  return operations.map(describeOperation)
}

/** The difference between two versions of one table `t (a, b)`. */
const between = (from: Partial<Table>, to: Partial<Table>): string[] =>
  lines(schema([{ ...table('t', ['a', 'b']), ...from }]), schema([{ ...table('t', ['a', 'b']), ...to }]))

const ofColumn = (from: Partial<Column>, to: Partial<Column>): string[] =>
  between({ columns: [column('a', from)] }, { columns: [column('a', to)] })

describe('compare', () => {
  test.each<[string, Partial<Table>, Partial<Table>]>([
    ['the order of columns', { columns: [column('a'), column('b')] }, { columns: [column('b'), column('a')] }],
    [
      'quotes and case in expressions',
      { checks: [{ name: 'c', expression: '"a" > 0' }] },
      { checks: [{ name: 'c', expression: 'A  > 0' }] },
    ],
    [
      'the name of the sequence of a serial column',
      { columns: [column('a', { serial: { name: 'x' }, default: "nextval('x')" })] },
      { columns: [column('a', { serial: { name: 'y' } })] },
    ],
    ['the difference between false and an absent option', { strict: false }, {}],
    [
      'the conflict clause of a SQLite key',
      { primaryKey: { columns: ['a'], onConflict: 'REPLACE' } },
      { primaryKey: { columns: ['a'] } },
    ],
  ])('ignores %s', (_what, from, to) => {
    expect(between(from, to)).toEqual([])
  })

  test('ignores dependencies of views and sequences of serial columns', () => {
    const serial = { tables: [table('t', [column('a', { serial: { name: 's' } })])] }
    const listed = {
      ...serial,
      sequences: [{ name: 's', type: 'integer', start: '1', increment: '1', min: '1', max: '9', cycle: false }],
    }
    expect(lines(schema(listed), schema(serial))).toEqual([])
    expect(lines(schema({ views: [view('v', ['t'], 'x')] }), schema({ views: [view('v', [], 'x')] }))).toEqual([])
  })
})

describe('compare of columns', () => {
  test.each<[string, Partial<Column>, Partial<Column>]>([
    ['type integer to bigint', {}, { type: 'bigint' }],
    ['nullable', {}, { nullable: true }],
    ['default 1', {}, { default: '1' }],
    ['no default', { default: '1' }, {}],
    ['identity always', {}, { identity: 'always' }],
    ['identity by default', { identity: 'always' }, { identity: 'by default' }],
    ['serial', {}, { serial: { name: 's' } }],
    ['no longer serial, identity always', { serial: { name: 's' } }, { identity: 'always' }],
    ['autoincrement', {}, { autoincrement: true }],
    ['collation NOCASE', {}, { collation: 'NOCASE' }],
    ['comment "x"', {}, { comment: 'x' }],
    [
      'generated stored b * 2',
      { generated: { kind: 'stored', expression: 'b * 3' } },
      { generated: { kind: 'stored', expression: 'b * 2' } },
    ],
    [
      'generated virtual b',
      { generated: { kind: 'stored', expression: 'b' } },
      { generated: { kind: 'virtual', expression: 'b' } },
    ],
  ])('describes a change as "%s"', (words, from, to) => {
    const found = ofColumn(from, to)
    expect(found).toHaveLength(1)
    for (const word of words.split(', ')) expect(found[0]).toContain(word)
  })

  test('keeps the conflict clause of a SQLite column that changes otherwise', () => {
    const [operation] = compare(
      schema([table('t', [column('a', { onConflict: 'IGNORE' })])]),
      schema([table('t', [column('a', { default: '1' })])]),
    )
    expect(operation).toMatchObject({ op: 'alterColumn', to: { default: '1', onConflict: 'IGNORE' } })
  })

  test('drops the indexes and constraints of a column before the column', () => {
    expect(
      between(
        {
          indexes: [index('ix', ['b'])],
          uniques: [{ name: 'uq', columns: ['b'] }],
          checks: [{ name: 'ck', expression: 'b > 0' }],
        },
        { columns: [column('a')] },
      ),
    ).toEqual(['drop index ix on t (b)', 'drop unique uq on t (b)', 'drop check ck on t: b > 0', 'drop column t.b'])
  })
})

describe('compare of named objects', () => {
  const ix = index('ix', ['a', 'b'])
  test.each<[string, Partial<Table>, Partial<Table>, [string, string]]>([
    [
      'the expression of a check',
      { checks: [{ name: 'x', expression: 'a > 0' }] },
      { checks: [{ name: 'x', expression: 'a > 1' }] },
      ['drop check x on t: a > 0', 'add check x on t: a > 1'],
    ],
    [
      'the column order of a unique constraint',
      { uniques: [{ name: 'x', columns: ['a', 'b'] }] },
      { uniques: [{ name: 'x', columns: ['b', 'a'] }] },
      ['drop unique x on t (a, b)', 'add unique x on t (b, a)'],
    ],
    [
      'the deferrability of a unique constraint',
      { uniques: [{ name: 'x', columns: ['a'] }] },
      { uniques: [{ name: 'x', columns: ['a'], deferrable: 'initially deferred' }] },
      ['drop unique x on t (a)', 'add unique x on t (a)'],
    ],
    [
      'the null handling of a unique constraint',
      { uniques: [{ name: 'x', columns: ['a'] }] },
      { uniques: [{ name: 'x', columns: ['a'], nullsNotDistinct: true }] },
      ['drop unique x on t (a)', 'add unique x on t (a)'],
    ],
    [
      'the definition of an exclusion constraint',
      { exclusions: [{ name: 'x', definition: 'USING gist (a WITH =)' }] },
      { exclusions: [{ name: 'x', definition: 'USING gist (b WITH =)' }] },
      ['drop exclusion x on t: USING gist (a WITH =)', 'add exclusion x on t: USING gist (b WITH =)'],
    ],
    [
      'the columns of a primary key',
      { primaryKey: { name: 'x', columns: ['a'] } },
      { primaryKey: { name: 'x', columns: ['a', 'b'] } },
      ['drop primary key x on t (a)', 'add primary key x on t (a, b)'],
    ],
    [
      'the column order of an index',
      { indexes: [ix] },
      { indexes: [index('ix', ['b', 'a'])] },
      ['drop index ix on t (a, b)', 'create index ix on t (b, a)'],
    ],
    [
      'the sort direction of an index',
      { indexes: [ix] },
      { indexes: [{ ...ix, keys: [{ column: 'a', order: 'DESC' }, { column: 'b' }] }] },
      ['drop index ix on t (a, b)', 'create index ix on t (a desc, b)'],
    ],
    [
      'the condition of an index',
      { indexes: [{ ...ix, where: 'a > 0' }] },
      { indexes: [{ ...ix, where: 'a > 1' }] },
      ['drop index ix on t (a, b where a > 0)', 'create index ix on t (a, b where a > 1)'],
    ],
    [
      'the method of an index',
      { indexes: [ix] },
      { indexes: [{ ...ix, method: 'gin' }] },
      ['drop index ix on t (a, b)', 'create index ix on t (a, b) using gin'],
    ],
    [
      'the included columns of an index',
      { indexes: [index('ix', ['a'])] },
      { indexes: [index('ix', ['a'], { include: ['b'] })] },
      ['drop index ix on t (a)', 'create index ix on t (a) include (b)'],
    ],
    [
      'the uniqueness of an index',
      { indexes: [ix] },
      { indexes: [{ ...ix, unique: true }] },
      ['drop index ix on t (a, b)', 'create unique index ix on t (a, b)'],
    ],
    [
      'the operator class of an index',
      { indexes: [ix] },
      { indexes: [{ ...ix, keys: [{ column: 'a', opclass: 'text_pattern_ops' }, { column: 'b' }] }] },
      ['drop index ix on t (a, b)', 'create index ix on t (a text_pattern_ops, b)'],
    ],
  ])('drops and recreates the object for a change of %s', (_what, from, to, expected) => {
    expect(between(from, to)).toEqual(expected)
  })

  test('drops and recreates a foreign key with another action, column, deferrability or match', () => {
    const key = foreignKey('fk', ['a'], { name: 't', columns: ['b'] })
    for (const [other, recreated] of [
      [{ onDelete: 'CASCADE' }, 'add foreign key fk on t (a) to t (b) on delete cascade'],
      [{ onUpdate: 'SET NULL' }, 'add foreign key fk on t (a) to t (b) on update set null'],
      [{ deferrable: 'initially deferred' }, 'add foreign key fk on t (a) to t (b)'],
      [{ match: 'FULL' }, 'add foreign key fk on t (a) to t (b)'],
      [{ columns: ['b'] }, 'add foreign key fk on t (b) to t (b)'],
    ] as const) {
      expect(between({ foreignKeys: [key] }, { foreignKeys: [{ ...key, ...other }] })).toEqual([
        'drop foreign key fk on t (a) to t (b)',
        recreated,
      ])
    }
  })

  test('alters table options and enums, and replaces changed views', () => {
    expect(between({}, { comment: 'x', strict: true, withoutRowid: true })).toEqual([
      'alter table t: comment "x", strict, without rowid',
    ])
    const mood = (...values: string[]): Schema => schema({ enums: [{ name: 'mood', values }] })
    expect(lines(mood('a', 'b'), mood('b', 'a'))).toEqual(['alter enum mood: order b, a'])
    const v = (definition: string, materialized = false): Schema =>
      schema({ views: [view('v', [], definition, { materialized })] })
    expect(lines(v('x'), v('y'))).toEqual(['replace view v'])
    expect(lines(v('x'), v('x', true))).toEqual(['replace materialized view v'])
  })

  test('renames an index of a materialized view', () => {
    const v = (name: string): Schema =>
      schema({ views: [view('v', [], 'x', { materialized: true, indexes: [index(name, ['a'])] })] })
    expect(lines(v('one'), v('two'))).toEqual(['rename index one on v to two'])
  })
})

describe('compare of constraints and indexes', () => {
  test('renames a constraint or index that differs only in its name', () => {
    expect(
      between(
        {
          primaryKey: { name: 'pk1', columns: ['a'] },
          uniques: [{ name: 'uq1', columns: ['b'] }],
          checks: [{ name: 'ck1', expression: 'a > 0' }],
          exclusions: [{ name: 'ex1', definition: 'USING gist (a WITH =)' }],
          foreignKeys: [foreignKey('fk1', ['b'], { name: 't', columns: ['a'] })],
          indexes: [index('ix1', ['b'])],
        },
        {
          primaryKey: { name: 'pk2', columns: ['a'] },
          uniques: [{ name: 'uq2', columns: ['b'] }],
          checks: [{ name: 'ck2', expression: 'a > 0' }],
          exclusions: [{ name: 'ex2', definition: 'USING gist (a WITH =)' }],
          foreignKeys: [foreignKey('fk2', ['b'], { name: 't', columns: ['a'] })],
          indexes: [index('ix2', ['b'])],
        },
      ).sort(),
    ).toEqual([
      'rename check ck1 of t to ck2',
      'rename exclusion ex1 of t to ex2',
      'rename foreign key fk1 of t to fk2',
      'rename index ix1 on t to ix2',
      'rename primary key pk1 of t to pk2',
      'rename unique uq1 of t to uq2',
    ])
  })

  test('pairs unnamed constraints by their definition', () => {
    expect(
      between(
        { checks: [{ expression: 'a > 0' }, { expression: 'b > 0' }] },
        { checks: [{ expression: 'b > 0' }, { expression: 'a > 0' }] },
      ),
    ).toEqual([])
    expect(between({ uniques: [{ columns: ['a'] }] }, { uniques: [{ columns: ['b'] }] })).toEqual([
      'drop unique on t (a)',
      'add unique on t (b)',
    ])
    expect(between({ uniques: [{ columns: ['a'] }] }, { uniques: [{ name: 'uq', columns: ['a'] }] })).toEqual([
      'drop unique on t (a)',
      'add unique uq on t (a)',
    ])
  })

  test('renames chains from their end, and cycles through a temporary name', () => {
    const chain = (...names: string[]): Partial<Table> => ({
      indexes: names.map((name, at) => index(name, [at === 0 ? 'a' : 'b'])),
    })
    const tables = (x: string, y: string): Schema =>
      schema([table('t', ['a', 'b'], chain(x)), table('u', ['a', 'b'], chain(y))])
    expect(lines(tables('one', 'two'), tables('two', 'three'))).toEqual([
      'rename index two on u to three',
      'rename index one on t to two',
    ])
    expect(lines(tables('one', 'two'), tables('two', 'one'))).toEqual([
      'rename index one on t to aludel_aside_1',
      'rename index two on u to one',
      'rename index aludel_aside_1 on t to two',
    ])
  })

  test('drops a table before the name of its index is reused', () => {
    const from = schema([table('old', ['a'], { indexes: [index('ix', ['a'])] }), table('t', ['a', 'b'])])
    const to = schema([table('t', ['a', 'b'], { indexes: [index('ix', ['b'])] })])
    expect(lines(from, to)).toEqual(['drop index ix on old (a)', 'drop table old', 'create index ix on t (b)'])
  })
})

describe('foreign keys of changed columns', () => {
  const people = (rest: Partial<Table>, type = 'integer'): Table => table('people', [column('id', { type }), 'x'], rest)
  const pets = (type = 'integer'): Table =>
    table('pets', [column('owner', { type })], {
      foreignKeys: [foreignKey('fk', ['owner'], { name: 'people', columns: ['id'] })],
    })

  test('are dropped and recreated when the key that they reference changes', () => {
    const found = lines(
      schema([people({ primaryKey: { name: 'pk', columns: ['id'] } }), pets()]),
      schema([
        people({ primaryKey: { name: 'pk', columns: ['x'] }, uniques: [{ name: 'uq', columns: ['id'] }] }),
        pets(),
      ]),
    )
    expect(found).toEqual([
      'drop foreign key fk on pets (owner) to people (id)',
      'drop primary key pk on people (id)',
      'add primary key pk on people (x)',
      'add unique uq on people (id)',
      'add foreign key fk on pets (owner) to people (id)',
    ])
  })

  test('are dropped and recreated when the column types on both sides change', () => {
    const key = { primaryKey: { name: 'pk', columns: ['id'] } }
    const found = lines(schema([people(key), pets()]), schema([people(key, 'uuid'), pets('uuid')]))
    expect(found).toEqual([
      'drop foreign key fk on pets (owner) to people (id)',
      'alter column people.id: type integer to uuid',
      'alter column pets.owner: type integer to uuid',
      'add foreign key fk on pets (owner) to people (id)',
    ])
    expect(lines(schema([people(key), pets()]), schema([people(key, 'bigint'), pets()]))).toEqual([
      'alter column people.id: type integer to bigint',
    ])
  })
})

describe('enums', () => {
  const using = (type: string, values: string[], rest: Partial<Column> = {}): Schema =>
    schema({
      tables: [table('t', [column('c', { type: `"${type}"`, enum: { name: type }, ...rest })])],
      enums: [{ name: type, values }],
    })

  test('are renamed when their column uses a similar enum of another name', () => {
    expect(
      lines(
        using('t_c_enum', ['a', 'b'], { default: "'a'::t_c_enum" }),
        using('mood', ['a', 'b'], { default: "'a'::mood" }),
      ),
    ).toEqual(['rename enum t_c_enum to mood'])
    expect(lines(using('old', ['a']), using('new', ['a', 'b']))).toEqual([
      'rename enum old to new',
      'alter enum new: add b',
    ])
  })

  test('are created instead of renamed when they share no value or are still used elsewhere', () => {
    expect(lines(using('old', ['a']), using('new', ['b']))).toEqual([
      'create enum new (b)',
      'alter column t.c: type "old" to "new"',
      'drop enum old',
    ])
    const shared = using('old', ['a'])
    const other = table('u', [column('c', { type: '"old"', enum: { name: 'old' } })])
    const to = using('new', ['a'])
    expect(
      lines(
        { ...shared, tables: [...shared.tables, other] },
        { ...to, enums: [...to.enums, ...shared.enums], tables: [...to.tables, other] },
      ),
    ).toEqual(['create enum new (a)', 'alter column t.c: type "old" to "new"'])
  })

  test('are created before the tables that use them and dropped after', () => {
    expect(lines(schema([]), using('mood', ['a']))).toEqual(['create enum mood (a)', 'create table t (c)'])
    expect(lines(using('mood', ['a']), schema([]))).toEqual(['drop table t', 'drop enum mood'])
  })
})

describe('sequences', () => {
  const sequence = (name: string, rest: Partial<Sequence> = {}): Sequence => ({
    name,
    type: 'bigint',
    start: '1',
    increment: '1',
    min: '1',
    max: '9',
    cycle: false,
    ...rest,
  })
  const t = table('t', ['a'])
  const owner = { name: 't', column: 'a' }

  test('lose their owner before its column is dropped, and get it after it is created', () => {
    const owned = schema({ tables: [t], sequences: [sequence('s', { ownedBy: owner })] })
    expect(lines(schema([]), owned)).toEqual([
      'create sequence s',
      'create table t (a)',
      'alter sequence s: owned by t.a',
    ])
    expect(lines(owned, schema([]))).toEqual(['alter sequence s: owned by nothing', 'drop table t', 'drop sequence s'])
    expect(lines(owned, schema({ tables: [t] }))).toEqual(['drop sequence s'])
    const moved = schema({
      tables: [table('t', ['b'])],
      sequences: [sequence('s', { increment: '5', ownedBy: { name: 't', column: 'b' } })],
    })
    expect(lines(owned, moved)[0]).toBe('alter sequence s: owned by nothing')
  })

  test('are renamed when they belong to the same column, and recreated otherwise', () => {
    const from = schema({ tables: [t], sequences: [sequence('s', { ownedBy: owner })] })
    expect(lines(from, schema({ tables: [t], sequences: [sequence('r', { ownedBy: owner })] }))).toEqual([
      'rename sequence s to r',
    ])
    expect(lines(schema({ sequences: [sequence('s')] }), schema({ sequences: [sequence('r')] }))).toEqual([
      'create sequence r',
      'drop sequence s',
    ])
  })
})

describe('unmanaged objects', () => {
  const from = schema({
    tables: [
      table('t', ['a', 'extra'], { indexes: [index('gin', ['a'], { method: 'gin' }), index('by_extra', ['extra'])] }),
      table('spatial', ['a']),
    ],
    views: [view('report', ['t'], 'select a')],
    enums: [{ name: 'mood', values: ['a'] }],
    schemas: ['other'],
  })
  const to = schema([table('t', ['a', 'b'])])

  test('are not changed', () => {
    const names = new Set(['spatial', 'gin', 'report', 'mood', 'other', 'extra', 'by_extra'])
    expect(lines(from, to, { unmanaged: (_kind, _table, name) => names.has(name) })).toEqual([
      'add column t.b integer not null',
    ])
    expect(lines(from, to).length).toBeGreaterThan(5)
  })

  test('are identified by kind, table and name', () => {
    const asked: string[] = []
    lines(from, to, {
      unmanaged: (kind, owner, name) => {
        asked.push(`${kind} ${owner?.name ?? '-'} ${name}`)
        return false
      },
    })
    expect(asked).toEqual(
      expect.arrayContaining(['table - spatial', 'index t gin', 'column t extra', 'view - report', 'schema - other']),
    )
  })

  test('are dropped together with their column', () => {
    expect(
      lines(from, to, {
        unmanaged: (kind, _table, name) => kind === 'index' || ['spatial', 'report', 'mood', 'other'].includes(name),
      }),
    ).toEqual(['drop index by_extra on t (extra)', 'add column t.b integer not null', 'drop column t.extra'])
  })
})

describe('planChanges', () => {
  test('renames a table with its columns, key and index, and recreates its views', () => {
    const from = schema({
      tables: [
        table('users', ['id', 'name'], {
          primaryKey: { name: 'pk_users', columns: ['id'] },
          indexes: [index('ix_name', ['name'])],
        }),
      ],
      views: [view('v', ['users'], 'SELECT name FROM users'), view('w', ['v'], 'SELECT 1 FROM v')],
    })
    const to = schema({
      tables: [
        table('people', ['id', 'full_name'], {
          primaryKey: { name: 'pk_people', columns: ['id'] },
          indexes: [index('ix_full_name', ['full_name'])],
        }),
      ],
      views: [view('v', ['people'], 'SELECT full_name FROM people'), view('w', ['v'], 'SELECT 1 FROM v')],
    })
    const operations = planChanges(from, to, [
      { kind: 'table', from: 'users', to: 'people' },
      { kind: 'column', table: { name: 'users' }, from: 'name', to: 'full_name' },
    ]).operations
    expect(operations.map(describeOperation)).toEqual([
      'drop view w',
      'drop view v',
      'rename table users to people',
      'rename column people.name to full_name',
      'rename primary key pk_users of people to pk_people',
      'rename index ix_name on people to ix_full_name',
      'create view v',
      'create view w',
    ])
    expect(operations[1]).toMatchObject({ definition: from.views[0] })
    expect(schemasEqual(applyOperations(reverseOperations(operations), applyOperations(operations, from)), from)).toBe(
      true,
    )
  })

  test('keeps views that do not mention a renamed column', () => {
    const v = view('v', ['t'], 'SELECT a FROM t')
    const operations = planChanges(
      schema({ tables: [table('t', ['a', 'b'])], views: [v] }),
      schema({ tables: [table('t', ['a', 'c'])], views: [v] }),
      [{ kind: 'column', table: { name: 't' }, from: 'b', to: 'c' }],
    ).operations
    expect(operations.map(describeOperation)).toEqual(['rename column t.b to c'])
  })
})
