// cspell:ignore Fpostgresql Frun Fvar cwork sslmod
import { inspect } from 'node:util'

import { isAludelError } from '../../../src/errors'
import { parseDatabaseUrl } from '../../../src/dialect/database-url'
import { targetOf } from '../../../src/dialect/postgres/connection'
import { connectError } from '../../../src/dialect/postgres/errors'
import { urlConnection } from '../../../src/dialect/postgres/shadow-options'

type Environment = Readonly<Record<string, string>>

function parse(url: string, env: Environment = {}): ReturnType<typeof parseDatabaseUrl> {
  return parseDatabaseUrl(url, '/srv/app', env)
}

function refusal(url: string, env: Environment = {}): { readonly message: string; readonly help?: string } {
  try {
    parse(url, env)
  } catch (error) {
    if (isAludelError(error, 'ALUDEL_DATABASE_URL')) return error
    throw error
  }
  throw new Error(`${url} was accepted`)
}

const local = { type: 'postgres', host: 'localhost', port: 5432 }

describe('a PostgreSQL URL', () => {
  test.each([
    'postgres://u:p@h:5433/d',
    'postgresql://u:p@h:5433/d',
    'postgresql+psycopg2://u:p@h:5433/d',
    'POSTGRES://u:p@h:5433/d',
    'postgres:///?host=h&port=5433&user=u&password=p&dbname=d',
    'postgres://?host=h&port=5433&user=u&password=p&dbname=d',
    'postgres://u:p@?host=h&port=5433&dbname=d',
    'postgres://u:p@:5433/d?host=h',
    // libpq prefers the parameters.
    'postgres://x:y@z:1/w?host=h&port=5433&user=u&password=p&dbname=d',
    'postgres://u:p@h:5433/d?target_session_attrs=any&load_balance_hosts=disable&gssencmode=prefer&client_encoding=UTF8',
    'postgres://u:p@h:5433/d?uselibpqcompat=true',
  ])('%s names host, port, user, password and database', (url) => {
    expect(parse(url)).toEqual({ type: 'postgres', host: 'h', port: 5433, username: 'u', password: 'p', database: 'd' })
  })

  test.each([
    ['postgres:///app', { ...local, database: 'app' }],
    ['postgres://:5433/app', { ...local, port: 5433, database: 'app' }],
    ['postgres://[::1]/app', { ...local, host: '::1', database: 'app' }],
    [
      'postgres://u@[2001:db8::1]:5433/app',
      { ...local, host: '2001:db8::1', port: 5433, username: 'u', database: 'app' },
    ],
    ['postgres:///app?host=::1', { ...local, host: '::1', database: 'app' }],
    ['postgres:///app?host=/cloudsql/p:r:i', { ...local, host: '/cloudsql/p:r:i', database: 'app' }],
    [
      'postgres://u:p@/app?host=/cloudsql/p:r:i',
      { ...local, host: '/cloudsql/p:r:i', username: 'u', password: 'p', database: 'app' },
    ],
    [
      'postgres://u:p@localhost/app?host=/cloudsql/x',
      { ...local, host: '/cloudsql/x', username: 'u', password: 'p', database: 'app' },
    ],
    ['postgres://%2Fvar%2Frun%2Fpostgresql/app', { ...local, host: '/var/run/postgresql', database: 'app' }],
    ['postgres://h/a%2Fb%20c d', { ...local, host: 'h', database: 'a/b c d' }],
    [
      'postgres://us%40er:p%3Aa%2Fs%25s@h/d',
      { ...local, host: 'h', username: 'us@er', password: 'p:a/s%s', database: 'd' },
    ],
    ['postgres://u:a%2Fb c@h/d', { ...local, host: 'h', username: 'u', password: 'a/b c', database: 'd' }],
    ['postgres://u:a@b:c@h/d', { ...local, host: 'h', username: 'u', password: 'a@b:c', database: 'd' }],
    ['postgres:///d?application_name=me@work', { ...local, applicationName: 'me@work', database: 'd' }],
    ['postgres:///d?fallback_application_name=app', { ...local, applicationName: 'app', database: 'd' }],
    ['postgres:///d?connect_timeout=10', { ...local, connectTimeoutMS: 10_000, database: 'd' }],
    ['postgres:///d?connect_timeout=-1', { ...local, connectTimeoutMS: 0, database: 'd' }],
    ['postgres:///d?keepalives=0', { ...local, extra: { keepAlive: false }, database: 'd' }],
    [
      'postgres:///d?keepalives_idle=30',
      { ...local, extra: { keepAlive: true, keepAliveInitialDelayMillis: 30_000 }, database: 'd' },
    ],
    ['postgres:///d?options=-csearch_path%3Dapp', { ...local, extra: { options: '-csearch_path=app' }, database: 'd' }],
    ['postgres:///d?channel_binding=prefer', { ...local, extra: { enableChannelBinding: true }, database: 'd' }],
  ])('%s has the meaning of libpq', (url, options) => {
    expect(parse(url)).toEqual(options)
  })

  test.each([
    ['postgres://a:1,b:2/d', /^the database URL names several hosts/],
    ['postgres://a,b/d', /^the database URL names several hosts/],
    ['postgres:///d?host=a,b', /^host in the database URL names several hosts/],
    ['postgres://::1/d', /more than one ":"/],
    ['postgres://u:p:5432/d', /more than one ":"/],
    ['postgres://h:x/d', /^port in the database URL must be a whole number from 1 to 65535$/],
    ['postgres://h:0/d', /^port .* must be/],
    ['postgres://h:65536/d', /^port .* must be/],
    ['postgres://h/d?port=5432x', /^port .* must be/],
    ['postgres://h/d?connect_timeout=soon', /^connect_timeout in the database URL must be a whole number of seconds$/],
    ['postgres://h/d?connect_timeout=1.5', /^connect_timeout .* must be/],
    ['postgres://h/d?connect_timeout=', /^connect_timeout .* must be/],
    ['postgres://h/d?keepalives=yes', /^keepalives .* must be one of 0, 1$/],
    ['postgres://h/d?keepalives_idle=-1', /^keepalives_idle .* must be a whole number from 0/],
    ['postgres://h/d?sslmode=maybe', /^sslmode .* must be one of disable, allow/],
    ['postgres://h/d?ssl=maybe', /^ssl .* must be one of/],
    ['postgres://h/d?ssl=true&sslmode=require', /both ssl and sslmode/],
    ['postgres://h/d?target_session_attrs=read-write', /^target_session_attrs .* must be any$/],
    ['postgres://h/d?load_balance_hosts=random', /^load_balance_hosts .* must be disable$/],
    ['postgres://h/d?channel_binding=require', /^channel_binding .* must be one of disable, prefer$/],
    ['postgres://h/d?client_encoding=latin1', /^client_encoding .* must be/],
    ['postgres://h/d?schema=app', /a parameter that is not understood: schema$/],
    ['postgres://h/d?hostaddr=1.2.3.4', /a parameter that is not understood: hostaddr$/],
    ['postgres://h/d?sslmod=require', /a parameter that is not understood: sslmod$/],
    ['postgres://h/d?toString=1', /a parameter that is not understood: toString$/],
    ['postgres://u:%zz@h/d', /a "%" in the database URL/],
    ['postgres://u:%ff@h/d', /a "%" in the database URL/],
    ['postgres://h/%e4', /a "%" in the database URL/],
    ['postgres://u:p#w@h/d', /contains a "#"/],
    ['postgres://u:1/w@h/d', /contains an "@" after its host/],
    ['postgres://u:1?w@h/d', /contains an "@" after its host/],
    ['postgres://a<b/d', /^not a valid PostgreSQL URL$/],
    ['postgres://h', /no database name/],
  ])('%s is refused: %s', (url, message) => {
    expect(refusal(url).message).toMatch(message)
  })

  test('names the way out for a parameter that is not understood, or those that are, and neither for a wrong value', () => {
    expect(refusal('postgres://h/d?schema=app').help).toMatch(/^Set `schema` of the DataSource.*NAME$/)
    expect(refusal('postgres://h:99999/d').help).toBeUndefined()
    expect(refusal('postgres://h/d?other=app').help).toMatch(/^Parameters that are understood: host, port/)
  })
})

