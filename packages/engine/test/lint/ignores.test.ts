import { readIgnore } from '../../src/lint/ignores'

describe('readIgnore', () => {
  test.each([
    [' aludel-lint-ignore drop-table: empty since 12', ['drop-table'], 'empty since 12', 'next'],
    ['aludel-lint-ignore a, b-c ,d :x: y', ['a', 'b-c', 'd'], 'x: y', 'next'],
    [' aludel-lint-ignore-file create-index: nobody writes yet ', ['create-index'], 'nobody writes yet', 'file'],
    [
      '* aludel-lint-ignore drop-table: in a doc comment\n over two lines',
      ['drop-table'],
      'in a doc comment\n over two lines',
      'next',
    ],
    [' aludel-lint-ignore drop-table', ['drop-table'], '', 'next'],
    [' aludel-lint-ignore drop-table:  ', ['drop-table'], '', 'next'],
  ])('reads %j', (text, rules, reason, scope) => {
    expect(readIgnore(text)).toEqual({ rules, reason, scope })
  })

  test.each([
    ' eslint-disable-next-line',
    ' aludel-lint-ignore',
    ' aludel-lint-ignored a: b',
    ' see aludel-lint-ignore a: b',
  ])('takes %j for any other comment', (text) => {
    expect(readIgnore(text)).toBeUndefined()
  })
})
