// cspell:ignore geheim notaport
import { isAludelError } from '../../src/errors'
import { parseDatabaseUrl } from '../../src/dialect/database-url'
import { redactUrl } from '../../src/dialect/url-text'

const cwd = '/srv/app'

describe('parseDatabaseUrl', () => {
  test.each([
    ['sqlite:///data/app.db', '/srv/app/data/app.db'],
    ['sqlite:///./data/app.db', '/srv/app/data/app.db'],
    ['sqlite:////var/lib/app.db', '/var/lib/app.db'],
    ['sqlite+aiosqlite:///app.db', '/srv/app/app.db'],
    ['sqlite:///with%20space.db', '/srv/app/with space.db'],
    ['sqlite://', ':memory:'],
    ['sqlite:///', ':memory:'],
    ['sqlite:///:memory:', ':memory:'],
  ])('parses %s as the SQLite database %s', (url, database) => {
    expect(parseDatabaseUrl(url, cwd)).toEqual({ type: 'better-sqlite3', database })
  })

  test.each([
    'postgres://u:p@h:5433/d',
    'postgresql://u:p@h:5433/d',
    'postgresql+psycopg2://u:p@h:5433/d',
    'POSTGRES://u:p@h:5433/d',
  ])('parses %s as a PostgreSQL database', (url) => {
    expect(parseDatabaseUrl(url, cwd)).toEqual({
      type: 'postgres',
      host: 'h',
      port: 5433,
      username: 'u',
      password: 'p',
      database: 'd',
    })
  })

  test('fills in the default host and port', () => {
    expect(parseDatabaseUrl('postgres:///app', cwd)).toEqual({
      type: 'postgres',
      host: 'localhost',
      port: 5432,
      database: 'app',
    })
  })

  test('decodes percent-encoded user, password and database', () => {
    expect(parseDatabaseUrl('postgres://us%40er:p%3Aa%2Fs%25s@h/my%20db', cwd)).toMatchObject({
      username: 'us@er',
      password: 'p:a/s%s',
      database: 'my db',
    })
  })

  test.each([
    ['require', { rejectUnauthorized: false }],
    ['verify-full', true],
    ['disable', undefined],
    ['prefer', undefined],
  ])('maps sslmode=%s to the ssl option %j', (mode, ssl) => {
    expect(parseDatabaseUrl(`postgres://h/d?sslmode=${mode}`, cwd)).toEqual({
      ...parseDatabaseUrl('postgres://h/d', cwd),
      ssl,
    })
  })

  test.each([
    '',
    'app.db',
    '//u:geheim@h/d',
    'mysql://u:geheim@h/d',
    'sqlite:app.db',
    'sqlite:/app.db',
    'sqlite://host/app.db',
    'sqlite://u:geheim@host/app.db',
    'postgres://u:geheim@h',
    'postgres://u:geheim@h:notaport/d',
    'postgres://u:%zz@h/d',
    'postgres://u:geheim@h/d?sslmode=maybe',
  ])('rejects %p without showing the password', (url) => {
    let thrown: unknown
    try {
      parseDatabaseUrl(url, cwd)
    } catch (error) {
      thrown = error
    }
    expect(isAludelError(thrown) && thrown.code).toBe('ALUDEL_DATABASE_URL')
    expect(
      JSON.stringify([String(thrown), (thrown as { help?: string }).help, (thrown as { details?: unknown }).details]),
    ).not.toContain('geheim')
  })
})

describe('redactUrl', () => {
  test.each([
    ['postgres://u:secret@h/d', 'postgres://u:***@h/d'],
    ['postgres://u:se@cr:et@h/d', 'postgres://u:***@h/d'],
    ['//u:secret@h/d', '//u:***@h/d'],
    ['postgres://u@h/d', 'postgres://u@h/d'],
    ['postgres://h/d?password=secret&x=1', 'postgres://h/d?password=***&x=1'],
    ['sqlite:///a.db', 'sqlite:///a.db'],
    ['sqlite:////srv/a:b@c.db', 'sqlite:////srv/a:b@c.db'],
  ])('prints %s as %s', (url, redacted) => {
    expect(redactUrl(url)).toBe(redacted)
  })
})
