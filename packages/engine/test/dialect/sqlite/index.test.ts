import { loadDialect } from '../../../src/dialect/registry'
import { sqlite } from '../../../src/dialect/sqlite'

describe('the sqlite dialect', () => {
  test('is returned by loadDialect', () => {
    expect(loadDialect('sqlite')).toBe(sqlite)
    expect(sqlite.name).toBe('sqlite')
    expect(sqlite.connection.driverTypes).toEqual(['better-sqlite3', 'sqlite'])
  })
})
