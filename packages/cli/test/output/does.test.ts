import { doesLines } from '../../src/output/does'

test('the statements that rebuild a table are one line', () => {
  const rebuild = [
    'pragma foreign_keys',
    'select',
    'create table aludel_new_users',
    'insert into aludel_new_users',
    'drop table users',
    'rename table aludel_new_users to users',
    'create index ix_users_name on users',
  ]
  expect(doesLines(rebuild)).toEqual(['rebuild table users, with its rows', 'create index ix_users_name on users'])
  expect(doesLines(['drop table users'])).toEqual(['drop table users'])
})

test('long lists are cut, unless all of it is wanted', () => {
  const does = Array.from({ length: 9 }, (_, index) => `create table t${String(index)}`)
  expect(doesLines(does)).toEqual([...does.slice(0, 6), 'and 3 more (-v shows all)'])
  expect(doesLines(does, false)).toEqual(does)
  expect(doesLines(does.slice(0, 7))).toEqual(does.slice(0, 7))
})
