import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'

import type {
  CheckResult,
  CreateResult,
  CurrentResult,
  PlanResult,
  RevisionsResult,
  RunResult,
  SqlResult,
  StampResult,
  VerifyResult,
} from '@aludel/engine'

import {
  aludel,
  dialects,
  makeDatabase,
  makeDirectory,
  postgresUrl,
  type Ran,
  removeDirectory,
  type RunOptions,
  type TestDatabase,
  writeFiles,
} from './harness'
import { ids, revision, run, shop, user } from './shop'

interface ErrorDocument {
  readonly error: { readonly code: string; readonly message: string; readonly help?: string; readonly details: object }
}

describe.each(dialects)('aludel migrate on %s', (dialect) => {
  let directory: string
  let database: TestDatabase

  beforeEach(async () => {
    directory = makeDirectory(shop(dialect))
    database = await makeDatabase(dialect)
  })

  afterEach(async () => {
    await database.drop()
    removeDirectory(directory)
  })

  function migrate(words: string, options: Partial<RunOptions> = {}): Promise<Ran> {
    return aludelHere(['migrate', ...words.split(' ')], options)
  }

  function aludelHere(args: readonly string[], options: Partial<RunOptions> = {}): Promise<Ran> {
    return aludel([...args, '--data-source', 'data-source.ts', '--database-url', database.url], {
      cwd: directory,
      ...options,
    })
  }

  async function succeeds(words: string): Promise<Ran> {
    const ran = await migrate(words)
    if (ran.code !== 0) throw new Error(`${words} ended with ${String(ran.code)}:\n${ran.stdout}\n${ran.stderr}`)
    return ran
  }

  async function tables(): Promise<string[]> {
    const rows = await database.query(
      dialect === 'sqlite'
        ? "SELECT name FROM sqlite_master WHERE type = 'table'"
        : "SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'",
    )
    return rows.map(({ name }) => String(name)).filter((name) => name === 'users' || name === 'posts')
  }

  test('from an empty database to head and back', async () => {
    const before = await migrate('current --json')
    expect(before.code).toBe(0)
    expect(before.json<CurrentResult>()).toMatchObject({
      current: [],
      heads: [ids.posts],
      pending: 3,
      upToDate: false,
      database: { dialect },
    })
    expect((await migrate('current --check-heads')).code).toBe(3)

    const first = (await succeeds('upgrade +1 --json')).json<RunResult>()
    expect(first).toMatchObject({ direction: 'upgrade', from: [], to: [ids.users], backup: null })
    expect(first.steps).toEqual([
      { revision: ids.users, message: 'users', direction: 'upgrade', durationMs: expect.any(Number) as number },
    ])

    const human = await succeeds('upgrade')
    expect(human.stdout).toMatch(/✓ {2}bbbb11112222 {2}email of users +\d/)
    expect(human.stdout).toContain('Applied 2 revisions in')
    expect((await tables()).sort()).toEqual(['posts', 'users'])
    expect((await migrate('current --check-heads')).stdout).toBe(`${ids.posts} (head)\n`)

    const nothing = await succeeds('upgrade --json')
    expect(nothing.json<RunResult>().steps).toEqual([])

    const history = (await succeeds('history -i --json')).json<RevisionsResult>()
    expect(history.revisions.map((entry) => [entry.revision, entry.applied, entry.isCurrent, entry.isHead])).toEqual([
      [ids.posts, true, true, true],
      [ids.email, true, false, false],
      [ids.users, true, false, false],
    ])
    expect(
      (await succeeds('history -r -2:current --json')).json<RevisionsResult>().revisions.map((entry) => entry.revision),
    ).toContain(ids.posts)

    const down = (await succeeds('downgrade -1 --yes --json')).json<RunResult>()
    expect(down).toMatchObject({ direction: 'downgrade', from: [ids.posts], to: [ids.email] })
    expect(await tables()).toEqual(['users'])
    expect((await succeeds('downgrade base -y')).stdout).toContain('Undid 2 revisions')
    expect(await tables()).toEqual([])
  })

  test('looking at revisions needs no database', async () => {
    await database.drop()
    const history = await succeeds('history')
    expect(history.stdout.split('\n').map((line) => line.trimEnd())).toEqual([
      'cccc11112222  posts           2023-11-14 22:13  (head)',
      'bbbb11112222  email of users  2023-11-14 22:13',
      'aaaa11112222  users           2023-11-14 22:13',
      '',
    ])
    expect((await succeeds('heads --json')).json<{ heads: object[] }>().heads).toEqual([
      {
        revision: ids.posts,
        down: [ids.email],
        dependsOn: [],
        branchLabels: [],
        message: 'posts',
        name: 'Posts1700000000003',
        createdAt: '2023-11-14T22:13:20.003Z',
        path: path.join(directory, 'migrations/1700000000003-posts.ts'),
        applied: null,
        isHead: true,
        isCurrent: false,
        isBranchPoint: false,
        isMergePoint: false,
      },
    ])
    expect((await succeeds('show bbbb')).stdout).toMatch(/message +email of users\n/)
    expect((await succeeds('branches --json')).json()).toEqual({ revisions: [] })
    expect((await succeeds('upgrade base:head --sql')).stdout).toContain('CREATE TABLE "users"')
  })

  test('a downgrade is shown, and refused where nobody agrees', async () => {
    await succeeds('upgrade')
    const refused = await migrate('downgrade')
    expect(refused.code).toBe(4)
    expect(refused.stdout).toBe('')
    expect(refused.stderr).toMatch(/^error: .* \[ALUDEL_CONFIRMATION\]$/m)
    expect(refused.stderr).toContain(ids.posts)
    expect(refused.stderr).toContain('--yes')
    expect((await tables()).sort()).toEqual(['posts', 'users'])

    const document = await migrate('downgrade --json --no-input')
    expect(document.json<ErrorDocument>().error.code).toBe('ALUDEL_CONFIRMATION')
    expect(document.stderr).toBe('')

    const plan = (await succeeds('downgrade --plan --json')).json<PlanResult>()
    expect(plan.steps).toHaveLength(1)
    expect(plan.steps[0]).toMatchObject({ revision: ids.posts, transactional: true, sql: ['DROP TABLE "posts"'] })
    expect(plan.steps[0]?.destroys.join()).toContain('posts')
    expect((await succeeds('downgrade --plan')).stdout).toContain('loses')
  })

  test('--sql prints and writes nothing', async () => {
    const { statements } = (await succeeds('upgrade --sql --json')).json<SqlResult>()
    expect(statements.join('\n')).toContain('CREATE TABLE "users"')
    expect(await tables()).toEqual([])
    const script = (await succeeds('upgrade --sql')).stdout
    // Each script names its own run.
    const anonymous = (text: string): string => text.replace(/'[0-9a-f-]{36}'/g, 'RUN')
    expect(anonymous(script)).toBe(anonymous(`${statements.join('\n')}\n`))
    expect((await migrate('upgrade --sql --plan')).code).toBe(2)
  })

  test('what a revision prints does not end up in the document', async () => {
    writeFiles(directory, {
      'migrations/1700000000004-loud.ts': revision({
        name: 'Loud1700000000004',
        id: 'dddd11112222',
        down: `'${ids.posts}'`,
        message: 'loud',
        up: "console.log('LOUD'); process.stdout.write('LOUDER')",
        undo: '',
      }),
    })
    const ran = await succeeds('upgrade --json')
    expect(ran.json<RunResult>().steps).toHaveLength(4)
    expect(ran.stderr).toContain('LOUD\nLOUDER')
  })

  test('create: nothing changed, something changed, nothing written', async () => {
    expect((await succeeds('create same --json')).json<CreateResult>()).toEqual({
      created: null,
      operations: [],
      destroys: [],
      sql: {},
    })
    expect((await succeeds('check --json')).json<CheckResult>()).toEqual({
      clean: true,
      operations: [],
      database: null,
    })

    writeFiles(directory, { 'entities/user.ts': user("@Column({ type: 'integer', nullable: true }) age?: number") })
    const check = await migrate('check --json')
    expect(check.code).toBe(3)
    expect(check.json<CheckResult>()).toMatchObject({
      clean: false,
      operations: [{ op: 'addColumn', table: 'users', name: 'age', destroys: false, dialects: [dialect] }],
    })
    expect((await migrate('check')).stdout).toContain('add column users.age')

    const before = readdirSync(path.join(directory, 'migrations'))
    const preview = (await succeeds('create age --sql --json')).json<CreateResult>()
    expect(preview.created).toBeNull()
    expect(preview.sql[dialect]?.up.join()).toContain('"age"')
    expect(readdirSync(path.join(directory, 'migrations'))).toEqual(before)

    const ran = await aludelHere(['migrate', 'create', 'add age to users', '--json'])
    expect(ran.code).toBe(0)
    const { created, destroys } = ran.json<CreateResult>()
    expect(destroys).toEqual([])
    expect(readFileSync(created?.path ?? '', 'utf8')).toContain(`downRevision = '${ids.posts}'`)
    expect((await migrate('check')).code).toBe(0)
    await succeeds('upgrade')
    const live = await succeeds('check --database --json')
    expect(live.json<CheckResult>().database).toEqual({ clean: true, operations: [] })
    await database.query('ALTER TABLE "users" ADD COLUMN "byhand" integer')
    const drift = await migrate('check --database')
    expect(drift.code).toBe(3)
    expect(drift.stdout).toContain('users.byhand')
  })

  test('create asks about renames and losses, and refuses where it can not', async () => {
    writeFiles(directory, {
      'entities/user.ts': user('', "@Column({ type: 'varchar', length: 100, nullable: true }) mail?: string"),
    })
    const question = await migrate('create mail --yes')
    expect(question.code).toBe(4)
    expect(question.stderr).toMatch(/^error: .* \[ALUDEL_RENAME_QUESTION\]$/m)
    expect(question.stderr).toContain('--rename users.email=mail')
    expect(question.stderr).toContain('--no-rename users.email')

    const loss = await migrate('create mail --no-rename users.email')
    expect(loss.code).toBe(4)
    expect(loss.stderr).toContain('[ALUDEL_CONFIRMATION]')

    const dropped = await succeeds('create mail --no-rename users.email --yes --sql --json')
    expect(
      dropped
        .json<CreateResult>()
        .operations.map(({ op }) => op)
        .sort(),
    ).toEqual(['addColumn', 'dropColumn'])
    const renamed = await succeeds('create mail --rename users.email=mail --json')
    expect(renamed.json<CreateResult>()).toMatchObject({ operations: [{ op: 'renameColumn' }], destroys: [] })
  })

  test('an empty revision, with everything that can be said about it', async () => {
    const ran = await succeeds(
      `create data --no-autogenerate --head ${ids.users} --splice --rev-id 0123456789ab --branch-label side --depends-on ${ids.email} --json`,
    )
    expect(ran.json<CreateResult>().created?.revision).toBe('0123456789ab')
    const shown = (await succeeds('show side@head --json')).json<RevisionsResult>()
    expect(shown.revisions).toMatchObject([
      { revision: '0123456789ab', down: [ids.users], branchLabels: ['side'], dependsOn: [ids.email] },
    ])
    expect((await succeeds('branches')).stdout).toContain('(branchpoint)')

    const ambiguous = await migrate('upgrade')
    expect(ambiguous.code).toBe(2)
    expect(ambiguous.stderr).toContain('[ALUDEL_MULTIPLE_HEADS]')
    await succeeds('upgrade heads')
    expect((await succeeds('merge heads -m join --json')).json<CreateResult>().created).not.toBeNull()
    expect((await succeeds('history')).stdout).toContain('(mergepoint)')
    await succeeds('upgrade')
    expect((await succeeds('current --json')).json<CurrentResult>()).toMatchObject({ pending: 0, upToDate: true })
  })

  test('a database that is ahead of the files is one warning, however far it is ahead', async () => {
    await succeeds('upgrade')
    for (let index = 0; index < 5; index++) {
      await database.query(
        `INSERT INTO "migrations" ("timestamp", "name") VALUES (${String(index)}, 'Gone${String(index)}')`,
      )
    }
    const current = await succeeds('current')
    expect(current.stdout).toBe(`${ids.posts} (head)\n`)
    expect(current.stderr).toBe(
      'warning: the database has what no revision file has: Gone0, Gone1, Gone2 and 2 others\n',
    )
    expect((await succeeds('current --json')).json<CurrentResult>().unknown).toHaveLength(5)
    const refused = await migrate('downgrade --yes')
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('[ALUDEL_UNKNOWN_APPLIED]') as string })
  })

  test('stamp', async () => {
    const refused = await migrate('stamp head')
    expect(refused.code).toBe(4)
    expect(refused.stderr).toContain('[ALUDEL_STAMP_MISMATCH]')
    expect((await succeeds('stamp head --force --json')).json<StampResult>()).toEqual({ from: [], to: [ids.posts] })
    expect((await succeeds('stamp base --sql')).stdout).toContain('DELETE FROM')
    expect((await succeeds('stamp base --purge')).stdout).toContain('Nothing was run')
    expect((await succeeds('current --json')).json<CurrentResult>().current).toEqual([])
  })

  test('verify: a down that does not restore is an answer', async () => {
    const good = await succeeds('verify --json')
    expect(good.json<VerifyResult>().revisions).toEqual(
      [ids.users, ids.email, ids.posts].map((id) => ({ revision: id, dialect, up: 'ok', down: 'ok', message: '' })),
    )
    writeFiles(directory, {
      'migrations/1700000000004-oneway.ts': revision({
        name: 'OneWay1700000000004',
        id: 'dddd11112222',
        down: `'${ids.posts}'`,
        message: 'one way',
        up: run('CREATE TABLE "extra" ("id" integer)'),
        undo: '',
      }),
    })
    const bad = await migrate('verify head:head')
    expect(bad.code).toBe(3)
    expect(bad.stdout).toMatch(/dddd11112222 +(sqlite|postgres) +up ok +down differs/)
  })

  test('a revision that fails leaves nothing of itself, and names its statement', async () => {
    writeFiles(directory, {
      'migrations/1700000000004-broken.ts': revision({
        name: 'Broken1700000000004',
        id: 'dddd11112222',
        down: `'${ids.posts}'`,
        message: 'broken',
        up: `${run('CREATE TABLE "one" ("id" integer)')}; ${run('CREATE TABLE "two" ("id" integer)')}; ${run('CREATE TABEL "three"')}`,
        undo: '',
      }),
    })
    const ran = await migrate('upgrade')
    expect(ran.code).toBe(1)
    expect(ran.stderr).toMatch(/^error: .*dddd11112222.*syntax error.* \[ALUDEL_STATEMENT\]$/m)
    expect(ran.stderr).toContain('TABEL')
    expect(ran.stderr).not.toMatch(/^ +at /m)
    expect((await migrate('upgrade --verbose')).stderr).toMatch(/^ +at /m)
    expect((await tables()).sort()).toEqual(['posts', 'users'])
    expect((await succeeds('current --json')).json<CurrentResult>().current).toEqual([ids.posts])
    await expect(database.query('SELECT * FROM "one"')).rejects.toThrow()
  })

  const slow = revision({
    name: 'Slow1700000000004',
    id: 'dddd11112222',
    down: `'${ids.posts}'`,
    message: 'slow',
    up: `${run('CREATE TABLE "one" ("id" integer)')}; console.error('SLOW'); for (let i = 0; i < 600; i++) { await new Promise((resolve) => setTimeout(resolve, 50)); ${run('SELECT 1')} }`,
    undo: run('DROP TABLE "one"'),
  })

  test('Ctrl-C rolls back, gives the lock back and ends with 130; meanwhile another migrator waits', async () => {
    writeFiles(directory, { 'migrations/1700000000004-slow.ts': slow })
    let second: Promise<Ran> | undefined
    const first = await migrate('upgrade --json', {
      onStderr: (text, kill) => {
        if (!text.includes('SLOW')) return
        second ??= migrate('upgrade --lock-timeout 100ms').finally(() => kill('SIGINT'))
      },
    })
    const locked = await second
    expect(locked?.code).toBe(5)
    expect(locked?.stderr).toMatch(/^error: .* \[ALUDEL_LOCKED\]$/m)

    expect(first.code).toBe(130)
    expect(first.json<ErrorDocument>().error.code).toBe('ALUDEL_INTERRUPTED')
    expect((await succeeds('current --json')).json<CurrentResult>().current).toEqual([ids.posts])
    await expect(database.query('SELECT * FROM "one"')).rejects.toThrow()
    // Nobody holds the lock any more.
    await succeeds('downgrade -1 --yes --lock-timeout 0')
  })

  test('a revision outside a transaction that fails half-way ends with 6 and says where', async () => {
    writeFiles(directory, {
      'migrations/1700000000004-half.ts': revision({
        name: 'Half1700000000004',
        id: 'dddd11112222',
        down: `'${ids.posts}'`,
        message: 'half',
        more: 'readonly transaction = false',
        up: `${run('CREATE TABLE "one" ("id" integer)')}; ${run('CREATE TABEL "two"')}`,
        undo: '',
      }),
    })
    const ran = await migrate('upgrade')
    expect(ran.code).toBe(6)
    expect(ran.stderr).toContain('[ALUDEL_STATEMENT_HALFWAY]')
    expect(ran.stderr).toContain('dddd11112222')
    expect(await database.query('SELECT * FROM "one"')).toEqual([])
  })

  describe('bad revisions', () => {
    test.each([
      ['show zzzz', 2, 'ALUDEL_UNKNOWN_REVISION'],
      ['upgrade zzzz', 2, 'ALUDEL_UNKNOWN_REVISION'],
      ['upgrade hea', 2, 'ALUDEL_UNKNOWN_REVISION'],
      ['show a@b@c', 2, 'ALUDEL_MALFORMED_REVISION'],
      ['upgrade +9', 2, 'ALUDEL_RELATIVE_OUT_OF_RANGE'],
      ['downgrade -9 --yes', 2, 'ALUDEL_RELATIVE_OUT_OF_RANGE'],
      ['history -r a:b:c', 2, 'ALUDEL_MALFORMED_REVISION'],
    ])('%s', async (words, code, errorCode) => {
      const ran = await migrate(`${words} --json`)
      expect(ran.json<ErrorDocument>().error.code).toBe(errorCode)
      expect(ran.code).toBe(code)
      expect(await tables()).toEqual([])
    })

    test('an ambiguous prefix names its candidates', async () => {
      writeFiles(directory, {
        'migrations/1700000000004-twin.ts': revision({
          name: 'Twin1700000000004',
          id: 'cccc99998888',
          down: `'${ids.posts}'`,
          message: 'twin',
          up: '',
          undo: '',
        }),
      })
      const ran = await migrate('show cccc')
      expect(ran.code).toBe(2)
      expect(ran.stderr).toContain('[ALUDEL_AMBIGUOUS_REVISION]')
      expect(ran.stderr).toContain(ids.posts)
      expect(ran.stderr).toContain('cccc99998888')
    })
  })

  describe('bad revision files', () => {
    const file = 'migrations/1700000000004-bad.ts'
    const bad = (down: string, id = 'dddd11112222'): string =>
      revision({ name: 'Bad1700000000004', id, down, message: 'bad', up: '', undo: '' })

    test.each([
      ['does not parse', 'export class Bad1700000000004 {{', 'ALUDEL_REVISION_SYNTAX'],
      ['has a duplicate id', bad(`'${ids.posts}'`, ids.users), 'ALUDEL_DUPLICATE_REVISION'],
      ['has a parent that is not there', bad("'eeee11112222'"), 'ALUDEL_MISSING_PARENT'],
      ['exports nothing', 'const x = 1\n', 'ALUDEL_REVISION_INVALID'],
      ['throws when it is loaded', `throw new Error('on load')\n${bad(`'${ids.posts}'`)}`, 'ALUDEL_REVISION_LOAD'],
    ])('a file that %s', async (_, text, errorCode) => {
      writeFiles(directory, { [file]: text })
      const ran = await migrate('upgrade --json')
      expect(ran.json<ErrorDocument>().error).toMatchObject({ code: errorCode })
      expect(JSON.stringify(ran.json())).toContain('1700000000004-bad.ts')
      expect(ran.code).toBe(1)
      expect(await tables()).not.toContain('bad')
    })

    test('a cycle', async () => {
      writeFiles(directory, {
        'migrations/1700000000001-users.ts': revision({
          name: 'Users1700000000001',
          id: ids.users,
          down: `'${ids.posts}'`,
          message: 'users',
          up: '',
          undo: '',
        }),
      })
      const ran = await migrate('history --json')
      expect(ran.json<ErrorDocument>().error.code).toBe('ALUDEL_REVISION_CYCLE')
      expect(ran.code).toBe(1)
    })

    test('a directory that is not there', async () => {
      const ran = await migrate('history --revisions nowhere')
      expect(ran.code).toBe(1)
      expect(ran.stderr).toContain('[ALUDEL_REVISION_DIRECTORY]')
      expect(ran.stderr).toContain('nowhere')
    })
  })
})

