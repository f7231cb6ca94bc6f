import { Output } from '../../src/output/output'
import { collector } from '../world'

function colorsWith(env: Readonly<Record<string, string>>, isTTY: boolean, noColor = false): boolean {
  const output = new Output({
    stdout: collector({ isTTY }).stream,
    stderr: collector({ isTTY: false }).stream,
    env,
    json: false,
    quiet: false,
    verbose: false,
    noColor,
  })
  expect(output.errorColors.red('x')).toBe(env['FORCE_COLOR'] === '1' && !noColor ? '\u001b[31mx\u001b[39m' : 'x')
  return output.colors.red('x') !== 'x'
}

test('uses colors only in a terminal that allows them or with FORCE_COLOR', () => {
  expect(colorsWith({}, true)).toBe(true)
  expect(colorsWith({}, false)).toBe(false)
  expect(colorsWith({}, true, true)).toBe(false)
  expect(colorsWith({ NO_COLOR: '1' }, true)).toBe(false)
  expect(colorsWith({ NO_COLOR: '' }, true)).toBe(true)
  expect(colorsWith({ TERM: 'dumb' }, true)).toBe(false)
  expect(colorsWith({ FORCE_COLOR: '1' }, false)).toBe(true)
})

test('prints only results and warnings with --quiet', () => {
  const stdout = collector()
  const stderr = collector()
  const output = new Output({
    stdout: stdout.stream,
    stderr: stderr.stream,
    env: {},
    json: false,
    quiet: true,
    verbose: false,
    noColor: false,
  })
  output.lines('result')
  output.note('what was done')
  output.progress('working')
  output.warn('careful')
  expect(stdout.text()).toBe('result\n')
  expect(stderr.text()).toBe('warning: careful\n')
})
