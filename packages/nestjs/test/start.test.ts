import { writeFileSync } from 'node:fs'

import { dialectNames } from '../../../tools/testing/databases'
import { holdUntil, Host, NestProject } from './support/project'

jest.setTimeout(120_000) // some applications are processes of their own, on a machine that does other things as well

const notes = { id: 'aaaaaaaaaaaa', up: ['CREATE TABLE "notes" ("id" integer PRIMARY KEY)'] }
const title = { id: 'bbbbbbbbbbbb', down: 'aaaaaaaaaaaa', up: ['ALTER TABLE "notes" ADD "title" varchar(80)'] }

let host: Host
beforeAll(() => {
  host = new Host()
})
afterAll(() => host.end())

describe.each(dialectNames)('an application on %s', (dialect) => {
  let project: NestProject
  beforeEach(async () => {
    project = await NestProject.make(host, dialect)
    project.write([notes, title])
  })
  afterEach(() => project.remove())

  const runs = async (): Promise<unknown[]> =>
    project.migrate(async (migrator) => (await migrator.journal()).runs.map(({ revision }) => revision))
  const current = (): Promise<readonly string[]> =>
    project.migrate(async (migrator) => (await migrator.current()).current)

  test('is migrated before it listens', async () => {
    const application = project.spawn()
    expect(await application.get('/current')).toEqual({
      status: 200,
      body: { injected: true, current: [['bbbbbbbbbbbb']] },
    })
    const { lines } = application
    expect(lines.filter(({ init }) => init !== undefined)).toEqual([{ init: '0 notes' }])
    expect(lines.flatMap(({ context, text }) => (context === 'Aludel' ? [text] : []))).toEqual([
      'applying aaaaaaaaaaaa revision aaaaaaaaaaaa (1 of 2)',
      expect.stringMatching(/^applied aaaaaaaaaaaa in \d+ ms$/),
      'applying bbbbbbbbbbbb revision bbbbbbbbbbbb (2 of 2)',
      expect.stringMatching(/^applied bbbbbbbbbbbb in \d+ ms$/),
      'the database is at head: bbbbbbbbbbbb (upgraded, 2 applied)',
    ])
    expect(await application.kill()).toMatchObject({ signal: 'SIGTERM', errors: '' })
  })

  test('runs nothing when the database is at head, and logs nothing without logging', async () => {
    await project.migrate((migrator) => migrator.upgrade())
    await project.start().logged('the database is at head: bbbbbbbbbbbb')
    const quiet = project.start(project.plan({ logging: false }))
    await quiet.listening()
    expect(quiet.lines.filter(({ context }) => context === 'Aludel')).toEqual([])
    expect(await runs()).toHaveLength(2)
  })

  test('waits for another one that migrates, which runs each revision once', async () => {
    const file = project.path('go')
    project.write([{ id: 'cccccccccccc', down: 'bbbbbbbbbbbb', up: [], code: holdUntil(file) }])
    const one = project.spawn()
    await project.begun(file)
    const two = project.start()
    await two.logged('waiting for another migrator to finish')
    expect([one, two].flatMap(({ lines }) => lines.filter(({ listening }) => listening !== undefined))).toEqual([])
    writeFileSync(file, '')
    await Promise.all([one.listening(), two.listening()])
    await two.logged('the database is at head: cccccccccccc')
    expect(two.lines.filter(({ text }) => text?.startsWith('applied'))).toEqual([])
    expect(await runs()).toEqual(['cccccccccccc', 'bbbbbbbbbbbb', 'aaaaaaaaaaaa'])
  })

  test('gives up on the lock in time, and does not listen', async () => {
    const file = project.path('go')
    project.write([{ id: 'cccccccccccc', down: 'bbbbbbbbbbbb', up: [], code: holdUntil(file) }])
    const one = project.spawn()
    await project.begun(file)
    expect((await project.start(project.plan({ lockTimeoutMs: 100 })).failed()).code).toBe('ALUDEL_LOCKED')
    writeFileSync(file, '')
    await one.listening()
  })

  test('does not listen when a revision fails, and leaves nothing of it', async () => {
    project.write([
      {
        id: 'cccccccccccc',
        down: 'bbbbbbbbbbbb',
        up: ['CREATE TABLE "half" ("id" integer)', 'SELECT * FROM "nowhere"'],
      },
    ])
    const application = project.spawn()
    expect(await application.ended).toEqual({ code: 1, signal: null, errors: '' })
    const { lines } = application
    expect(lines.at(-1)?.error).toMatchObject({
      name: 'AludelError',
      code: 'ALUDEL_STATEMENT',
      message: expect.stringContaining('cccccccccccc') as string,
    })
    // The hooks of other modules are not called either.
    expect(lines.filter(({ listening, init }) => listening !== undefined || init !== undefined)).toEqual([])
    expect(await current()).toEqual(['bbbbbbbbbbbb'])
    await expect(project.database.query('SELECT * FROM "half"')).rejects.toHaveProperty('message')
  })

  test('stops the revision when it is to end, and begins it again when it is started again', async () => {
    const file = project.path('go')
    const up = ['CREATE TABLE "half" ("id" integer)']
    project.write([{ id: 'cccccccccccc', down: 'bbbbbbbbbbbb', up, code: holdUntil(file) }])
    const application = project.spawn()
    await project.begun(file)
    await application.kill('SIGTERM')
    const { lines } = application
    expect(lines.find(({ error }) => error !== undefined)?.error?.code).toBe('ALUDEL_INTERRUPTED')
    expect(lines.filter(({ listening }) => listening !== undefined)).toEqual([])
    expect(await current()).toEqual(['bbbbbbbbbbbb'])
    await expect(project.database.query('SELECT * FROM "half"')).rejects.toHaveProperty('message')

    writeFileSync(file, '')
    await project.start(project.plan({ lockTimeoutMs: 0 })).listening()
    expect(await current()).toEqual(['cccccccccccc'])
  })

  test.each(['useFactory', 'useClass', 'useExisting'] as const)('takes its options from %s', async (by) => {
    const application = project.start(project.plan({}, { by }))
    await application.listening()
    expect(await current()).toEqual(['bbbbbbbbbbbb'])
  })

  test('fails to start without options', async () => {
    expect((await project.start(project.plan({}, { by: 'nothing' })).failed()).code).toBe('ALUDEL_USAGE')
  })

  test('migrates every DataSource, each with its own revisions and Migrator', async () => {
    const audit = await project.anotherDatabase()
    project.write([{ id: 'dddddddddddd', up: ['CREATE TABLE "entries" ("id" integer PRIMARY KEY)'] }], 'audit')
    const application = project.start({
      databases: { default: project.database.options, audit: audit.options },
      modules: [project.options(), project.options({ name: 'audit', revisions: 'audit' })],
    })
    expect((await application.get('/current')).body).toEqual({
      injected: true,
      current: [['bbbbbbbbbbbb'], ['dddddddddddd']],
    })
    expect((await application.get('/ready')).body).toMatchObject({
      status: 'ok',
      info: {
        default: { status: 'up', current: ['bbbbbbbbbbbb'] },
        audit: { status: 'up', current: ['dddddddddddd'] },
      },
    })
    await application.logged('the database is at head: dddddddddddd')
    expect(await audit.query('SELECT * FROM "entries"')).toEqual([])
  })

  test.each(['forRoot', 'useFactory', 'useClass'] as const)('migrates a DataSource with a name, by %s', async (by) => {
    const modules = [project.options({ name: 'audit' })]
    const application = project.start({ databases: { audit: project.database.options }, modules, by })
    expect((await application.get('/current')).body).toEqual({ injected: true, current: [['bbbbbbbbbbbb']] })
  })

  test('connects a DataSource that TypeORM does not initialize', async () => {
    const application = project.start(project.plan({}, { manual: true }))
    expect((await application.get('/ready')).status).toBe(200)
    expect(application.lines).toContainEqual({ init: '0 notes' })
  })

  test('warns when TypeORM changes the database before the revisions', async () => {
    const synchronize = { ...project.database.options, synchronize: true }
    const application = project.start(project.plan({}, { databases: { default: synchronize } }))
    await application.listening()
    expect(application.lines).toContainEqual({
      level: 'warn',
      context: 'Aludel',
      text: expect.stringContaining('(synchronize)') as string,
    })
  })

  describe('with migrate: false, when revisions are pending', () => {
    test('starts with a warning by default, and is ready once they are applied', async () => {
      const application = project.start(project.plan({ migrate: false }))
      expect(await application.get('/ready')).toMatchObject({
        status: 503,
        body: {
          status: 'error',
          error: {
            default: {
              ...{ status: 'down', reason: 'revisions', pending: 2 },
              message: '2 revisions are pending (current base, head bbbbbbbbbbbb)',
            },
          },
        },
      })
      expect((await application.get('/live')).status).toBe(200)
      await application.logged('Database not up to date')
      await project.migrate((migrator) => migrator.upgrade('+1'))
      expect((await application.get('/ready')).status).toBe(503)
      await project.migrate((migrator) => migrator.upgrade())
      expect(await application.get('/ready')).toMatchObject({
        status: 200,
        body: { status: 'ok', info: { default: { status: 'up', current: ['bbbbbbbbbbbb'] } } },
      })
    })

    test('does not start with behind: fail', async () => {
      const application = project.start(project.plan({ migrate: false, behind: 'fail' }))
      expect((await application.failed()).code).toBe('ALUDEL_NOT_AT_HEAD')
      expect(await current()).toEqual([])
    })

    test('waits with behind: wait until another process has applied them', async () => {
      const application = project.start(project.plan({ migrate: false, behind: 'wait' }))
      await application.logged('waiting for another process to migrate')
      await project.migrate((migrator) => migrator.upgrade())
      await application.listening()
      expect(application.lines).toContainEqual({ init: '0 notes' })
    })

    test('does not start after the time of behind: wait', async () => {
      const application = project.start(project.plan({ migrate: false, behind: 'wait', waitTimeoutMs: 50 }))
      expect((await application.failed()).code).toBe('ALUDEL_WAIT_TIMEOUT')
    })

    test('ends while it waits', async () => {
      const application = project.spawn(project.plan({ migrate: false, behind: 'wait' }))
      await application.logged('waiting for another process to migrate')
      await application.kill('SIGTERM')
      expect((await application.failed()).code).toBe('ALUDEL_INTERRUPTED')
    })
  })

  describe('on a database that a later release has migrated', () => {
    beforeEach(async () => {
      await project.migrate((migrator) => migrator.upgrade())
      // The release before, which has only the first revision.
      project.write([notes], 'old')
    })

    test('starts and is ready by default', async () => {
      const application = project.start(project.plan({ revisions: 'old' }))
      expect(await application.get('/ready')).toMatchObject({
        status: 200,
        body: { info: { default: { status: 'up', ahead: ['R1763750000001'] } } },
      })
      await application.logged('The database is ahead of these revisions')
    })

    test('is ready while that one runs a revision outside a transaction', async () => {
      const file = project.path('go')
      const up = ['CREATE TABLE "later" ("id" integer)']
      project.write([{ id: 'cccccccccccc', down: 'bbbbbbbbbbbb', up, code: holdUntil(file), outside: true }])
      const old = project.start(project.plan({ revisions: 'old' }))
      await old.listening()
      const later = project.spawn()
      await project.begun(file)
      // It has begun, and would be half-way if it ended now.
      expect(await old.get('/ready')).toMatchObject({ status: 200, body: { info: { default: { status: 'up' } } } })
      writeFileSync(file, '')
      await later.listening()
      expect((await old.get('/ready')).status).toBe(200)
    })

    test('does not start with ahead: fail', async () => {
      const application = project.start(project.plan({ revisions: 'old', ahead: 'fail' }))
      expect((await application.failed()).code).toBe('ALUDEL_UNKNOWN_APPLIED')
    })
  })
})

describe.each(dialectNames.filter((name) => name === 'postgres'))('an application whose %s is gone', (dialect) => {
  let project: NestProject
  beforeAll(async () => {
    project = await NestProject.make(host, dialect)
    project.write([notes, title])
  })
  afterAll(() => project.remove())

  test('is alive but not ready, and shows no password', async () => {
    const application = project.start()
    expect((await application.get('/ready')).status).toBe(200)
    await project.database.drop()
    const { status, body } = await application.get('/ready')
    expect([status, body]).toMatchObject([503, { error: { default: { status: 'down' } } }])
    const { password } = new URL(project.database.url)
    expect(password).not.toBe('')
    expect(JSON.stringify([body, application.lines])).not.toContain(password)
    expect((await application.get('/live')).status).toBe(200)
  })
})
