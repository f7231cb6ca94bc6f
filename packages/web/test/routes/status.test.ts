import { dialectNames } from '../../../../tools/testing/databases'
import type { Revisions, Session, Status } from '../../src'
import type { Client } from '../support/client'
import { idOf, WebProject } from '../support/project'

describe.each(dialectNames)('the status on %s', (dialect) => {
  let project: WebProject
  let client: Client

  beforeAll(async () => {
    project = await WebProject.make(dialect)
    project.write(
      {
        id: 'aa',
        message: 'users',
        up: ['CREATE TABLE "users" ("id" integer PRIMARY KEY)'],
        undo: ['DROP TABLE "users"'],
      },
      { id: 'bb', down: 'aa', message: 'names', up: ['ALTER TABLE "users" ADD COLUMN "name" text'] },
    )
    client = await project.serve()
  })
  afterAll(() => project.remove())

  test('shows an empty database, then one with a revision applied, and who ran it', async () => {
    const before = (await client.get('/status')).json<Status>()
    expect(before).toMatchObject({
      current: [],
      heads: [idOf('bb')],
      pending: 2,
      upToDate: false,
      database: { dialect },
      findings: [],
      lastRuns: [],
      running: null,
      lockedBy: null,
    })
    const run = await client.runToEnd({ direction: 'upgrade', target: '+1' })
    expect(run).toMatchObject({ state: 'done', result: { to: [idOf('aa')] } })
    const after = (await client.get('/status')).json<Status>()
    expect(after).toMatchObject({ current: [idOf('aa')], pending: 1 })
    expect(after.lastRuns).toMatchObject([
      { revision: idOf('aa'), message: 'users', direction: 'upgrade', outcome: 'done' },
    ])
    expect(after.lastRuns[0]?.actor).toMatch(/^\S+ via web@/)
    // Without the tables of the history.
    expect(after.tables).toEqual([{ name: 'users', rows: 0, bytes: expect.any(Number) }])
  })

  test('counts no rows, and waits for nobody who has locked a table', async () => {
    // Nothing is known of the sizes yet.
    const { client: other } = await project.start()
    await other.logIn()
    const dataSource = await project.dataSource().initialize()
    const runner = dataSource.createQueryRunner()
    try {
      await runner.startTransaction()
      await runner.query(dialect === 'postgres' ? 'LOCK TABLE "users" IN ACCESS EXCLUSIVE MODE' : 'DELETE FROM "users"')
      const { tables } = (await other.get('/status')).json<Status>()
      expect(tables.map(({ name }) => name)).toEqual(['users'])
    } finally {
      await runner.rollbackTransaction()
      await dataSource.destroy()
    }
  })

  test('shows the history, newest first, with what is applied and the lanes', async () => {
    const { revisions, lanes } = (await client.get('/revisions')).json<Revisions>()
    expect(lanes).toBe(1)
    expect(revisions).toEqual([
      {
        revision: idOf('bb'),
        down: [idOf('aa')],
        message: 'names',
        createdAt: '2025-11-21T18:33:20.001Z',
        applied: false,
        isHead: true,
        lane: 0,
        edges: [[0, 0, 'p']],
      },
      {
        revision: idOf('aa'),
        message: 'users',
        createdAt: '2025-11-21T18:33:20.000Z',
        applied: true,
        isCurrent: true,
        lane: 0,
      },
    ])
  })

  test('sees a revision that is written while the server runs', async () => {
    project.write({ id: 'cc', down: 'bb', up: [] })
    expect((await client.get('/status')).json<Status>()).toMatchObject({ heads: [idOf('cc')], pending: 2 })
  })

  test('tells a session what it may do, and what must be typed', async () => {
    const session = (await client.get('/session')).json<Session>()
    expect(session).toMatchObject({ readOnly: false, allowCreate: false, reviews: false, database: { dialect } })
    expect(session.database?.name.endsWith(session.typedName!)).toBe(true)
    expect(session.typedName).not.toContain('/')
  })
})
