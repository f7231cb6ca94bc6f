import type { DataSource } from 'typeorm'
import { placeOf } from '../../src/commands/place'

const at = (options: object, env: Readonly<Record<string, string>> = {}) =>
  placeOf({ options: { type: 'postgres', ...options } } as unknown as DataSource, env)

test.each([
  [{ url: 'postgres://app:secret@db.example:6543/shop' }, 'shop at db.example:6543', false],
  [{ url: 'postgres://app@localhost/shop' }, 'shop at localhost:5432', true],
  [{ url: 'postgres://app@127.0.0.1:5433/shop' }, 'shop at 127.0.0.1:5433', true],
  [{ url: 'postgres://app@[::1]/shop' }, 'shop at ::1:5432', true],
  [{ url: 'postgres:///shop?host=/var/run/postgresql' }, 'shop at /var/run/postgresql:5432', true],
  [{ host: 'db.example', port: 6543, database: 'shop' }, 'shop at db.example:6543', false],
  [{ database: 'shop' }, 'shop at localhost:5432', true],
  [{ url: 'not a url' }, 'a PostgreSQL database', false],
  [{ type: 'better-sqlite3', database: 'data/app.db' }, 'data/app.db', true],
])('%j is %s', (options, name, isLocal) => {
  expect(at(options)).toEqual({ name, isLocal })
})

test('PGHOST completes options without a host', () => {
  expect(at({ database: 'shop' }, { PGHOST: 'db.example' })).toEqual({
    name: 'shop at db.example:5432',
    isLocal: false,
  })
})
