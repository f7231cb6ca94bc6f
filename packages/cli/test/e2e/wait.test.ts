import type { WaitResult } from '@aludel/engine'

import {
  aludel,
  aludelProcess,
  dialects,
  makeDatabase,
  makeDirectory,
  type Ran,
  removeDirectory,
  shippedConfig,
  type TestDatabase,
} from './harness'
import { ids } from './shop'
import { type ErrorDocument, useShop } from './shop-project'

describe.each(dialects)('aludel migrate wait in a project with a DataSource on %s', (dialect) => {
  const project = useShop(dialect)
  const missing = dialect === 'sqlite' ? 'waiting: there is no database' : 'waiting: 3 revisions are pending'

  test('exits with 0 as soon as another process has upgraded', async () => {
    let upgraded: Promise<Ran> | undefined
    const waited = await project.migrateAlone('wait --timeout 5m', {
      onStderr: (text) => {
        if (text.includes(missing)) upgraded ??= project.succeeds('upgrade')
      },
    })
    await upgraded
    expect(waited.code).toBe(0)
    expect(waited.stdout).toMatch(
      new RegExp(String.raw`^✓ The database is at ${ids.posts} \(head\)(?:, after .* s)?\.\n$`),
    )
    // One line for each thing that it waits for, however often it looks.
    expect(waited.stderr.split('\n').filter((line) => line.includes(missing))).toHaveLength(1)
    expect((await project.succeeds('wait --timeout 0 --quiet')).stdout).toBe('')
  })

  test('exits with 3 after the time, and says what is missing', async () => {
    const late = await project.migrate('wait --timeout 100ms')
    expect(late).toMatchObject({ code: 3, stdout: '' })
    const [line = '', help = ''] = late.stderr.split('\n').slice(-4)
    expect(line).toMatch(/^error: the database was not ready after 0\.1 s: .+ \[ALUDEL_WAIT_TIMEOUT\]$/)
    expect(help).toContain(dialect === 'sqlite' ? 'Check the path.' : 'aludel migrate upgrade')
    const json = await project.migrate('wait --timeout 0 --json')
    expect(json.code).toBe(3)
    expect(json.json<ErrorDocument>().error).toMatchObject({ code: 'ALUDEL_WAIT_TIMEOUT' })
    expect(await project.tables()).toEqual([])
  })

  test('exits with 130 on Ctrl-C', async () => {
    let isSent = false
    const ran = await project.migrateAlone('wait --json', {
      onStderr: (text, kill) => {
        if (!isSent && text.includes('waiting:')) kill('SIGINT')
        isSent ||= text.includes('waiting:')
      },
    })
    expect(ran.code).toBe(130)
    expect(ran.json<ErrorDocument>().error.code).toBe('ALUDEL_INTERRUPTED')
  })

  test('prints what the library returns with --json', async () => {
    await project.succeeds('upgrade')
    const { waitedMs, database, ...rest } = (await project.succeeds('wait --json')).json<WaitResult>()
    expect(rest).toEqual({ current: [ids.posts], heads: [ids.posts], unknown: [] })
    expect(database.dialect).toBe(dialect)
    expect(waitedMs).toEqual(expect.any(Number))
  })

  test('upgrade --expect-head migrates only if the files have that head', async () => {
    const refused = await project.migrate('upgrade --expect-head 0123456789ab')
    expect(refused).toMatchObject({ code: 4, stdout: '' })
    expect(refused.stderr).toContain(
      `error: the head of these files is ${ids.posts}, not 0123456789ab [ALUDEL_UNEXPECTED_HEAD]`,
    )
    expect(await project.tables()).toEqual([])
    for (const preview of ['--plan', '--sql'])
      expect(await project.migrate(`upgrade ${preview} --expect-head 0123456789ab`)).toMatchObject({ code: 4 })
    expect(await project.migrate('upgrade --expect-head +1')).toMatchObject({ code: 2 })
    expect((await project.aludel(['migrate', 'upgrade', '--expect-head', ''])).stderr).toContain(
      '--expect-head needs a value: REV',
    )
    await project.succeeds(`upgrade --expect-head ${ids.posts}`)
    await project.succeeds(`upgrade --expect-head ${ids.posts.slice(0, 6)}`)
  })
})

describe.each(dialects)('aludel migrate wait for the shipped entities on %s', (dialect) => {
  let directory: string
  let database: TestDatabase
  beforeEach(async () => {
    directory = makeDirectory(shippedConfig)
    database = await makeDatabase(dialect)
  })
  afterEach(async () => {
    await database.drop()
    removeDirectory(directory)
  })
  const here = (...args: string[]): Promise<Ran> =>
    aludel(args, { cwd: directory, env: { DATABASE_URL: database.url } })

  test('waits for db init, and creates nothing itself', async () => {
    expect(await here('migrate', 'wait', '--timeout', '0')).toMatchObject({ code: 3 })
    const tables =
      dialect === 'sqlite'
        ? 'SELECT name FROM sqlite_master'
        : "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
    expect(await database.query(tables)).toEqual([])
    let initialized: Promise<Ran> | undefined
    const waited = await aludel(['migrate', 'wait', '--json'], {
      cwd: directory,
      env: { DATABASE_URL: database.url },
      onStderr: (text) => {
        if (text.includes('waiting: '))
          initialized ??= aludelProcess(['db', 'init'], { cwd: directory, env: { DATABASE_URL: database.url } })
      },
    })
    expect(await initialized).toMatchObject({ code: 0 })
    expect(waited).toMatchObject({ code: 0 })
    const { heads } = waited.json<WaitResult>()
    expect(waited.json<WaitResult>()).toMatchObject({ current: heads, unknown: [], database: { dialect } })
    const [head = ''] = heads
    // Twice: the second time, the files need not be read.
    for (const _time of [1, 2])
      expect(await here('migrate', 'upgrade', '--expect-head', head)).toMatchObject({ code: 0 })
    expect(await here('db', 'init', '--expect-head', head)).toMatchObject({ code: 0 })
    expect(await here('db', 'init', '--expect-head', '0123456789ab')).toMatchObject({ code: 4 })
  })

  test('takes a database that a newer release has migrated as ready, which --expect-head refuses', async () => {
    expect(await here('db', 'init')).toMatchObject({ code: 0 })
    await database.query(`INSERT INTO "migrations" ("timestamp", "name") VALUES (9999999999999, 'Later9999999999999')`)
    const waited = await here('migrate', 'wait')
    expect(waited.code).toBe(0)
    expect(waited.stdout).toContain('It is ahead: it also has 1 revision of a newer release.')
    expect(await here('migrate', 'upgrade')).toMatchObject({ code: 0 })
    expect(await here('migrate', 'upgrade', '--expect-head', 'head')).toMatchObject({
      code: 4,
      stderr: expect.stringContaining('[ALUDEL_UNKNOWN_APPLIED]') as string,
    })
  })
})

test('aludel migrate wait waits for a server at which nothing listens, with a password that it never prints', async () => {
  const directory = makeDirectory(shippedConfig)
  try {
    const url = 'postgres://app:open-sesame@127.0.0.1:1/app'
    const ran = await aludel(['migrate', 'wait', '--timeout', '500ms'], { cwd: directory, env: { DATABASE_URL: url } })
    expect(ran.code).toBe(3)
    expect(ran.stderr).toContain('waiting: nothing listens at 127.0.0.1:1')
    expect(ran.stderr).toContain('[ALUDEL_WAIT_TIMEOUT]')
    expect(ran.stderr).not.toContain('sesame')
  } finally {
    removeDirectory(directory)
  }
})