describe('the environment of libpq', () => {
  const env = {
    PGHOST: 'eh',
    PGPORT: '6000',
    PGUSER: 'eu',
    PGPASSWORD: 'ep',
    PGDATABASE: 'ed',
    PGAPPNAME: 'ea',
    PGCONNECT_TIMEOUT: '7',
    PGOPTIONS: '-cwork_mem=8MB',
    PGSSLMODE: 'require',
  }

  test('replaces every part that a URL lacks', () => {
    expect(parse('postgres://', env)).toEqual({
      type: 'postgres',
      host: 'eh',
      port: 6000,
      username: 'eu',
      password: 'ep',
      database: 'ed',
      applicationName: 'ea',
      connectTimeoutMS: 7000,
      extra: { options: '-cwork_mem=8MB' },
      ssl: { rejectUnauthorized: false },
    })
  })

  test('replaces nothing that a URL has', () => {
    const url = 'postgres://u:p@h:1/d?application_name=a&connect_timeout=0&options=-cx%3D1&sslmode=disable'
    expect(parse(url, env)).toEqual(parse(url))
  })

  test('replaces only what is missing', () => {
    expect(parse('postgres://u@h/d', { PGUSER: 'eu', PGPASSWORD: 'e@p/x', PGDATABASE: '', PGHOST: 'eh' })).toEqual({
      ...local,
      host: 'h',
      username: 'u',
      password: 'e@p/x',
      database: 'd',
    })
  })

  test.each([
    ['PGPORT', 'x', /^the environment variable PGPORT must be a whole number/],
    ['PGSSLMODE', 'maybe', /^the environment variable PGSSLMODE must be one of/],
    ['PGHOST', 'a,b', /^the environment variable PGHOST names several hosts/],
    ['PGCONNECT_TIMEOUT', 'soon', /^the environment variable PGCONNECT_TIMEOUT must be/],
  ])('is checked too: %s=%s', (name, value, message) => {
    expect(refusal('postgres:///d', { [name]: value }).message).toMatch(message)
    expect(parse('postgres://h:1/d?sslmode=disable&connect_timeout=1', { [name]: value })).toMatchObject({ host: 'h' })
  })
})

