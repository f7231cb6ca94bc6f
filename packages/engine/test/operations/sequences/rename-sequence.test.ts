import { column, schema, table } from '../../support/build-schema'
import { applied, sequence, tableOf } from '../../support/users-schema'

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
