import { applyOperations } from '../../../src/operations'
import type { Operation } from '../../../src/operations/operation'
import { foreignKey, schema, table } from '../../support/build-schema'
import { applied, tableOf, users } from '../../support/users-schema'

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
