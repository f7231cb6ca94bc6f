import { isAludelError } from '../../src/errors'
import { applyOperation, applyOperations, reverseOperations } from '../../src/operations'
import type { Operation } from '../../src/operations/operation'
import { normalizeSchema } from '../../src/schema/normalize'
import type { Schema, Sequence } from '../../src/schema/schema'
import { column, foreignKey, index, schema, table, view } from '../support/build-schema'

const sequence = (name: string, rest: Partial<Sequence> = {}): Sequence => ({
  name,
  type: 'bigint',
  start: '1',
  increment: '1',
  min: '1',
  max: '10',
  cycle: false,
  ...rest,
})

const users = { name: 'users' }

const base: Schema = schema({
  tables: [
    table(
      'users',
      [
        column('id', { serial: { name: 'users_id_seq' } }),
        column('name', { type: 'text', default: "'name'::text" }),
        column('state', { type: '"mood"', enum: { name: 'mood' }, default: "'ok'::mood" }),
        column('twice', { generated: { kind: 'stored', expression: '(id * 2)' } }),
      ],
      {
        primaryKey: { name: 'pk_users', columns: ['id'] },
        uniques: [{ name: 'uq_name', columns: ['name'] }],
        checks: [{ name: 'ck_name', expression: "name <> 'name' AND users.name <> ''" }],
        exclusions: [{ name: 'ex_name', definition: 'USING gist (name WITH =)' }],
        indexes: [
          index('ix_name', ['name'], { include: ['id'], where: "state = 'ok'::mood AND name IS NOT NULL" }),
          { ...index('ix_lower', []), keys: [{ expression: 'lower(name)' }] },
        ],
      },
    ),
    table('posts', ['id', 'author'], {
      foreignKeys: [foreignKey('fk_author', ['author'], { name: 'users', columns: ['id'] })],
    }),
  ],
  enums: [{ name: 'mood', values: ['ok', 'bad'] }],
  sequences: [sequence('ticket', { ownedBy: { name: 'users', column: 'name' } })],
  views: [view('v_users', ['users'], "SELECT id FROM users WHERE state = 'ok'::mood")],
  schemas: ['audit'],
})

/** Applies the operation, and checks that its reverse restores the schema. */
function applied(operation: Operation, from: Schema = base): Schema {
  const after = applyOperation(operation, from)
  expect(normalizeSchema(applyOperations(reverseOperations([operation]), after))).toEqual(normalizeSchema(from))
  return after
}

const tableOf = (value: Schema, name: string): Schema['tables'][number] => {
  const found = value.tables.find((candidate) => candidate.name === name)
  if (found === undefined) throw new Error(`no table ${name}`)
  return found
}

describe('renameTable', () => {
  const after = applied({ op: 'renameTable', table: users, to: { schema: 'audit', name: 'people' } })

  test('updates foreign keys, owned sequences, views and its own expressions', () => {
    expect(tableOf(after, 'people').schema).toBe('audit')
    expect(tableOf(after, 'posts').foreignKeys[0]?.references).toEqual({
      schema: 'audit',
      name: 'people',
      columns: ['id'],
    })
    expect(after.sequences[0]).toMatchObject({
      schema: 'audit',
      ownedBy: { schema: 'audit', name: 'people', column: 'name' },
    })
    expect(after.views[0]?.dependsOn).toEqual([{ schema: 'audit', name: 'people' }])
    expect(tableOf(after, 'people').checks[0]?.expression).toBe("name <> 'name' AND people.name <> ''")
  })

  test('keeps the sequence name of a serial column, as the database does', () => {
    expect(tableOf(after, 'people').columns[0]?.serial).toEqual({ schema: 'audit', name: 'users_id_seq' })
    const inPlace = applied({ op: 'renameTable', table: users, to: { name: 'people' } })
    expect(tableOf(inPlace, 'people').columns[0]?.serial).toEqual({ name: 'users_id_seq' })
  })

  test('refuses a name that a table, view, sequence or index has', () => {
    for (const name of ['posts', 'v_users', 'ticket', 'ix_name']) {
      expect(() => applyOperation({ op: 'renameTable', table: users, to: { name } }, base)).toThrow(
        `${name} exists already`,
      )
    }
  })
})

