import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'

import { dialectNames } from '../../../../tools/testing/databases'
import type { ApiError, DriftReport, KnownDrift, Run, Status } from '../../src'
import type { Client } from '../support/client'
import { idOf, waitFor, WebProject } from '../support/project'

jest.setTimeout(120_000)

describe.each(dialectNames)('drift on %s', (dialect) => {
  let project: WebProject
  let client: Client
  /** SQLite replays in memory, so that nothing has to be asked for. */
  const isFree = dialect === 'sqlite'

  const serve = (options: Parameters<WebProject['serve']>[0] = {}) =>
    project.serve({ project: project.options({ cacheDirectory: path.join(project.folder, 'cache') }), ...options })
  const drift = async (who = client): Promise<KnownDrift> => (await who.get('/drift')).json()
  const state = async (): Promise<string> => (await client.get('/status')).json<Status>().driftState
  const byHand = async (sql: string): Promise<void> => {
    const dataSource = await project.dataSource().initialize()
    await dataSource.query(sql)
    await dataSource.destroy()
  }

  beforeEach(async () => {
    project = await WebProject.make(dialect)
    project.write(
      {
        id: 'aa',
        up: ['CREATE TABLE "users" ("id" integer PRIMARY KEY, "name" text)'],
        undo: ['DROP TABLE "users"'],
      },
      { id: 'bb', down: 'aa', up: ['CREATE INDEX "ix_name" ON "users" ("name")'], undo: ['DROP INDEX "ix_name"'] },
    )
    client = await serve()
    await client.runToEnd({ direction: 'upgrade', target: idOf('aa') })
  })
  afterEach(() => project.remove())

  const unknown = { database: null, entities: null, checkedAt: null }

  test('is told without being asked for where that makes nothing on the server of the database', async () => {
    expect(await drift()).toMatchObject(
      isFree
        ? { database: { clean: true, pending: 1 }, entities: null, checkedAt: expect.any(String), reason: null }
        : { ...unknown, reason: 'server', replays: 1 },
    )
  })

  test('is told to everybody after somebody has checked, until something changes', async () => {
    const before = await state()
    expect((await client.post('/drift')).json<DriftReport>().database?.clean).toBe(true)
    expect(await state()).not.toBe(before)
    const other = client.other()
    await other.logIn()
    const known = await drift(other)
    // Without entities, they lack what the revisions create.
    expect(known).toMatchObject({ database: { clean: true }, entities: expect.any(Number), reason: null, replays: 0 })
    expect(await drift()).toEqual(known)

    await byHand('ALTER TABLE "users" ADD COLUMN "by_hand" integer')
    const changed = await drift(other)
    expect(changed).toMatchObject({ database: { clean: false }, entities: null })
    expect(changed.database?.operations.map(({ explanation }) => explanation)).toEqual([
      'the database has column users.by_hand integer, which no revision creates (unmanaged?)',
    ])
    expect(changed.checkedAt).not.toBe(known.checkedAt)
  })

  test('is not that of before a run, whoever has run it', async () => {
    await client.post('/drift')
    expect(await client.runToEnd({ direction: 'upgrade', target: 'head' })).toMatchObject({ state: 'done' })
    // The check has replayed the head, too.
    expect(await drift()).toMatchObject({ database: { clean: true, pending: 0 } })
    // Another server, and another process, are the same to this one.
    const elsewhere = await serve()
    expect(await elsewhere.runToEnd({ direction: 'downgrade', target: '-1' })).toMatchObject({ state: 'done' })
    expect(await drift()).toMatchObject({ database: { clean: true, pending: 1 } })
  })

  test('is not looked for while a run is at work', async () => {
    const gate = path.join(project.folder, 'gate')
    project.write({ id: 'cc', down: 'bb', code: waitFor(gate), up: [] })
    const { typedName: confirm } = (await client.get('/session')).json<{ typedName: string }>()
    const { id } = (await client.run({ direction: 'upgrade', target: 'head', confirm, backup: 'never' })).json<Run>()
    await client.events(id, { until: ({ name }) => name === 'stepStart' })
    expect(await drift()).toEqual({ ...unknown, reason: 'run', replays: 0 })
    writeFileSync(gate, '')
    expect(await client.end(id)).toMatchObject({ state: 'done' })
  })

  test('executes no code of a revision on a server that only shows, unless somebody asks', async () => {
    const shows = await serve({ readOnly: true })
    expect(await drift(shows)).toEqual({ ...unknown, reason: isFree ? 'read-only' : 'server', replays: 1 })
    expect((await shows.post('/drift')).json<DriftReport>().database?.clean).toBe(true)
    expect(await drift(shows)).toMatchObject({ database: { clean: true }, reason: null })
  })

  test('is not looked for by a replay of many revisions', async () => {
    if (!isFree) return
    const many = Array.from({ length: 500 }, (_, index) => ({
      id: `d${String(index).padStart(4, '0')}`,
      down: index === 0 ? 'bb' : `d${String(index - 1).padStart(4, '0')}`,
      up: [],
    }))
    project.write(...many)
    await client.runToEnd({ direction: 'upgrade', target: 'head' })
    expect(await drift()).toEqual({ ...unknown, reason: 'many', replays: 502 })
  })

  test('is an error where revisions cannot be replayed, and the status is shown anyway', async () => {
    if (!isFree) return
    await client.runToEnd({ direction: 'upgrade', target: 'head' })
    project.write({ id: 'cc', down: 'bb', up: ['DROP TABLE "theirs"'] })
    await byHand('CREATE TABLE "theirs" ("id" integer)')
    await client.runToEnd({
      direction: 'upgrade',
      target: 'head',
      confirm: path.basename(String(project.database.options.database)),
    })
    const failed = await client.get('/drift')
    expect([failed.status, failed.json<ApiError>().error.code]).toEqual([500, 'ALUDEL_REPLAY'])
    expect((await client.get('/status')).json<Status>().upToDate).toBe(true)
  })

  /** Has the last revision wait for the file when it is replayed, and note each time that it begins. */
  const writeWaiting = async (): Promise<{ readonly gate: string; readonly begun: () => number }> => {
    const [gate, log] = [path.join(project.folder, 'gate'), path.join(project.folder, 'log')]
    const code = `    require('node:fs').appendFileSync(${JSON.stringify(log)}, '+')\n${waitFor(gate)}`
    project.write({ id: 'cc', down: 'bb', code, up: [] }, { id: 'dd', down: 'cc', up: [] })
    writeFileSync(gate, '')
    const { typedName: confirm } = (await client.get('/session')).json<{ typedName: string }>()
    const run = { direction: 'upgrade', target: idOf('cc'), confirm, backup: 'never' } as const
    expect(await client.runToEnd(run)).toMatchObject({ state: 'done' })
    rmSync(gate)
    rmSync(log)
    return { gate, begun: () => (existsSync(log) ? readFileSync(log, 'utf8').length : 0) }
  }
  const until = async (isTrue: () => boolean): Promise<void> => {
    while (!isTrue()) await new Promise((resolve) => setTimeout(resolve, 5))
  }

  test('is looked for once for all that ask, and nothing else waits for it', async () => {
    if (!isFree) return
    const { gate, begun } = await writeWaiting()
    const asked = [drift(), drift()]
    await until(() => begun() > 0)
    expect((await client.get('/status')).json<Status>().pending).toBe(1)
    expect((await client.get('/plan?direction=upgrade')).status).toBe(200)
    asked.push(drift())
    writeFileSync(gate, '')
    const [one, other, late] = await Promise.all(asked)
    expect(one).toMatchObject({ database: { clean: true } })
    expect([other, late]).toEqual([one, one])
    expect(begun()).toBe(1)
  })

  test('does not keep a run waiting', async () => {
    if (!isFree) return
    const { gate, begun } = await writeWaiting()
    const asked = drift()
    await until(() => begun() > 0)
    expect(await client.runToEnd({ direction: 'upgrade', target: 'head' })).toMatchObject({ state: 'done' })
    expect(await asked).toEqual({ ...unknown, reason: 'run', replays: 0 })
    writeFileSync(gate, '')
    expect(await drift()).toMatchObject({ database: { clean: true, pending: 0 } })
  })

  test('does not keep a run waiting when somebody has asked for it', async () => {
    const { gate, begun } = await writeWaiting()
    const asked = client.post('/drift')
    await until(() => begun() > 0)
    expect(await client.runToEnd({ direction: 'upgrade', target: 'head' })).toMatchObject({ state: 'done' })
    const answer = await asked
    expect([answer.status, answer.json<ApiError>().error]).toEqual([
      409,
      {
        code: 'ALUDEL_WEB_BUSY',
        message: 'a run began, and this was ended for it',
        help: 'Ask again after the run.',
      },
    ])
    writeFileSync(gate, '')
    expect((await client.post('/drift')).json<DriftReport>().database).toMatchObject({ clean: true, pending: 0 })
  })

  test('ends before the next revision when nobody who has asked for it waits any more', async () => {
    const { gate, begun } = await writeWaiting()
    const ran = path.join(project.folder, 'ran')
    const code = `    require('node:fs').writeFileSync(${JSON.stringify(ran)}, '')\n`
    project.write({ id: 'ee', down: 'dd', up: [], code })
    const [one, other] = [new AbortController(), new AbortController()]
    const asked = [one, other].map(({ signal }) => client.post('/drift', undefined, { signal }))
    const leave = async (who: AbortController, request: Promise<unknown> | undefined): Promise<void> => {
      who.abort()
      await expect(request).rejects.toMatchObject({ name: 'AbortError' })
      // The server has seen it go when it has answered what was asked after it.
      await client.get('/session')
    }
    await until(() => begun() > 0)
    await leave(one, asked[0])
    const late = client.post('/drift')
    await leave(other, asked[1])
    writeFileSync(gate, '')
    expect((await late).json<DriftReport>().database).toMatchObject({ clean: true, pending: 2 })
    expect(existsSync(ran)).toBe(true)
    rmSync(gate)
    rmSync(ran)

    project.write({ id: 'ff', down: 'ee', up: [] })
    const before = begun()
    const alone = new AbortController()
    const left = client.post('/drift', undefined, { signal: alone.signal })
    await until(() => begun() > before)
    await leave(alone, left)
    writeFileSync(gate, '')
    // Looks are done one after the other: that one has ended when this has.
    expect((await client.get(`/schema?at=${idOf('aa')}`)).status).toBe(200)
    expect(existsSync(ran)).toBe(false)
  })
})
