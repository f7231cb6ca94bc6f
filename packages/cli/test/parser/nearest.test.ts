import { nearest } from '../../src/parser/nearest'

const words = ['upgrade', 'downgrade', 'history', 'heads', 'show']

test.each([
  ['upgrad', 'upgrade'],
  ['upgarde', 'upgrade'],
  ['hist', 'history'],
  ['head', 'heads'],
  ['shwo', 'show'],
])('%s is probably %s', (word, expected) => {
  expect(nearest(word, words)).toBe(expected)
})

test('nothing is suggested for a word that is like none', () => {
  expect(nearest('frobnicate', words)).toBeUndefined()
  expect(nearest('x', [])).toBeUndefined()
})
