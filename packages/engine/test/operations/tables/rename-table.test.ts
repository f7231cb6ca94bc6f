import { applyOperation } from '../../../src/operations'
import { applied, base, tableOf, users } from '../../support/users-schema'

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
