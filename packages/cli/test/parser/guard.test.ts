import { protectRelative, unprotectRelative } from '../../src/parser/guard'

test.each(['-1', '-2:head', '-3:current', '-10'])(
  'hides the relative revision "%s" from the option parser and restores it',
  (argument) => {
    const [guarded = ''] = protectRelative([argument])
    expect(guarded.startsWith('-')).toBe(false)
    expect(unprotectRelative(guarded)).toBe(argument)
  },
)

test.each(['--sql', '-y', 'head-1', '+2', '', '-'])('leaves the argument %p unchanged', (argument) => {
  expect(protectRelative([argument])).toEqual([argument])
})

test('treats every word after "--" as an argument, not as an option', () => {
  const guarded = protectRelative(['show', '--', '--odd', 'plain'])
  expect(guarded.some((argument) => argument.startsWith('-'))).toBe(false)
  expect(guarded.map(unprotectRelative)).toEqual(['show', '--odd', 'plain'])
})
