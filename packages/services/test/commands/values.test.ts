import { entities } from '@aludel/models'
import { allEntities, bytesText } from '../../src/commands/command'
import { countOf, sizeOf, timeBefore, timeOf } from '../../src/commands/values'

const now = new Date('2026-03-29T12:00:00Z')

test.each([
  ['500', 500],
  ['500MB', 500_000_000],
  ['1.5 GiB', 1_610_612_736],
  ['10b', 10],
])('reads the size %s', (text, bytes) => {
  expect(sizeOf('max-bytes', text)).toBe(bytes)
})

test.each([
  ['12h', '2026-03-29T00:00:00.000Z'],
  ['2d', '2026-03-27T12:00:00.000Z'],
])('reads the age %s', (text, time) => {
  expect(timeBefore('older-than', text, now)?.toISOString()).toBe(time)
})

test.each([
  ['2026-03-29', '2026-03-29T00:00:00.000Z'],
  ['2026-03-29T12:00:00+02:00', '2026-03-29T10:00:00.000Z'],
  ['2026-03-29T23:30Z', '2026-03-29T23:30:00.000Z'],
])('reads the time %s', (text, time) => {
  expect(timeOf('from', text)?.toISOString()).toBe(time)
})

test.each([
  ['many', (text: string) => countOf('rows', text)],
  ['0', (text: string) => countOf('rows', text)],
  ['5 apples', (text: string) => sizeOf('max-bytes', text)],
  ['1y', (text: string) => timeBefore('older-than', text, now)],
  ['2026-02-30', (text: string) => timeOf('from', text)],
  ['2026-03-29T12:00:00', (text: string) => timeOf('from', text)],
  ['29.3.2026', (text: string) => timeOf('from', text)],
])('refuses %s', (text, read) => {
  expect(() => read(text)).toThrow(expect.objectContaining({ code: 'ALUDEL_USAGE' }) as Error)
})

test('prints sizes as the other commands do', () => {
  expect([0, 1023, 1024, 1_048_576, 3_500_000].map(bytesText)).toEqual([
    '0 B',
    '1023 B',
    '1.0 KiB',
    '1.0 MiB',
    '3.3 MiB',
  ])
})

test('knows the names of all entities', () => {
  expect(allEntities.toSorted()).toEqual(entities.map(({ name }) => name).toSorted())
})
