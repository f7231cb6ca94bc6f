import { sameData, stableJson } from '../../src/schema/json'

test('stableJson sorts keys at every depth and leaves out undefined properties', () => {
  expect(stableJson({ b: 1, a: { d: null, c: [undefined, 'x', { z: 1, y: 2 }] }, e: undefined })).toBe(
    '{"a":{"c":[null,"x",{"y":2,"z":1}],"d":null},"b":1}',
  )
})

test.each<[unknown, unknown, boolean]>([
  [1, 1, true],
  ['a', 'b', false],
  [null, {}, false],
  [null, undefined, false],
  [{ b: 1, a: undefined, c: [2, { d: 3 }] }, { c: [2, { d: 3 }], b: 1 }, true],
  [{ a: undefined }, { b: undefined }, true],
  [{ a: 1 }, { a: 1, b: 2 }, false],
  [{ a: 1, b: 2 }, { a: 1 }, false],
  [[1, 2], [2, 1], false],
  [[1], [1, 2], false],
  [[], {}, false],
])('sameData compares %j and %j', (one, other, expected) => {
  expect(sameData(one, other)).toBe(expected)
  expect(sameData(other, one)).toBe(expected)
  if (expected) expect(stableJson(one)).toBe(stableJson(other))
})