describe('bad connections', () => {
  let directory: string

  beforeAll(() => {
    directory = makeDirectory(shop('postgres'))
    writeFiles(directory, { 'text.db': 'this is a text, and no database, '.repeat(100) })
  })

  afterAll(() => removeDirectory(directory))

  function postgresWith(change: (url: URL) => void): string {
    const url = postgresUrl()
    change(url)
    return url.href
  }

  const cases: [string, () => string, number, string][] = [
    ['no URL', () => 'nonsense', 2, 'ALUDEL_DATABASE_URL'],
    ['an unknown scheme', () => 'mysql://app:s3cr3t@localhost/app', 2, 'ALUDEL_DATABASE_URL'],
    ['a host in a SQLite URL', () => 'sqlite://data/app.db', 2, 'ALUDEL_DATABASE_URL'],
    ['a server that is down', () => 'postgres://app:s3cr3t@127.0.0.1:1/app', 1, 'ALUDEL_CONNECT'],
    ['a host that does not exist', () => 'postgres://app:s3cr3t@nowhere.invalid/app', 1, 'ALUDEL_CONNECT'],
    ['a wrong password', () => postgresWith((url) => (url.password = 's3cr3t')), 1, 'ALUDEL_AUTHENTICATION'],
    [
      'a database that is not there',
      () => postgresWith((url) => (url.pathname = '/aludel_is_not_here')),
      1,
      'ALUDEL_DATABASE_MISSING',
    ],
    ['a file that is no database', () => 'sqlite:///text.db', 1, 'ALUDEL_NOT_A_DATABASE'],
  ]

  // With the shipped entities, `current` takes the cheap connection; with a DataSource, TypeORM's.
  describe.each([
    ['the cheap connection', []],
    ['the DataSource', ['--data-source', 'data-source.ts']],
  ])('%s', (_, source) => {
    test.each(cases)('%s', async (__, url, code, errorCode) => {
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
      // The document, the stack and the stacks below it.
      expect(ran.stdout + ran.stderr).not.toContain('s3cr3t')
      expect(ran.json<ErrorDocument>().error.code).toBe(errorCode)
      expect(ran.code).toBe(code)
    })
  })

  test('DATABASE_URL is read, and a wrong one is not printed with its password', async () => {
    const ran = await aludel(['migrate', 'current', '--revisions', 'migrations'], {
      cwd: directory,
      env: { DATABASE_URL: 'oracle://app:s3cr3t@db/x' },
    })
    expect(ran).toMatchObject({ code: 2, stderr: expect.stringContaining('oracle') as string })
    expect(ran.stderr).not.toContain('s3cr3t')
  })
})

