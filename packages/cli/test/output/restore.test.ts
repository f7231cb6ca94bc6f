import { createColors } from 'picocolors'

import type { RestorePlan } from '@aludel/engine'

import { restoreLines } from '../../src/output/restore'

const plain = createColors(false)

const plan: RestorePlan = {
  backup: {
    id: '20261130T041500Z-9f3c',
    path: '/project/backups/20261130T041500Z-9f3c.dump',
    kind: 'database',
    createdAt: '2026-11-30T04:15:00.000Z',
    revision: ['aaaaaaaaaaaa'],
    database: 'app',
  },
  database: { dialect: 'postgres', name: 'app' },
  exists: true,
  kept: 'app_before_restore_20261130T041500Z-9f3c',
  tables: [
    { name: 'authors', now: 1200, backup: 1000 },
    { name: 'books', now: 7, backup: 7 },
    { name: 'gone', now: null, backup: 3 },
    { name: 'new', now: 4, backup: null },
  ],
  disconnected: [{ pid: 4711, user: 'web', application: 'shop', client: '10.0.0.7', canBeEnded: true }],
}

test('shows what a restore replaces, what is lost, and who is disconnected', () => {
  expect(restoreLines(plan, plain, '/project').join('\n'))
    .toBe(`restore 20261130T041500Z-9f3c, made 2026-11-30 04:15 UTC, at aaaaaaaaaaaa
  over app (postgres)
  table    rows now  in the backup
  authors     1,200          1,000
  gone         none              3
  new             4           none
  1 table with the same number of rows, which may be others
  disconnects pid 4711 (shop, user web, from 10.0.0.7)
  What it is now is kept: app_before_restore_20261130T041500Z-9f3c`)
})

test('shows what is known of a file, and of a backup of another database', () => {
  const file: RestorePlan = {
    ...plan,
    backup: { id: null, path: '/project/app.db', kind: 'database', createdAt: null, revision: null, database: null },
    database: { dialect: 'sqlite', name: '/project/data/app.db' },
    kept: null,
    tables: [{ name: 'authors', now: 3, backup: null }],
    disconnected: [],
  }
  expect(restoreLines(file, plain, '/project')).toEqual([
    'restore app.db',
    '  over data/app.db (sqlite)',
    '  table    rows now',
    '  authors         3',
    '  What it is now is not kept.',
  ])
  const other: RestorePlan = { ...plan, exists: false, kept: null, tables: [], disconnected: [] }
  expect(restoreLines({ ...other, backup: { ...plan.backup, database: 'production' } }, plain, '/')).toEqual([
    'restore 20261130T041500Z-9f3c, made 2026-11-30 04:15 UTC, at aaaaaaaaaaaa, of the database production',
    '  as app (postgres), which does not exist',
  ])
})
