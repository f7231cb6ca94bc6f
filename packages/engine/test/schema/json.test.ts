import { stableJson } from '../../src/schema/json'

test('stableJson sorts keys at every depth and leaves out undefined properties', () => {
  expect(stableJson({ b: 1, a: { d: null, c: [undefined, 'x', { z: 1, y: 2 }] }, e: undefined })).toBe(
    '{"a":{"c":[null,"x",{"y":2,"z":1}],"d":null},"b":1}',
  )
})
