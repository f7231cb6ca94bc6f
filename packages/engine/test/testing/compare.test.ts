import { AssertionError } from 'node:assert'

import { assertRows, isExpected, isExpectedRow } from '../../src/testing/compare'

describe('a value of a row', () => {
  const moment = new Date('2024-02-29T12:00:00.500Z')

  test.each([
    [null, undefined],
    [undefined, null],
    [5, 5n],
    [9007199254740993n, 9007199254740993n],
    [1, true],
    [0, false],
    [Number.NaN, Number.NaN],
    [moment, new Date(moment)],
    [moment, '2024-02-29T12:00:00.500Z'],
    [moment, '2024-02-29 12:00:00.5'],
    ['2024-02-29 13:00:00.5+01', moment],
    [new Date('2024-02-29T00:00:00Z'), '2024-02-29'],
    [Buffer.from('ab'), new Uint8Array([97, 98])],
    [{ a: [1, { b: null }] }, { a: [1, { b: null }] }],
    [['2024-02-29 12:00:00.5'], [moment]],
  ])('%p is expected as %p', (actual, expected) => {
    expect(isExpected(actual, expected)).toBe(true)
  })

  test.each([
    [0, null],
    [null, 0],
    ['', null],
    ['5', 5],
    [5, '5'],
    [true, 1],
    ['true', true],
    [2, true],
    [9007199254740992, 9007199254740993n],
    [moment, '2024-02-29 12:00:00'],
    [moment, 'infinity'],
    [Buffer.from('ab'), Buffer.from('abc')],
    [{ a: 1 }, { a: 1, b: null }],
    [{ a: 1, b: null }, { a: 1 }],
    [
      [1, 2],
      [2, 1],
    ],
    [[1], { 0: 1 }],
  ])('%p is not expected as %p', (actual, expected) => {
    expect(isExpected(actual, expected)).toBe(false)
  })
})

test('a row may have more columns than are expected, but not fewer', () => {
  expect(isExpectedRow({ id: 1, name: 'Ann' }, { id: 1 })).toBe(true)
  expect(isExpectedRow({ id: 1 }, { id: 1, name: null })).toBe(false)
})

describe('the rows of a table', () => {
  const message = (actual: object[], expected: object[]): string => {
    try {
      assertRows('people', actual as Record<string, unknown>[], expected as Record<string, unknown>[])
    } catch (error) {
      return (error as Error).message
    }
    return ''
  }

  test('are expected in any order, also where one suits several expected ones', () => {
    const [ann, bob] = [
      { id: 1, name: 'A' },
      { id: 2, name: 'A' },
    ]
    expect(message([ann, bob], [{ id: 2 }, { id: 1 }])).toBe('')
    // The first expected row takes the first row, and gives it up for the second.
    expect(message([ann, bob], [{ name: 'A' }, { id: 1, name: 'A' }])).toBe('')
    expect(message([], [])).toBe('')
    expect(message([ann], [{}])).toBe('')
  })

  test('that are missing, too many or doubled are differences', () => {
    expect(message([{ id: 1 }], [])).toMatch(/^people has other rows than expected:\n[^]*\+ .*id: 1/)
    expect(message([], [{ id: 1 }])).toMatch(/^people has other rows than expected:\n[^]*- .*id: 1/)
    expect(message([{ id: 1 }, { id: 1 }], [{ id: 1 }])).toContain('(1 as expected)')
    expect(message([{ id: 1 }], [{ id: 1 }, { id: 1 }])).toContain('(1 as expected)')
  })

  test('are shown beside the row that is most like them, with the expected columns only', () => {
    const found = message(
      [
        { id: 1, name: 'Ann', secret: 'x' },
        { id: 2, name: 'Bob', secret: 'y' },
      ],
      [
        { id: 2, name: 'Rob' },
        { id: 1, name: 'Anna' },
      ],
    )
    expect(found).not.toContain('secret')
    expect(found.indexOf("'Bob'")).toBeLessThan(found.indexOf("'Ann'"))
    expect(found).not.toMatch(/^[+-] .*id:/m)
  })

  test('are shown without colors, also where Node colors what it asserts', () => {
    // Which of them Node asks depends on its version.
    const terminal = { isTTY: true, hasColors: () => true, getColorDepth: () => 8 }
    const before = Object.getOwnPropertyDescriptors(process.stderr)
    Object.assign(process.stderr, terminal)
    try {
      expect(new AssertionError({ actual: [1], expected: [2], operator: 'deepStrictEqual' }).message).toContain(
        '\u001b[',
      )
      expect(message([{ id: 1 }], [{ id: 2 }])).not.toContain('\u001b')
    } finally {
      for (const name of Object.keys(terminal)) {
        const own = before[name as keyof typeof before]
        if (own === undefined) Reflect.deleteProperty(process.stderr, name)
        else Object.defineProperty(process.stderr, name, own)
      }
    }
  })

  test('do not have a column that the table lacks', () => {
    expect(message([{ id: 1 }], [{ id: 1, nickname: 'Ann' }])).toBe('people has no column nickname')
  })
})
