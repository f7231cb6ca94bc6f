import { applyOperations } from '../../../src/operations'
import { schema, table } from '../../support/build-schema'
import { tableOf } from '../../support/users-schema'

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
