import { bytes, clock, count, duration, fileName, list, sentence, short, thousands } from '../../page/src/model/format'

test('a count has the right form of its noun', () => {
  expect([count(0, 'step'), count(1, 'step'), count(10_000, 'step'), count(2, 'entry', 'entries')]).toEqual([
    '0 steps',
    '1 step',
    '10,000 steps',
    '2 entries',
  ])
})

test('large numbers are shortened without becoming 1000 of a unit', () => {
  expect(
    [9_999, 10_000, 28_411, 999_499, 999_500, 3_204_118, 999_499_999, 999_500_000, 1_204_000_000].map(short),
  ).toEqual(['9,999', '10k', '28.4k', '999k', '1M', '3.2M', '999M', '1B', '1.2B'])
  expect(thousands(1_234_567)).toBe('1,234,567')
})

test('sizes are in powers of 1000, with two or three digits', () => {
  expect([0, 999, 1_000, 15_728_640, 999_499, 999_500, 4_305_125_376, 5e15].map(bytes)).toEqual([
    '0 B',
    '999 B',
    '1 kB',
    '15.7 MB',
    '999 kB',
    '1 MB',
    '4.3 GB',
    '5 PB',
  ])
})

test('durations have one or two units', () => {
  expect(
    [0.2, 12, 999.4, 999.6, 1_430, 9_949, 9_950, 41_000, 59_499, 60_000, 200_000, 3_600_000, 7_500_000].map(duration),
  ).toEqual([
    '< 1 ms',
    '12 ms',
    '999 ms',
    '1.0 s',
    '1.4 s',
    '9.9 s',
    '10 s',
    '41 s',
    '59 s',
    '1 min',
    '3 min 20 s',
    '1 h',
    '2 h 5 min',
  ])
})

test('a clock counts seconds, and is not negative if two clocks differ', () => {
  expect([-5_000, 7_400, 760_000, 3_723_000].map(clock)).toEqual(['0:00', '0:07', '12:40', '1:02:03'])
})

test('a sentence begins with an upper case letter, unless it begins with a name', () => {
  expect(sentence('the plan has changed')).toBe('The plan has changed')
  expect(sentence('3f9c1b7a2d40 was edited')).toBe('3f9c1b7a2d40 was edited')
  expect(sentence('e5c634674c2d was edited')).toBe('e5c634674c2d was edited')
  expect(sentence('orders.total is gone')).toBe('orders.total is gone')
  expect(sentence('order_items is gone')).toBe('order_items is gone')
  expect(sentence('')).toBe('')
})

test('a list names a few, and counts the rest', () => {
  expect([list([]), list(['a']), list(['a', 'b']), list(['a', 'b', 'c']), list(['a', 'b', 'c', 'd'])]).toEqual([
    '',
    'a',
    'a and b',
    'a, b and c',
    'a, b and 2 more',
  ])
})

test('the name of a file is the last part of its path, on every system', () => {
  expect([fileName('/var/lib/shop.db'), fileName('C:\\data\\shop.db'), fileName('shop')]).toEqual([
    'shop.db',
    'shop.db',
    'shop',
  ])
})
