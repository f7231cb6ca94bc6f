import { atMostOne, eitherRevision, parseDuration } from '../src/arguments'

test.each([
  ['500ms', 500],
  ['30s', 30_000],
  ['1.5s', 1500],
  ['2m', 120_000],
  ['1h', 3_600_000],
  ['7', 7000],
  ['0', 0],
])('parses the duration %s as %d ms', (text, expected) => {
  expect(parseDuration('lock-timeout', text)).toBe(expected)
})

test.each(['', 'soon', '-5s', '5 s', '1d', '5ss', 'Infinity'])('rejects %p as a duration', (text) => {
  expect(() => parseDuration('lock-timeout', text)).toThrow(expect.objectContaining({ code: 'ALUDEL_USAGE' }))
})

test('accepts a revision as an argument or as an option, but not as both', () => {
  expect(eitherRevision('head', undefined)).toBe('head')
  expect(eitherRevision(undefined, '-1')).toBe('-1')
  expect(eitherRevision(undefined, undefined)).toBeUndefined()
  expect(() => eitherRevision('head', 'head')).toThrow('given twice')
})

test('rejects options that exclude each other', () => {
  expect(() => atMostOne({ sql: true, plan: false })).not.toThrow()
  expect(() => atMostOne({ sql: true, plan: true })).toThrow('--sql and --plan cannot be combined')
})
