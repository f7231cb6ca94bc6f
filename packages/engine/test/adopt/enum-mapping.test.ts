import { keysOf, mapValue } from '../../src/adopt/convert/enum-mapping'

const none = new Map<string, string>()

describe('the value of an enum that another program’s value stands for', () => {
  test.each([
    ['open', ['open', 'OPEN'], { to: 'open' }],
    ['OPEN', ['open', 'done'], { to: 'open' }],
    ['IN_PROGRESS', ['open', 'in_progress'], { to: 'in_progress' }],
    ['IN_PROGRESS', ['open', 'in progress'], { to: 'in progress' }],
    ['InProgress', ['open', 'in-progress'], { to: 'in-progress' }],
    ['ACCEPT_WITH_CONTROLS', ['Accept', 'Accept with Controls'], { to: 'Accept with Controls' }],
  ])('%s of %j is found by its spelling', (value, wanted, mapped) => {
    expect(mapValue(value, wanted, none)).toEqual(mapped)
  })

  test('is found by the key of the declared enum', () => {
    const keys = new Map([
      ['Low', 'l1'],
      ['VeryHigh', 'l2'],
    ])
    expect(mapValue('LOW', ['l1', 'l2'], keys)).toEqual({ to: 'l1' })
    expect(mapValue('VERY_HIGH', ['l1', 'l2'], keys)).toEqual({ to: 'l2' })
  })

  test('is not guessed if several values are spelled alike, or none is', () => {
    expect(mapValue('UP', ['Up', 'up'], none)).toEqual({ candidates: ['Up', 'up'] })
    expect(mapValue('re_do', ['re-do', 'redo'], none)).toEqual({ candidates: ['re-do', 'redo'] })
    expect(mapValue('ON_HOLD', ['open', 'done'], none)).toEqual({ candidates: [] })
    expect(mapValue('', ['open'], none)).toEqual({ candidates: [] })
  })

  test('is preferred by its value to that of a key', () => {
    const keys = new Map([
      ['Open', 'closed'],
      ['Closed', 'open'],
    ])
    expect(mapValue('OPEN', ['open', 'closed'], keys)).toEqual({ to: 'open' })
  })
})

describe('the keys of a declared enum', () => {
  test('are those of the one with the same values', () => {
    const declared = [{ A: 'a', B: 'b' }, { X: 'a' }, { 0: 'A', A: 0 }]
    expect([...keysOf(['b', 'a'], declared)]).toEqual([
      ['A', 'a'],
      ['B', 'b'],
    ])
    expect(keysOf(['c'], declared).size).toBe(0)
  })

  test('are unknown if two enums contradict each other', () => {
    const declared = [
      { One: 'a', Two: 'b' },
      { One: 'b', Two: 'a' },
    ]
    expect(keysOf(['a', 'b'], declared).size).toBe(0)
  })
})
