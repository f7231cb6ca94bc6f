import { column, schema, table } from '../../support/build-schema'
import { applied, base, tableOf } from '../../support/users-schema'

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
