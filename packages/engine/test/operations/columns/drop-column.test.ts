import { applyOperation } from '../../../src/operations'
import type { Schema } from '../../../src/schema/schema'
import { column, foreignKey, index, schema, table } from '../../support/build-schema'
import { base, sequence, tableOf, users } from '../../support/users-schema'

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
