import { protectRelative, unprotectRelative } from '../../src/parser/guard'

test.each(['-1', '-2:head', '-3:current', '-10'])('%s is a revision and passes the parser unharmed', (argument) => {
  const [guarded = ''] = protectRelative([argument])
  expect(guarded.startsWith('-')).toBe(false)
  expect(unprotectRelative(guarded)).toBe(argument)
})

test.each(['--sql', '-y', 'head-1', '+2', '', '-'])('%p is left as it is', (argument) => {
  expect(protectRelative([argument])).toEqual([argument])
})

test('after "--" there are only words', () => {
  const guarded = protectRelative(['show', '--', '--odd', 'plain'])
  expect(guarded.some((argument) => argument.startsWith('-'))).toBe(false)
  expect(guarded.map(unprotectRelative)).toEqual(['show', '--odd', 'plain'])
})