describe('renameColumn', () => {
  test('updates unique constraints, indexes and every expression of the table', () => {
    const after = tableOf(applied({ op: 'renameColumn', table: users, from: 'name', to: 'fullName' }), 'users')
    expect(after.columns.map(({ name }) => name)).toEqual(['id', 'fullName', 'state', 'twice'])
    expect(after.columns[1]?.default).toBe("'name'::text")
    expect(after.uniques).toEqual([{ name: 'uq_name', columns: ['fullName'] }])
    expect(after.checks[0]?.expression).toBe('"fullName" <> \'name\' AND users."fullName" <> \'\'')
    expect(after.exclusions[0]?.definition).toBe('USING gist ("fullName" WITH =)')
    expect(after.indexes[0]).toMatchObject({
      keys: [{ column: 'fullName' }],
      where: 'state = \'ok\'::mood AND "fullName" IS NOT NULL',
    })
    expect(after.indexes[1]?.keys).toEqual([{ expression: 'lower("fullName")' }])
  })

  test('updates primary key, generated columns, INCLUDE, foreign keys and owned sequences', () => {
    const after = applied({ op: 'renameColumn', table: users, from: 'id', to: 'key' })
    const changed = tableOf(after, 'users')
    expect(changed.primaryKey?.columns).toEqual(['key'])
    expect(changed.columns[3]?.generated?.expression).toBe('(key * 2)')
    expect(changed.indexes[0]?.include).toEqual(['key'])
    expect(tableOf(after, 'posts').foreignKeys[0]?.references.columns).toEqual(['key'])
    const owned = applied({ op: 'renameColumn', table: users, from: 'name', to: 'title' })
    expect(owned.sequences[0]?.ownedBy?.column).toBe('title')
  })

  test('updates both sides of a foreign key to its own table', () => {
    const tree = schema([
      table('tree', ['id', 'parent'], {
        foreignKeys: [foreignKey('fk', ['parent'], { name: 'tree', columns: ['id'] })],
      }),
    ])
    const operations: Operation[] = [
      { op: 'renameColumn', table: { name: 'tree' }, from: 'parent', to: 'up' },
      { op: 'renameColumn', table: { name: 'tree' }, from: 'id', to: 'node' },
    ]
    expect(tableOf(applyOperations(operations, tree), 'tree').foreignKeys[0]).toMatchObject({
      columns: ['up'],
      references: { name: 'tree', columns: ['node'] },
    })
  })
})

describe('renameEnum', () => {
  test('updates columns, arrays, defaults, conditions and views', () => {
    const withArray = schema({
      ...base,
      tables: [...base.tables, table('t', [column('all', { type: '"mood"[]', enum: { name: 'mood' } })])],
    })
    const after = applied(
      { op: 'renameEnum', from: { name: 'mood' }, to: { schema: 'audit', name: 'Temper' } },
      withArray,
    )
    expect(tableOf(after, 'users').columns[2]).toMatchObject({
      type: '"audit"."Temper"',
      enum: { schema: 'audit', name: 'Temper' },
      default: '\'ok\'::audit."Temper"',
    })
    expect(tableOf(after, 't').columns[0]?.type).toBe('"audit"."Temper"[]')
    expect(tableOf(after, 'users').indexes[0]?.where).toContain('\'ok\'::audit."Temper"')
    expect(after.views[0]?.definition).toContain('\'ok\'::audit."Temper"')
  })
})

test('renameSequence updates serial columns and defaults', () => {
  const from = schema({
    tables: [
      table('t', [column('a', { serial: { name: 'seq' } }), column('b', { default: "nextval('seq'::regclass)" })]),
    ],
    sequences: [sequence('seq')],
  })
  const after = applied({ op: 'renameSequence', from: { name: 'seq' }, to: { name: 'numbers' } }, from)
  expect(tableOf(after, 't').columns).toMatchObject([
    { serial: { name: 'numbers' } },
    { default: "nextval('numbers'::regclass)" },
  ])
})

