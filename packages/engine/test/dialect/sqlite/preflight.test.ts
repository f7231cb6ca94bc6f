import { AludelError } from '../../../src/errors'
import { judgeSpace, preflight } from '../../../src/dialect/sqlite/preflight'
import { Databases } from './support'

const databases = new Databases()
afterAll(() => databases.dispose())

const megabyte = 1024 * 1024

test('judgeSpace refuses a full disk, warns about little space, and is silent otherwise', () => {
  expect(() => judgeSpace(megabyte - 1, 0, '/data')).toThrow(AludelError)
  expect(() => judgeSpace(megabyte - 1, 0, '/data')).toThrow(/the disk of "\/data" is full: 1\.0 MB free/)
  expect(judgeSpace(9 * megabyte, 0, '/data')).toMatch(/9\.0 MB free/)
  expect(judgeSpace(200 * megabyte, 300 * megabyte, '/data')).toMatch(/the database has 300\.0 MB/)
  expect(judgeSpace(10 * megabyte, 0, '/data')).toBeUndefined()
  expect(judgeSpace(300 * megabyte, 300 * megabyte, '/data')).toBeUndefined()
})

test('preflight accepts a database on disk and one in memory', async () => {
  const options = {
    historyTable: 'migrations',
    journalTable: 'aludel_journal',
    lock: 'session',
    statements: () => Promise.resolve([]),
    warn: () => undefined,
  } as const
  for (const dataSource of [await databases.with('CREATE TABLE t (a)'), await databases.open({ database: ':memory:' })])
    await preflight(dataSource.createQueryRunner(), options)
})
