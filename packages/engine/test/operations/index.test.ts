import { isAludelError } from '../../src/errors'
import { applyOperation } from '../../src/operations'
import type { Operation } from '../../src/operations/operation'
import type { Schema } from '../../src/schema/schema'
import { column, foreignKey, index, schema, table, view } from '../support/build-schema'
import { base, sequence, users } from '../support/users-schema'

describe('applyOperation of an operation that does not fit', () => {
  const bad: [string, Operation][] = [
    ['there is no table gone', { op: 'addColumn', table: { name: 'gone' }, column: column('a') }],
    ['has a column name already', { op: 'addColumn', table: users, column: column('name') }],
    ['there is no enum x', { op: 'addColumn', table: users, column: column('a', { enum: { name: 'x' } }) }],
    ['has no column gone', { op: 'alterColumn', table: users, from: column('gone'), to: column('gone') }],
    ['is a separate operation', { op: 'alterColumn', table: users, from: column('name'), to: column('x') }],
    [
      'foreign keys and indexes of users must be dropped before it',
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
