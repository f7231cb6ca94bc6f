import { randomBytes } from 'node:crypto'

import { postgresUrl, queryPostgres } from '../../../../tools/testing/databases'
import { aludel, makeDirectory, removeDirectory, shippedConfig, writeFiles } from './harness'
import { shop } from './shop'
import type { ErrorDocument } from './shop-project'

describe('bad connections', () => {
  let directory: string
  const role = `aludel_bad_${randomBytes(4).toString('hex')}`

  beforeAll(async () => {
    await queryPostgres(`CREATE ROLE "${role}" LOGIN PASSWORD 's3cr3t'`)
    directory = makeDirectory(shop('postgres'))
    writeFiles(directory, { ...shippedConfig, 'text.db': 'this is a text, and no database, '.repeat(100) })
  })

  afterAll(async () => {
    removeDirectory(directory)
    await queryPostgres(`DROP ROLE "${role}"`)
  })

  function postgresWith(change: (url: URL) => void): string {
    const url = new URL(postgresUrl())
    change(url)
    return url.href
  }

  // Each URL that can have a password contains it.
  const cases: [string, () => string, number, string][] = [
    ['a text that is not a URL', () => '//app:s3cr3t@localhost/app', 2, 'ALUDEL_DATABASE_URL'],
    ['an unknown scheme', () => 'mysql://app:s3cr3t@localhost/app', 2, 'ALUDEL_DATABASE_URL'],
    ['a host in a SQLite URL', () => 'sqlite://app:s3cr3t@data/app.db', 2, 'ALUDEL_DATABASE_URL'],
    ['a server that is down', () => 'postgres://app:s3cr3t@127.0.0.1:1/app', 1, 'ALUDEL_CONNECT'],
    ['a host that does not exist', () => 'postgres://app:s3cr3t@nowhere.invalid/app', 1, 'ALUDEL_CONNECT'],
    ['a wrong password', () => postgresWith((url) => (url.password = 's3cr3t')), 1, 'ALUDEL_AUTHENTICATION'],
    [
      'a database that does not exist',
      () =>
        postgresWith((url) =>
          Object.assign(url, { username: role, password: 's3cr3t', pathname: '/aludel_is_not_here' }),
        ),
      1,
      'ALUDEL_DATABASE_MISSING',
    ],
    ['a parameter in a SQLite URL', () => 'sqlite:///text.db?password=s3cr3t', 2, 'ALUDEL_DATABASE_URL'],
    ['a file that is not a database', () => 'sqlite:///text.db', 1, 'ALUDEL_NOT_A_DATABASE'],
  ]

  // With the shipped entities, `current` uses a light connection of its own; with a DataSource, it uses TypeORM's.
  describe.each([
    ['through a connection without a DataSource', []],
    ['through a DataSource', ['--data-source', 'data-source.ts']],
  ])('%s', (_, source) => {
    test.each(cases)('reports %s and prints no password', async (__, url, code, errorCode) => {
      const args = [
        'migrate',
        'current',
        ...source,
        '--revisions',
        'migrations',
        '--database-url',
        url(),
        '--json',
        '--verbose',
      ]
      const ran = await aludel(args, { cwd: directory })
      // The document, the stack and the stacks of the causes.
      expect(ran.stdout + ran.stderr).not.toContain('s3cr3t')
      expect(ran.json<ErrorDocument>().error.code).toBe(errorCode)
      expect(ran.code).toBe(code)
    })
  })

  test('reads DATABASE_URL and hides the password of a wrong one', async () => {
    const ran = await aludel(['migrate', 'current', '--revisions', 'migrations'], {
      cwd: directory,
      env: { DATABASE_URL: 'oracle://app:s3cr3t@db/x' },
    })
    expect(ran).toMatchObject({ code: 2, stderr: expect.stringContaining('oracle') as string })
    expect(ran.stderr).not.toContain('s3cr3t')
  })
})
