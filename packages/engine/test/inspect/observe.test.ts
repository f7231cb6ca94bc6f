import type { ObservedObject } from '../../src/dialect/roles/observer'
import { compareObserved, compareWithEntities, observedWords } from '../../src/inspect/observe'
import { readPatterns } from '../../src/schema/patterns'

function object(text: string, rest: Partial<ObservedObject> = {}): ObservedObject {
  return { name: text, text, declared: text, ...rest }
}

const t = { name: 't' }
const index = (name: string, text: string): ObservedObject =>
  object(`index ${name} ${text}`, { kind: 'index', table: t, name, nameless: `index ${text}` })
const patterns = (...list: readonly string[]) => readPatterns(list, { code: 'ALUDEL_CONFIG', where: 'ignore' })
const nothing = { extra: [], missing: [] }

describe('the comparison of two observed schemas', () => {
  test('has the statements that only one side has, and counts equal ones', () => {
    const [a, b, c] = [object('a'), object('b'), object('c')]
    expect(compareObserved([a, b, b], [c, b, a])).toEqual({ extra: [b], missing: [c] })
    expect(compareObserved([b, a], [a, b])).toEqual(nothing)
  })

  test('ignores the objects that a pattern names, and what belongs to them', () => {
    const left = [
      object('a table', { kind: 'table', table: t, name: 't' }),
      object('a privilege of it', { table: t }),
      index('ix', '(a)'),
      object('a type', { kind: 'enum', name: 's.mood' }),
    ]
    expect(compareObserved(left, [], patterns('table:t', 'enum:s.mood'))).toEqual(nothing)
    expect(compareObserved([], left, patterns('table:t', 'enum:s.mood'))).toEqual(nothing)
    expect(compareObserved(left, [], patterns('index:t.ix')).extra).toHaveLength(3)
  })

  test('lets an extension stay, and reports one that is gone', () => {
    const extension = object('CREATE EXTENSION citext', { kind: 'extension', name: 'citext' })
    expect(compareObserved([extension], [])).toEqual(nothing)
    expect(compareObserved([], [extension])).toEqual({ extra: [], missing: [extension] })
  })

  test('is told in words, what is missing first, and long statements are cut', () => {
    const long = object(`CREATE  VIEW\n${'x'.repeat(400)}`)
    const words = observedWords({ extra: [long], missing: [object('b')] })
    expect(words).toEqual(['missing: b', `extra: CREATE VIEW ${'x'.repeat(148)}…`])
  })
})

describe('the comparison of revisions with entities', () => {
  const options = { isUnmanaged: () => false, isDerived: () => false, isMomentary: () => false }

  test('leaves out what entities cannot declare', () => {
    const settings = object('CREATE TABLE t WITH (fillfactor=70)', { declared: 'CREATE TABLE t' })
    const trigger = object('CREATE TRIGGER', { declared: null })
    expect(compareWithEntities([settings, trigger], [object('CREATE TABLE t')], options)).toEqual(nothing)
  })

  test('accepts another name only if no entity gives it and nothing else differs', () => {
    const [old, derived, other] = [index('old', '(a)'), index('IDX_1', '(a)'), index('IDX_1', '(b)')]
    const isDerived = (_table: unknown, name: string): boolean => name === 'IDX_1'
    expect(compareWithEntities([old], [derived], { ...options, isDerived })).toEqual(nothing)
    expect(compareWithEntities([old], [derived], options)).toEqual({ extra: [old], missing: [derived] })
    expect(compareWithEntities([old], [other], { ...options, isDerived })).toEqual({ extra: [old], missing: [other] })
    // One old name stands for one new one.
    const twice = compareWithEntities([old], [derived, index('IDX_1', '(a)')], { ...options, isDerived })
    expect(twice).toEqual({ extra: [], missing: [derived] })
  })

  test('leaves out unmanaged objects and momentary defaults on both sides', () => {
    const column = object('column t.at default 1', { kind: 'column', table: t, name: 'at' })
    const now = object('column t.at default 2', { kind: 'column', table: t, name: 'at' })
    const mine = index('mine', '(a)')
    const rules = {
      ...options,
      isUnmanaged: patterns('index:t.mine'),
      isMomentary: ({ name }: ObservedObject) => name === 'at',
    }
    expect(compareWithEntities([column, mine], [now, index('mine', '(b)')], rules)).toEqual(nothing)
    expect(compareWithEntities([column], [now], options)).toEqual({ extra: [column], missing: [now] })
  })
})
