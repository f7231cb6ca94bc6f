// cspell:ignore Fmark
import { isAludelError } from '../../src/errors'
import { parseDatabaseUrl } from '../../src/dialect/database-url'

const cwd = '/srv/app'

function parse(url: string): ReturnType<typeof parseDatabaseUrl> {
  return parseDatabaseUrl(url, cwd, {})
}

function refusal(url: string): { readonly message: string; readonly help?: string } {
  try {
    parse(url)
  } catch (error) {
    if (isAludelError(error, 'ALUDEL_DATABASE_URL')) return error
    throw error
  }
  throw new Error(`${url} was accepted`)
}

describe('parseDatabaseUrl', () => {
  test.each([
    ['sqlite:///data/app.db', '/srv/app/data/app.db'],
    ['sqlite:///./data/app.db', '/srv/app/data/app.db'],
    ['sqlite:////var/lib/app.db', '/var/lib/app.db'],
    ['sqlite+aiosqlite:///app.db', '/srv/app/app.db'],
    ['sqlite:///with%20space.db', '/srv/app/with space.db'],
    ['sqlite:///with%3Fmark.db', '/srv/app/with?mark.db'],
    ['sqlite://', ':memory:'],
    ['sqlite:///', ':memory:'],
    ['sqlite:///:memory:', ':memory:'],
    ['sqlite:///app.db?check_same_thread=false', '/srv/app/app.db'],
  ])('parses %s as the SQLite database %s', (url, database) => {
    expect(parse(url)).toEqual({ type: 'better-sqlite3', database })
  })

  test('ignores the line break at the end of a file that contains the URL', () => {
    expect(parse('sqlite:///app.db\n')).toEqual(parse('sqlite:///app.db'))
    expect(parse(' postgres://h/d\r\n')).toEqual(parse('postgres://h/d'))
  })

  test.each(['sqlite:///app.db?mode=ro', 'sqlite:///app.db?check_same_thread=maybe', 'sqlite:///app.db?timeout=5'])(
    'refuses the parameter of %s instead of ignoring it',
    (url) => {
      expect(refusal(url).message).toBe('a SQLite URL has no parameters, but a "?" follows the file')
    },
  )

  test.each([
    ['', 'the database URL has no scheme'],
    ['app.db', 'the database URL has no scheme'],
    ['u:p@h/d', 'the database URL has no scheme'],
    ['mysql://u:p@h/d', 'unknown scheme "mysql" in the database URL'],
    ['sqlite:app.db', 'a SQLite URL needs two slashes after the colon'],
    ['sqlite:/app.db', 'a SQLite URL needs two slashes after the colon'],
    ['sqlite://host/app.db', 'a SQLite URL has no host: something is between its second and third slash'],
    ['postgres:/u:p@h/d', 'a PostgreSQL URL begins with postgres://'],
    ['postgres://u:p@h', 'the database URL has no database name'],
  ])('reports of %p: %s', (url, message) => {
    expect(refusal(url).message).toBe(message)
  })

  test.each(['host=h password=p dbname=d', "password = 'a b' host=h", 'dbname=d'])(
    'recognizes the libpq connection string %p and shows the form of a URL',
    (text) => {
      const { message, help } = refusal(text)
      expect(message).toMatch(/a connection string of libpq/)
      expect(help).toMatch('postgres://USER:PASSWORD@HOST:PORT/DBNAME')
    },
  )
})
