import { describeOperation } from '../../src/operations'
import { compare } from '../../src/difference/compare'
import type { Schema } from '../../src/schema/schema'
import { column, foreignKey, index, schema, table, view } from '../support/build-schema'

const order = (from: Schema, to: Schema): string[] => compare(from, to).map(describeOperation)
const heads = (from: Schema, to: Schema): string[] => order(from, to).map((line) => line.split(' on ')[0] ?? line)

describe('orderOperations', () => {
  test('creates referenced tables first, each with its indexes, and foreign keys last', () => {
    const to = schema([
      table('pets', ['id', 'owner'], {
        foreignKeys: [foreignKey('fk_owner', ['owner'], { name: 'users', columns: ['id'] })],
        indexes: [index('ix_owner', ['owner'])],
      }),
      table('users', ['id', 'pet'], {
        foreignKeys: [foreignKey('fk_pet', ['pet'], { name: 'pets', columns: ['id'] })],
      }),
      table('teams', ['id']),
    ])
    expect(heads(schema([]), to)).toEqual([
      'create table users (id, pet)',
      'create table pets (id, owner)',
      'create index ix_owner',
      'create table teams (id)',
      'add foreign key fk_pet',
      'add foreign key fk_owner',
    ])
    expect(heads(to, schema([]))).toEqual([
      'drop foreign key fk_owner',
      'drop foreign key fk_pet',
      'drop table teams',
      'drop index ix_owner',
      'drop table pets',
      'drop table users',
    ])
  })

  test('groups the column changes of each table', () => {
    const from = schema([table('a', ['x', 'old']), table('b', ['x', 'old'])])
    const to = schema([
      table('a', [column('x', { nullable: true }), 'new'], { uniques: [{ name: 'uq_a', columns: ['x'] }] }),
      table('b', [column('x', { nullable: true }), 'new'], { uniques: [{ name: 'uq_b', columns: ['x'] }] }),
    ])
    expect(order(from, to)).toEqual([
      'add column a.new integer not null',
      'alter column a.x: nullable',
      'drop column a.old',
      'add column b.new integer not null',
      'alter column b.x: nullable',
      'drop column b.old',
      'add unique uq_a on a (x)',
      'add unique uq_b on b (x)',
    ])
  })

  test('creates computed columns after the columns they read, and drops them before', () => {
    const total = (expression: string) => column('total', { nullable: true, generated: { kind: 'stored', expression } })
    const [one, two] = [schema([table('t', ['a', total('a * 2')])]), schema([table('t', ['b', 'c'])])]
    expect(order(one, two).map((line) => line.split(' integer')[0])).toEqual([
      'drop column t.total',
      'add column t.b',
      'add column t.c',
      'drop column t.a',
    ])
    expect(order(two, one).at(-1)).toBe('add column t.total integer')
    const changed = schema([table('t', ['b', total('b * 2')])])
    expect(order(one, changed)).toEqual([
      'add column t.b integer not null',
      'alter column t.total: generated stored b * 2',
      'drop column t.a',
    ])
  })

  test('creates schemas before the objects in them and drops them after', () => {
    const to = schema({
      schemas: ['app'],
      enums: [{ schema: 'app', name: 'mood', values: ['a'] }],
      tables: [
        table('t', [column('m', { type: '"app"."mood"', enum: { schema: 'app', name: 'mood' } })], { schema: 'app' }),
      ],
      views: [view('v', [], 'SELECT 1', { schema: 'app' })],
    })
    expect(order(schema([]), to)).toEqual([
      'create schema app',
      'create enum app.mood (a)',
      'create table app.t (m)',
      'create view app.v',
    ])
    expect(order(to, schema([]))).toEqual([
      'drop view app.v',
      'drop table app.t',
      'drop enum app.mood',
      'drop schema app',
    ])
  })

  describe('views', () => {
    const v = (name: string, reads: string, text = `SELECT a FROM ${reads}`) => view(name, [reads], text)
    const stack = [v('third', 'second'), v('second', 'first'), v('first', 't')]

    test('are dropped before a column they read changes its type or is dropped, then recreated', () => {
      const from = schema({ tables: [table('t', ['a', 'b'])], views: stack })
      const retyped = schema({ tables: [table('t', [column('a', { type: 'text' }), 'b'])], views: stack })
      const around = (line: string): string[] => [
        'drop view third',
        'drop view second',
        'drop view first',
        line,
        'create view first',
        'create view second',
        'create view third',
      ]
      expect(order(from, retyped)).toEqual(around('alter column t.a: type integer to text'))
      expect(order(from, schema({ tables: [table('t', ['b'])], views: stack }))).toEqual(around('drop column t.a'))
      expect(order(from, schema({ tables: [table('t', ['a'])], views: stack }))).toEqual(['drop column t.b'])
      const nullable = schema({ tables: [table('t', [column('a', { nullable: true }), 'b'])], views: stack })
      expect(order(from, nullable)).toEqual(['alter column t.a: nullable'])
    })

    test('are replaced in place only if no other view reads them', () => {
      const t = table('t', ['a'])
      const from = schema({ tables: [t], views: [v('first', 't'), v('second', 'first')] })
      expect(order(from, schema({ tables: [t], views: [v('first', 't'), v('second', 'first', 'SELECT 2')] }))).toEqual([
        'replace view second',
      ])
      expect(order(from, schema({ tables: [t], views: [v('first', 't', 'SELECT 1'), v('second', 'first')] }))).toEqual([
        'drop view second',
        'drop view first',
        'create view first',
        'create view second',
      ])
    })

    test('are recreated when the table that they read is replaced by another', () => {
      const from = schema({ tables: [table('t', ['a'])], views: [v('first', 't')] })
      const to = schema({ tables: [table('u', ['a'])], views: [v('first', 'u')] })
      expect(order(from, to)).toEqual(['drop view first', 'create table u (a)', 'drop table t', 'create view first'])
    })

    test('can swap names with a table', () => {
      const from = schema({ tables: [table('x', ['a'])], views: [view('y', [], 'SELECT 1')] })
      const to = schema({
        tables: [table('y', ['a'], { indexes: [index('ix', ['a'])] })],
        views: [view('x', [], 'SELECT 1')],
      })
      expect(order(from, to)).toEqual([
        'drop view y',
        'drop table x',
        'create table y (a)',
        'create index ix on y (a)',
        'create view x',
      ])
    })
  })
})
