import { columns, displayWidth } from '../../src/output/table'

const green = (text: string): string => `\u001b[32m${text}\u001b[39m`

test('aligns columns that contain colors, wide characters and combining marks', () => {
  const lines = columns([
    ['a1', green('short'), 'x'],
    ['b2b2', '日本語 text', 'y'],
    ['c', 'e\u0301 accent', 'z'],
  ])
  const starts = lines.map((line) => displayWidth(line) - 1)
  expect(new Set(starts).size).toBe(1)
  expect(lines[0]).toContain(green('short'))
})

test('aligns a column to the right when asked', () => {
  expect(
    columns(
      [
        ['a', '1'],
        ['b', '1,000'],
      ],
      ['left', 'right'],
    ),
  ).toEqual(['a      1', 'b  1,000'])
})

test('omits empty columns and trailing blanks', () => {
  expect(
    columns([
      ['a', '', 'b', ''],
      ['aa', '', 'b', ''],
    ]),
  ).toEqual(['a   b', 'aa  b'])
  expect(
    columns([
      ['a', 'bb'],
      ['a', ''],
    ]),
  ).toEqual(['a  bb', 'a'])
  expect(columns([])).toEqual([])
})
