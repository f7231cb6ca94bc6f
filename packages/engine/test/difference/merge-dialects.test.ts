import type { Operation } from '../../src/operations/operation'
import { mergeOperations, operationToJson } from '../../src/difference/merge-dialects'
import { column, foreignKey, index, table } from '../support/build-schema'

const t = { name: 't' }
const add = (name: string, type = 'integer'): Operation => ({
  op: 'addColumn',
  table: t,
  column: column(name, { type }),
})
const rows = (perDialect: Parameters<typeof mergeOperations>[0]): string[] =>
  mergeOperations(perDialect).map(
    ({ operation, dialects }) => `${String(operationToJson(operation, dialects).name)}: ${dialects.join(' ')}`,
  )

describe('mergeOperations', () => {
  test('lists an operation of two dialects once, in an order that fits both', () => {
    expect(
      rows({ sqlite: [add('a'), add('b'), add('d')], postgres: [add('a', 'bigint'), add('c'), add('d'), add('e')] }),
    ).toEqual(['a: sqlite postgres', 'c: postgres', 'b: sqlite', 'd: sqlite postgres', 'e: postgres'])
    expect(mergeOperations({ sqlite: [], postgres: [add('a')] })).toEqual([
      { operation: add('a'), dialects: ['postgres'] },
    ])
  })

  test('keeps operations apart that differ in kind or table, or are repeated', () => {
    const drop: Operation = { op: 'dropColumn', table: t, column: column('a') }
    const other: Operation = { op: 'addColumn', table: { name: 'u' }, column: column('a') }
    expect(mergeOperations({ sqlite: [drop, add('a'), other], postgres: [drop, add('a'), other] })).toHaveLength(3)
    expect(mergeOperations({ sqlite: [add('a'), add('a')], postgres: [add('a')] })).toHaveLength(2)
  })

  test('pairs unnamed constraints with named ones', () => {
    const key = foreignKey('fk', ['a'], { name: 'u', columns: ['id'] })
    const { name: _name, ...unnamed } = key
    const named: Operation[] = [
      { op: 'addPrimaryKey', table: t, primaryKey: { name: 'pk', columns: ['a'] } },
      { op: 'addUnique', table: t, unique: { name: 'uq', columns: ['a'] } },
      { op: 'addForeignKey', table: t, foreignKey: key },
    ]
    const bare: Operation[] = [
      { op: 'addPrimaryKey', table: t, primaryKey: { columns: ['a'] } },
      { op: 'addUnique', table: t, unique: { columns: ['a'] } },
      { op: 'addForeignKey', table: t, foreignKey: unnamed },
    ]
    expect(mergeOperations({ postgres: named, sqlite: bare }).map(({ dialects }) => dialects.length)).toEqual([2, 2, 2])
  })

  test('pairs a table in a schema with the same table of a dialect without schemas', () => {
    const create = (schema?: string): Operation => {
      const name = schema === undefined ? { name: 'users' } : { schema, name: 'users' }
      return { op: 'createTable', table: name, definition: table('users', ['id']) }
    }
    expect(mergeOperations({ postgres: [create('app')], sqlite: [create()] })).toHaveLength(1)
    expect(mergeOperations({ postgres: [create('app'), create('audit')], sqlite: [create()] })).toHaveLength(2)
  })
})

describe('operationToJson', () => {
  test('returns the common keys and those of the operation', () => {
    const operation: Operation = { op: 'createIndex', table: { schema: 'app', name: 't' }, index: index('ix', ['a']) }
    expect(operationToJson(operation, ['sqlite'])).toEqual({
      op: 'createIndex',
      table: 'app.t',
      name: 'ix',
      destroys: false,
      dialects: ['sqlite'],
      description: 'create index ix on app.t (a)',
      index: { name: 'ix', unique: false, method: 'btree', keys: [{ column: 'a' }] },
    })
    expect(operationToJson({ op: 'dropTable', table: t, definition: table('t', ['a']) }, [])).toMatchObject({
      table: 't',
      destroys: true,
    })
    expect(operationToJson({ op: 'renameColumn', table: t, from: 'a', to: 'b' }, [])).toMatchObject({
      table: 't',
      name: 'a',
      from: 'a',
      to: 'b',
    })
    expect(operationToJson({ op: 'createSchema', name: 'app' }, [])).toMatchObject({ name: 'app' })
  })
})