describe('dropColumn', () => {
  const drop = (name: string, from: Schema = base): (() => Schema) => {
    const found = tableOf(from, 'users').columns.find((item) => item.name === name) ?? column(name)
    return () => applyOperation({ op: 'dropColumn', table: users, column: found }, from)
  }

  test('refuses a column in use, and names what uses it', () => {
    expect(drop('id')).toThrow('the primary key uses users.id')
    expect(drop('name')).toThrow('unique constraint uq_name uses users.name')
    expect(drop('state')).toThrow('index ix_name uses users.state')
    const only = (rest: Parameters<typeof table>[2]): Schema => schema([table('users', ['a', 'b'], rest)])
    expect(drop('a', only({ checks: [{ expression: 'a > b' }] }))).toThrow('check a > b uses users.a')
    expect(drop('a', only({ exclusions: [{ name: 'ex', definition: 'USING gist (a WITH =)' }] }))).toThrow('ex uses')
    expect(drop('b', only({ foreignKeys: [foreignKey('fk', ['b'], { name: 'users', columns: ['a'] })] }))).toThrow(
      'foreign key fk',
    )
    expect(drop('a', only({ foreignKeys: [foreignKey('fk', ['b'], { name: 'users', columns: ['a'] })] }))).toThrow(
      'a foreign key of',
    )
    expect(drop('a', only({ indexes: [index('ix', ['b'], { include: ['a'] })] }))).toThrow('index ix')
    const generated = column('c', { generated: { kind: 'virtual', expression: 'a + 1' } })
    expect(drop('a', schema([table('users', ['a', generated])]))).toThrow('generated column c')
    const owned = schema({
      tables: [table('users', ['a', 'b'])],
      sequences: [sequence('s', { ownedBy: { name: 'users', column: 'a' } })],
    })
    expect(drop('a', owned)).toThrow('sequence s')
  })

  test('ignores the column name in literals, types and other tables', () => {
    const from = schema([
      table('users', ['id', column('text', { type: 'text' })], {
        checks: [{ name: 'ck', expression: "((id)::text <> 'text'::text)" }],
      }),
      table('other', ['text'], { indexes: [index('ix', ['text'])] }),
    ])
    expect(tableOf(drop('text', from)(), 'users').columns.map(({ name }) => name)).toEqual(['id'])
  })

  test('drops the sequence of a serial column too', () => {
    const from = schema({
      tables: [table('users', [column('id', { serial: { name: 'seq' } }), 'a'])],
      sequences: [sequence('seq', { ownedBy: { name: 'users', column: 'id' } })],
    })
    expect(drop('id', from)().sequences).toEqual([])
  })
})

