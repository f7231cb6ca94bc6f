import { doesLines } from '../../src/output/does'

test('what only reads, and what is about the session, has no line', () => {
  const does = [
    'pragma foreign_keys',
    'select',
    'savepoint a',
    'drop table users',
    'release a',
    'set role to a',
    'settle',
  ]
  expect(doesLines(does)).toEqual(['drop table users', 'settle'])
})

test('long lists are cut, unless all of it is wanted', () => {
  const does = Array.from({ length: 9 }, (_, index) => `create table t${String(index)}`)
  expect(doesLines(does)).toEqual([...does.slice(0, 6), 'and 3 more (-v shows all)'])
  expect(doesLines(does, false)).toEqual(does)
  expect(doesLines(does.slice(0, 7))).toEqual(does.slice(0, 7))
})