describe('bad projects', () => {
  let directory: string
  beforeEach(() => {
    directory = makeDirectory(shop('sqlite'))
  })
  afterEach(() => removeDirectory(directory))

  test.each([
    ['exports something else', 'export const answer = 42\n', 2, 'ALUDEL_DATA_SOURCE'],
    ['exports nothing', '', 2, 'ALUDEL_DATA_SOURCE'],
    ['does not parse', 'export default {{', 2, 'ALUDEL_DATA_SOURCE'],
    ['throws', "throw new Error('no environment')", 2, 'ALUDEL_DATA_SOURCE'],
  ])('a DataSource file that %s', async (_, text, code, errorCode) => {
    writeFiles(directory, { 'data-source.ts': text })
    const ran = await aludel(['migrate', 'current', '--data-source', 'data-source.ts'], { cwd: directory })
    expect(ran.stderr).toContain(`[${errorCode}]`)
    expect(ran.stderr).toContain('data-source.ts')
    expect(ran.code).toBe(code)
  })

  test('a DataSource file that is not there', async () => {
    const ran = await aludel(['migrate', 'current', '--data-source', 'nowhere.ts'], { cwd: directory })
    expect(ran).toMatchObject({ code: 2, stderr: expect.stringContaining('[ALUDEL_DATA_SOURCE]') as string })
  })

  test('an entity that TypeORM rejects', async () => {
    writeFiles(directory, {
      'entities/user.ts':
        "import { Column, Entity } from 'typeorm'\n@Entity('users')\nexport class User {\n  @Column({ type: 'varchar' }) name!: string\n}\n",
    })
    const ran = await aludel(['migrate', 'create', 'x', '--data-source', 'data-source.ts'], { cwd: directory })
    expect(ran.stderr).toContain('[ALUDEL_ENTITIES]')
    expect(ran.stderr).toContain('User')
    expect(ran.code).toBe(1)
    expect(readdirSync(path.join(directory, 'migrations'))).toHaveLength(3)
  })

  test('a configuration that is not there, and one that is wrong', async () => {
    expect(await aludel(['migrate', 'heads', '--config', 'nowhere.json'], { cwd: directory })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('[ALUDEL_CONFIG]') as string,
    })
    writeFiles(directory, { 'aludel.config.json': '{ "dataSorce": "./data-source.ts" }' })
    const ran = await aludel(['migrate', 'heads'], { cwd: directory })
    expect(ran.stderr).toContain('dataSorce')
    expect(ran.code).toBe(2)
  })

  test('init scaffolds once, and what it wrote works', async () => {
    writeFiles(directory, {
      'src/data-source.ts':
        "import { DataSource } from 'typeorm'\nexport default new DataSource({ type: 'better-sqlite3', database: 'own.db', entities: [] })\n",
    })
    const first = await aludel(['migrate', 'init', '--json'], { cwd: directory })
    expect(first.code).toBe(0)
    expect(first.json()).toEqual({
      written: ['aludel.config.ts', 'src/migrations/', 'package.json (script "migrate")'],
      kept: [],
    })
    const second = await aludel(['migrate', 'init'], { cwd: directory })
    expect(second.stdout).toContain('aludel.config.ts (left as it is)')
    const current = await aludel(['migrate', 'current', '--json'], { cwd: directory })
    expect(current.json<CurrentResult>()).toMatchObject({ current: [], heads: [], upToDate: true })
    expect(existsSync(path.join(directory, 'own.db'))).toBe(true)
  })
})