describe('the URL of a shadow server', () => {
  test('is read like a database URL, but needs no database', () => {
    const url = 'postgresql+asyncpg://u:p%40@[::1]:5433/d?sslmode=disable&connect_timeout=3'
    const { type: _type, ...connection } = parse(url) as { readonly type: string }
    expect(urlConnection(url)).toEqual(connection)
    expect(urlConnection('postgres://h')).toMatchObject({ host: 'h', port: 5432 })
  })

  test.each([
    'postgres://h/d?sslmode=maybe',
    'postgres://h/d?sslmod=require',
    'postgres://h/d?schema=x',
    'sqlite:///x',
    'x',
  ])('is refused if it is %s', (url) => {
    expect(() => urlConnection(url)).toThrow(expect.objectContaining({ code: 'ALUDEL_DATABASE_URL' }) as Error)
  })
})

test.each([
  ['postgres://u@[::1]:5433/d', '::1'],
  ['postgres:///d?host=/run/x&port=5433&user=u', '/run/x'],
  ['postgres://u:secret@/d?host=/run/x&port=5433', '/run/x'],
  ['pg://u:secret@H.example:5433/d', 'H.example'],
])('an error about a DataSource with the url %s names its place and no password', (url, host) => {
  expect(targetOf({ type: 'postgres', url })).toEqual({ host, port: 5433, user: 'u', database: 'd' })
  const error = connectError(new Error('refused with secret'), { type: 'postgres', url })
  expect(error.code).toBe('ALUDEL_CONNECT')
  if (url.includes('secret')) expect(inspect(error)).not.toMatch('secret')
})

test.each([
  'postgres://u:p/secret',
  'postgres://u:1/secret@h/d',
  'postgres:u:secret@h/d',
  '//u:secret@h/d',
  'postgres://u:p#secret@h/d',
])('the url %s of a DataSource is reported as malformed, whatever the driver made of it', (url) => {
  const error = connectError(new Error('connect ECONNREFUSED secret'), { type: 'postgres', url })
  expect(error).toMatchObject({
    code: 'ALUDEL_DATABASE_URL',
    message: expect.stringMatching(/^the url of the DataSource cannot be used: /) as string,
  })
  expect(inspect(error)).not.toMatch('secret')
})

test('the parser of PostgreSQL URLs is loaded only for such a URL', () => {
  jest.isolateModules(() => {
    const load = jest.fn(() => jest.requireActual<object>('pg-connection-string'))
    jest.doMock('pg-connection-string', load)
    // eslint-disable-next-line @typescript-eslint/no-require-imports
    const fresh = require('../../../src/index') as object
    expect(fresh).toHaveProperty('Migrator')
    // eslint-disable-next-line @typescript-eslint/no-require-imports
    const { parseDatabaseUrl: parseFresh } = require('../../../src/dialect/database-url') as {
      parseDatabaseUrl: typeof parseDatabaseUrl
    }
    parseFresh('sqlite:///x.db', '/', {})
    expect(load).not.toHaveBeenCalled()
    parseFresh('postgres:///d', '/', {})
    expect(load).toHaveBeenCalledTimes(1)
  })
})
