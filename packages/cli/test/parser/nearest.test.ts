// cspell:ignore frobnicate shwo upgarde upgrad
import { nearest } from '../../src/parser/nearest'

const words = ['upgrade', 'downgrade', 'history', 'heads', 'show']

test.each([
  ['upgrad', 'upgrade'],
  ['upgarde', 'upgrade'],
  ['hist', 'history'],
  ['head', 'heads'],
  ['shwo', 'show'],
])('maps the mistyped word "%s" to "%s"', (word, expected) => {
  expect(nearest(word, words)).toBe(expected)
})

test('suggests nothing when no word is similar', () => {
  expect(nearest('frobnicate', words)).toBeUndefined()
  expect(nearest('x', [])).toBeUndefined()
  // One letter of two is no similarity.
  expect(nearest('ab', ['db'])).toBeUndefined()
})
