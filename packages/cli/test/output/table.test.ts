import { columns, displayWidth, fit } from '../../src/output/table'

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

test('cuts the widest cells until rows fit a terminal', () => {
  const rows = [
    ['a-long-analysis-id', 'ECU001', 'Replay of a signed payment request', '2025-04-20'],
    ['b', 'ECU2', 'Spoofing', '2025-04-20'],
  ]
  const cells = fit(rows, 50, [0, 1, 2])
  const lines = columns(cells)
  expect(Math.max(...lines.map(displayWidth))).toBe(50)
  expect(cells.map((row) => row[3])).toEqual(['2025-04-20', '2025-04-20'])
  expect(cells[1]).toEqual(rows[1])
  expect(lines[0]).toMatch(/^a-long-.{6}… {2}ECU001 {2}Replay of a s… {2}2025-04-20$/)
  expect(fit(rows, null, [0])).toBe(rows)
  expect(fit(rows, 200, [0])).toBe(rows)
})

test('leaves something of each cell where a terminal is too narrow', () => {
  expect(fit([['abcdefgh', '日本語日本語', 'fixed']], 5, [0, 1])).toEqual([['abc…', '日…', 'fixed']])
})
