import { fileNameOf } from '../../src/reviews/file-name'

test.each([
  ['gateway-v2', 'linux', 'gateway-v2_reviews.json'],
  ['a:b?', 'linux', 'a:b?_reviews.json'],
  ['a\\b', 'darwin', 'a\\b_reviews.json'],
  ['.hidden', 'win32', '.hidden_reviews.json'],
])('names the file of %j on %s', (id, platform, name) => {
  expect(fileNameOf(id, platform)).toEqual({ name })
})

test.each([
  ['a/b', 'linux', '"/"'],
  ['a\\b', 'win32', '"\\\\"'],
  ['C:x', 'win32', '":"'],
  ['a\u0001', 'linux', '"\\u0001"'],
])('has no file for %j on %s', (id, platform, shown) => {
  expect(fileNameOf(id, platform).reason).toBe(`its id contains ${shown}, which the name of a file cannot contain`)
})
