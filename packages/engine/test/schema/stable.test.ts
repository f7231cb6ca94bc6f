import { schemaHash, stableJson } from '../../src/schema/stable'
import { column, schema, table } from '../support/build-schema'

test('stableJson sorts keys at every depth and leaves out undefined properties', () => {
  expect(stableJson({ b: 1, a: { d: null, c: [undefined, 'x', { z: 1, y: 2 }] }, e: undefined })).toBe(
    '{"a":{"c":[null,"x",{"y":2,"z":1}],"d":null},"b":1}',
  )
})

describe('schemaHash', () => {
  const one = schema([table('t', ['a', 'b']), table('u', ['c'])])

  test('is the same for a schema whose tables and columns are in another order', () => {
    expect(schemaHash(schema([table('u', ['c']), table('t', ['b', 'a'])]))).toBe(schemaHash(one))
    expect(schemaHash(one)).toMatch(/^[0-9a-f]{64}$/)
  })

  test('differs when a table, a column or a schema differs', () => {
    const others = [
      schema([table('t', ['a', 'b'])]),
      schema([table('t', [column('a', { nullable: true }), 'b']), table('u', ['c'])]),
      schema({ ...one, schemas: ['x'] }),
    ]
    expect(new Set([one, ...others].map(schemaHash)).size).toBe(4)
  })
})