describe('applyOperation of an operation that does not fit', () => {
  const bad: [string, Operation][] = [
    ['there is no table gone', { op: 'addColumn', table: { name: 'gone' }, column: column('a') }],
    ['has a column name already', { op: 'addColumn', table: users, column: column('name') }],
    ['there is no enum x', { op: 'addColumn', table: users, column: column('a', { enum: { name: 'x' } }) }],
    ['has no column gone', { op: 'alterColumn', table: users, from: column('gone'), to: column('gone') }],
    ['is an operation of its own', { op: 'alterColumn', table: users, from: column('name'), to: column('x') }],
    [
      'foreign keys and indexes of users are to be dropped before it',
      { op: 'dropTable', table: users, definition: table('users', []) },
    ],
    ['exists already', { op: 'createTable', table: users, definition: table('users', ['a']) }],
    [
      'there is no schema nowhere',
      { op: 'createTable', table: { schema: 'nowhere', name: 't' }, definition: table('t', ['a']) },
    ],
    ['has a primary key already', { op: 'addPrimaryKey', table: users, primaryKey: { columns: ['id'] } }],
    ['has no primary key', { op: 'dropPrimaryKey', table: { name: 'posts' }, primaryKey: { columns: ['id'] } }],
    [
      'has a constraint uq_name already',
      { op: 'addCheck', table: users, check: { name: 'uq_name', expression: 'true' } },
    ],
    ['has no constraint nope', { op: 'dropUnique', table: users, unique: { name: 'nope', columns: ['id'] } }],
    [
      'has no column zip',
      { op: 'addForeignKey', table: users, foreignKey: foreignKey('f', ['id'], { name: 'posts', columns: ['zip'] }) },
    ],
    ['ix_name exists already', { op: 'createIndex', table: { name: 'posts' }, index: index('ix_name', ['id']) }],
    ['has no index nope', { op: 'dropIndex', table: users, index: index('nope', []) }],
    ['has no index nope', { op: 'renameIndex', table: users, from: 'nope', to: 'x' }],
    ['has no check uq_name', { op: 'renameConstraint', table: users, kind: 'check', from: 'uq_name', to: 'x' }],
    ['users uses enum mood', { op: 'dropEnum', definition: { name: 'mood', values: [] } }],
    ['enum mood exists already', { op: 'createEnum', definition: { name: 'mood', values: [] } }],
    ['there is no view v', { op: 'dropView', definition: view('v', [], '') }],
    ['there is no sequence s', { op: 'dropSequence', definition: sequence('s') }],
    [
      'has no column x',
      { op: 'createSequence', definition: sequence('s', { ownedBy: { name: 'users', column: 'x' } }) },
    ],
    ['there is no schema x', { op: 'dropSchema', name: 'x' }],
    ['schema audit exists already', { op: 'createSchema', name: 'audit' }],
  ]

  test.each(bad)('throws "%s" (case %#)', (message, operation) => {
    let error: unknown
    try {
      applyOperation(operation, base)
    } catch (thrown) {
      error = thrown
    }
    expect(isAludelError(error) && error.code).toBe('ALUDEL_OPERATION')
    expect(String(error)).toContain(message)
  })

  test('refuses to drop a table while something needs it', () => {
    const dropTable = (from: Schema) => () =>
      applyOperation({ op: 'dropTable', table: { name: 't' }, definition: table('t', ['a']) }, from)
    const t = table('t', ['a'])
    const child = table('c', ['a'], { foreignKeys: [foreignKey('fk', ['a'], { name: 't', columns: ['a'] })] })
    expect(dropTable(schema([t, child]))).toThrow('c references t')
    expect(dropTable(schema({ tables: [t], views: [view('v', ['t'], 'x')] }))).toThrow('view v reads t')
    const owned = sequence('s', { ownedBy: { name: 't', column: 'a' } })
    expect(dropTable(schema({ tables: [t], sequences: [owned] }))).toThrow('sequence s belongs to t')
    expect(dropTable(schema([t]))().tables).toEqual([])
  })

  test('refuses to drop a view that another reads, or a schema that is not empty', () => {
    const from = schema({
      views: [view('a', [], 'x'), view('b', ['a'], 'y', { schema: 'audit' })],
      schemas: ['audit'],
    })
    expect(() => applyOperation({ op: 'dropView', definition: view('a', [], 'x') }, from)).toThrow(
      'view audit.b reads a',
    )
    expect(() => applyOperation({ op: 'dropSchema', name: 'audit' }, from)).toThrow('still holds b')
  })
})

test('applyOperations drops unnamed constraints by their content', () => {
  const from = schema([
    table('t', ['a', 'b'], {
      uniques: [{ columns: ['a'] }, { columns: ['b'] }],
      checks: [{ expression: 'a > 0' }, { expression: 'b > 0' }],
    }),
  ])
  const after = applyOperations(
    [
      { op: 'dropUnique', table: { name: 't' }, unique: { columns: ['b'] } },
      { op: 'dropCheck', table: { name: 't' }, check: { expression: 'a > 0' } },
    ],
    from,
  )
  expect(tableOf(after, 't')).toMatchObject({ uniques: [{ columns: ['a'] }], checks: [{ expression: 'b > 0' }] })
})
