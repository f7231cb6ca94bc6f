import { createColors } from 'picocolors'

import { Output } from '../../src/output/output'
import { displayWidth } from '../../src/output/table'
import { wrapLine } from '../../src/output/wrap'
import { collector } from '../world'

const { bold } = createColors(true)

test('a line is broken between words, and continues below its text', () => {
  expect(wrapLine('    loses values of users.email and of users.name', 30)).toEqual([
    '    loses values of',
    '      users.email and of',
    '      users.name',
  ])
  expect(wrapLine('message   users of the shop, with their names', 28)).toEqual([
    'message   users of the shop,',
    '          with their names',
  ])
})

test.each([
  ['a line that fits', 'x'.repeat(30), 30],
  ['a word that does not fit', 'x'.repeat(90), 30],
  ['a line for a program', 'some words that would not fit into thirty', null],
  ['a command to copy', '  aludel migrate repair --restore 3f9c1b7a2d40 --yes', 30],
  ['statements to copy', '  GRANT SELECT ON TABLE users, posts TO someone', 30],
])('%s stays as it is', (_what, line, width) => {
  expect(wrapLine(line, width)).toEqual([line])
})

test('a command in a sentence is not broken', () => {
  const command = bold('aludel migrate create "what changed"')
  for (const text of [command, '`aludel migrate create "what changed"`']) {
    const lines = wrapLine(`Next: read the file and then run ${text} in it`, 40)
    expect(lines.filter((line) => line.includes(text))).toHaveLength(1)
    for (const line of lines) expect(displayWidth(line)).toBeLessThanOrEqual(40)
  }
})

test('only lines for a terminal are wrapped', () => {
  for (const isTTY of [true, false]) {
    const [stdout, stderr] = [collector({ isTTY, columns: 20 }), collector({ isTTY, columns: 20 })]
    const output = new Output({
      ...{ stdout: stdout.stream, stderr: stderr.stream, env: {} },
      ...{ json: false, quiet: false, verbose: false, noColor: true },
    })
    output.lines('ten words of output for a terminal that is narrow')
    output.warn('ten words of a warning that is not narrow')
    const widths = `${stdout.text()}${stderr.text()}`.split('\n').map(displayWidth)
    expect(Math.max(...widths) <= 20).toBe(isTTY)
  }
})
