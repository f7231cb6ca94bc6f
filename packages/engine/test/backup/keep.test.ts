import { expired } from '../../src/backup/keep'
import type { BackupKind, Manifest } from '../../src/backup/manifest'
import type { StoredBackup } from '../../src/backup/store'
import { ageIn, backupAge } from '../../src/project/ages'
import type { KeepRules } from '../../src/project/backup-settings'

const own: Manifest['database'] = { dialect: 'postgres', name: 'app', serverVersion: '18.1', server: '1' }
const now = Date.parse('2026-11-30T00:00:00Z')
const day = 86_400_000

function backup(daysAgo: number, database = own, kind: BackupKind = 'database'): StoredBackup {
  const id = `${String(daysAgo)} ${database.name} ${kind}`
  const manifest = { id, kind, database, createdAt: new Date(now - daysAgo * day).toISOString() } as unknown as Manifest
  return { state: 'complete', id, path: '', manifest }
}

const removed = (backups: readonly StoredBackup[], rules: KeepRules): string[] =>
  expired(backups, own, rules, now).map(({ id }) => id)
const days = (...ages: number[]): StoredBackup[] => ages.map((age) => backup(age))

test.each<[string, KeepRules, string[]]>([
  ['the newest ones', { count: 2 }, ['40 app database', '3 app database']],
  ['those that are not older', { age: '2d' }, ['40 app database', '3 app database']],
  ['what either rule keeps', { count: 3, age: '1d' }, ['40 app database']],
  ['what either rule keeps, the other way', { count: 1, age: '30d' }, ['40 app database']],
  ['the newest one, however old', { age: '1h' }, ['40 app database', '3 app database', '2 app database']],
  ['all without a rule', {}, []],
])('keeps %s', (_, rules, expected) => {
  expect(removed(days(1, 2, 3, 40), rules)).toEqual(expected)
})

test('counts only backups of the same database', () => {
  const others = [
    { ...own, name: 'other' },
    { ...own, server: '2' },
    { ...own, dialect: 'sqlite' as const },
  ].map((database) => backup(9, database))
  expect(removed([...days(1), ...others], { count: 1 })).toEqual([])
  // A server that does not report its number may be the same.
  const { server: _, ...unknown } = own
  expect(removed([...days(1), backup(5, unknown)], { count: 1 })).toEqual(['5 app database'])
})

test('does not count copies of tables as copies of the database', () => {
  const backups = [backup(1, own, 'tables'), backup(2, own, 'tables'), backup(3), backup(4)]
  expect(removed(backups, { count: 1 })).toEqual(['4 app database', '2 app tables'])
})

test('never names what has no manifest', () => {
  const createdAt = new Date(0)
  const others = (['old', 'unfinished', 'unreadable'] as const).map((state) => ({
    ...{ state, id: state, path: '', bytes: 0, createdAt },
  }))
  expect(removed([...days(1, 2), ...others], { count: 1 })).toEqual(['2 app database'])
})

test.each([
  ['12h', day / 2],
  ['30d', 30 * day],
  ['8 w', 56 * day],
  ['30', undefined],
  ['-1d', undefined],
  ['1.5d', undefined],
  ['d', undefined],
])('an age of %j is %s milliseconds', (text, expected) => {
  expect(ageIn(text, backupAge)).toBe(expected)
})
