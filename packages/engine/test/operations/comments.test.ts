import { groupComments } from '../../src/operations/comments'
import type { Operation } from '../../src/operations/operation'
import type { Column, Index, Table } from '../../src/schema/schema'

const table = { name: 'books' }
const column: Column = { name: 'title', type: 'text', nullable: true }
const index: Index = { name: 'idx', unique: false, method: 'btree', keys: [{ column: 'title' }] }
const definition: Table = {
  ...table,
  columns: [column],
  uniques: [],
  checks: [],
  exclusions: [],
  foreignKeys: [],
  indexes: [],
  triggers: [],
}

const addColumn: Operation = { op: 'addColumn', table, column }
const createIndex: Operation = { op: 'createIndex', table, index }
const createTable: Operation = { op: 'createTable', table, definition }
const dropTable: Operation = { op: 'dropTable', table, definition }
const elsewhere: Operation = { op: 'dropIndex', table: { name: 'authors' }, index }
const rename: Operation = { op: 'renameColumn', table, from: 'name', to: 'title' }

describe('groupComments', () => {
  test('merges operations on one table into one comment', () => {
    expect(groupComments([rename, addColumn, createIndex, elsewhere])).toEqual([
      'books: rename column name to title, add column title, create index idx',
      undefined,
      undefined,
      'authors: drop index idx',
    ])
  })

  test('omits an index that is created or dropped with its table', () => {
    expect(groupComments([createTable, createIndex])).toEqual(['books: create table', undefined])
    expect(groupComments([{ ...createIndex, op: 'dropIndex' }, dropTable])).toEqual(['books: drop table', undefined])
  })

  test('leaves out operations that have a comment of their own', () => {
    expect(groupComments([rename, addColumn, createIndex], (operation) => operation === addColumn)).toEqual([
      'books: rename column name to title',
      expect.any(String),
      'books: create index idx',
    ])
  })
})
