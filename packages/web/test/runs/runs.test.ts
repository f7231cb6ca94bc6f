import { writeFileSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import path from 'node:path'

import { Migrator } from '@aludel/engine'

import { dialectNames } from '../../../../tools/testing/databases'
import type { ApiError, Run, Runs, Status } from '../../src'
import type { Answer, Client } from '../support/client'
import { idOf, waitFor, WebProject } from '../support/project'

describe.each(dialectNames)('runs on %s', (dialect) => {
  let project: WebProject
  let client: Client
  let gate: string

  beforeEach(async () => {
    project = await WebProject.make(dialect)
    gate = path.join(project.folder, 'gate')
    project.write(
      { id: 'aa', up: ['CREATE TABLE "users" ("id" integer PRIMARY KEY, "name" text)'], undo: ['DROP TABLE "users"'] },
      { id: 'bb', down: 'aa', up: ['CREATE TABLE "posts" ("id" integer PRIMARY KEY)'], undo: ['DROP TABLE "posts"'] },
    )
    client = await project.serve()
  })
  afterEach(() => project.remove())

  const open = (): void => writeFileSync(gate, '')
  const tables = async (): Promise<string[]> =>
    (await client.get('/status'))
      .json<Status>()
      .tables.map(({ name }) => name)
      .filter((name) => ['users', 'posts', 'late'].includes(name))
      .sort()
  const error = (answer: Answer): ApiError['error'] => answer.json<ApiError>().error

  test('applies the plan that was shown, tells each step, and undoes it after the name was typed', async () => {
    const up = await client.run({ direction: 'upgrade', target: 'head' })
    expect(up.status).toBe(202)
    const events = await client.events(up.json<Run>().id)
    expect(events.map(({ id }) => id)).toEqual(events.map((_event, index) => index + 1))
    expect(events.map(({ name }) => name)).toEqual(events.map(({ update }) => update.type))
    const steps = events.filter(({ name }) => name === 'stepDone').map(({ update }) => update)
    expect(steps).toMatchObject([
      { revision: idOf('aa'), index: 0, total: 2 },
      { revision: idOf('bb'), index: 1, total: 2 },
    ])
    const run = (await client.get(`/runs/${up.json<Run>().id}`)).json<Run>()
    expect(run).toMatchObject({
      kind: 'upgrade',
      title: 'upgrade to head',
      state: 'done',
      result: { from: [], to: [idOf('bb')] },
      error: null,
      lastEvent: events.length,
    })
    expect(run.steps.map(({ state }) => state)).toEqual(['done', 'done'])
    expect(events.at(-1)?.update).toEqual({ type: 'end', run })
    expect(await tables()).toEqual(['posts', 'users'])

    const refused = await client.run({ direction: 'downgrade', target: 'base' })
    expect([refused.status, error(refused).code]).toEqual([409, 'ALUDEL_CONFIRMATION'])
    expect(error(refused).details).toMatchObject({
      destroys: [expect.stringContaining('posts'), expect.stringContaining('users')],
    })
    const wrong = await client.run({ direction: 'downgrade', target: 'base', confirm: 'something' })
    expect([wrong.status, error(wrong).code]).toEqual([409, 'ALUDEL_CONFIRMATION'])
    expect(await tables()).toEqual(['posts', 'users'])
    const { typedName } = (await client.get('/session')).json<{ typedName: string }>()
    const down = await client.runToEnd({ direction: 'downgrade', target: 'base', confirm: typedName, backup: 'never' })
    expect(down).toMatchObject({ state: 'done', result: { to: [] } })
    expect(await tables()).toEqual([])
  })

  test('refuses a plan that is no longer the one that was shown', async () => {
    const { fingerprint } = (await client.get('/plan?direction=upgrade')).json<{ fingerprint: string }>()
    project.write({ id: 'cc', down: 'bb', up: [] })
    const refused = await client.post('/runs', { direction: 'upgrade', target: 'head', fingerprint })
    expect([refused.status, error(refused).code]).toEqual([409, 'ALUDEL_PLAN_CHANGED'])
    expect(await tables()).toEqual([])
  })

  test('does one thing at a time, which another client sees, follows and cancels', async () => {
    project.write({ id: 'cc', down: 'bb', code: waitFor(gate), up: ['CREATE TABLE "late" ("id" integer)'] })
    const { typedName: confirm } = (await client.get('/session')).json<{ typedName: string }>()
    await client.runToEnd({ direction: 'upgrade', target: idOf('bb') })
    const started = (await client.run({ direction: 'upgrade', target: 'head', confirm, backup: 'never' })).json<Run>()
    await client.events(started.id, { until: ({ name }) => name === 'stepStart' })

    const other = client.other()
    await other.logIn()
    const status = (await other.get('/status')).json<Status>()
    expect(status.running).toMatchObject({ id: started.id, state: 'running' })
    expect(status.running?.steps).toMatchObject([{ revision: idOf('cc'), state: 'running' }])
    const second = await other.run({ direction: 'downgrade', target: '-1' })
    expect([second.status, error(second).code]).toEqual([409, 'ALUDEL_WEB_BUSY'])
    expect(error(second).details).toEqual({ run: started.id })
    const drift = await other.post('/drift')
    expect([drift.status, error(drift).code]).toEqual([409, 'ALUDEL_WEB_BUSY'])

    const canceled = await other.post(`/runs/${started.id}/cancel`)
    expect([canceled.status, canceled.json<Run>().state]).toEqual([202, 'canceling'])
    const run = await client.end(started.id)
    expect(run).toMatchObject({ state: 'canceled', error: { code: 'ALUDEL_INTERRUPTED' } })
    expect(run.resume).toEqual({ direction: 'upgrade', target: idOf('cc') })
    expect(await tables()).toEqual(['posts', 'users'])
    expect((await other.get('/runs')).json<Runs>().runs.map(({ state }) => state)).toEqual(['canceled', 'done'])

    open()
    expect(await client.runToEnd({ ...run.resume!, confirm, backup: 'never' })).toMatchObject({ state: 'done' })
    expect(await tables()).toEqual(['late', 'posts', 'users'])
  })

  test('resumes the events after the last one that a client knows', async () => {
    const started = (await client.run({ direction: 'upgrade', target: 'head' })).json<Run>()
    const all = await client.events(started.id)
    const known = all[3]!.id
    expect(await client.events(started.id, { after: known })).toEqual(all.slice(4))
    expect(await client.events(started.id, { after: all.at(-1)!.id })).toEqual([])
    const asked = await client.send('GET', `/api/v1/runs/${started.id}/events?after=-1`)
    expect(asked.status).toBe(400)
  })

  test('goes on when the browser goes away', async () => {
    project.write({ id: 'cc', down: 'bb', code: waitFor(gate), up: ['CREATE TABLE "late" ("id" integer)'] })
    const { typedName: confirm } = (await client.get('/session')).json<{ typedName: string }>()
    const started = (await client.run({ direction: 'upgrade', target: 'head', confirm, backup: 'never' })).json<Run>()
    // The stream is closed at its first event.
    await client.events(started.id, { until: () => true })
    open()
    expect(await client.end(started.id)).toMatchObject({ state: 'done' })
  })

  test('reports a statement that fails with the error of the database, and what to do', async () => {
    project.write({ id: 'cc', down: 'bb', up: ['INSERT INTO "nothing" VALUES (1)'] })
    const run = await client.runToEnd({ direction: 'upgrade', target: 'head' })
    expect(run).toMatchObject({
      state: 'failed',
      result: null,
      error: { code: 'ALUDEL_STATEMENT', details: { revision: idOf('cc'), statement: 1 } },
    })
    expect(run.error?.message).toContain('nothing')
    expect(run.error?.help).toBeTruthy()
    expect(run).not.toHaveProperty('resume')
    expect(run.steps.map(({ state }) => state)).toEqual(['done', 'done', 'failed'])
    // The journal has the same.
    const failed = (await client.get('/journal?outcome=failed')).json<{ runs: unknown[] }>()
    expect(failed.runs).toMatchObject([{ revision: idOf('cc'), outcome: 'failed' }])
  })

  test('resumes a revision outside a transaction that failed halfway, at an absolute target', async () => {
    project.write({
      id: 'cc',
      down: 'bb',
      transaction: false,
      up: ['CREATE TABLE "late" ("id" integer)', 'INSERT INTO "missing" VALUES (1)'],
    })
    const run = await client.runToEnd({ direction: 'upgrade', target: '+3' })
    expect(run).toMatchObject({ state: 'failed', error: { code: 'ALUDEL_STATEMENT_HALFWAY' } })
    expect(run.resume).toEqual({ direction: 'upgrade', target: idOf('cc') })
    const status = (await client.get('/status')).json<Status>()
    expect(status.findings).toMatchObject([{ kind: 'halfway', revision: idOf('cc') }])
    await project.database.query('CREATE TABLE "missing" ("id" integer)')
    expect(await client.runToEnd({ ...run.resume!, confirm: await name() })).toMatchObject({ state: 'done' })
    expect((await client.get('/status')).json<Status>().findings).toEqual([])
  })

  test('waits for the lock of another migrator, names it, and fails when it does not get it', async () => {
    await project.stop()
    client = await project.serve({ project: project.options({ lockTimeoutMs: 300 }) })
    project.write({ id: 'cc', down: 'bb', code: waitFor(gate), up: [] })
    const outside = new Migrator(project.options({ actor: 'deploy@ci' }))
    const work = outside.upgrade('head')
    try {
      // Until it is in the last revision: before that, each one that it applies changes the plan.
      while ((await client.get('/status')).json<Status>().pending !== 1) await wait(10)
      expect((await client.get('/status')).json<Status>().lockedBy).toContain('deploy@ci')
      const run = await client.runToEnd({
        direction: 'upgrade',
        target: 'head',
        confirm: await name(),
        backup: 'never',
      })
      expect(run).toMatchObject({ state: 'failed', error: { code: 'ALUDEL_LOCKED' } })
      expect(run.error?.message).toContain('deploy@ci')
      const events = await client.events(run.id)
      expect(events.map(({ update }) => update.type)).toContain('waiting')
    } finally {
      open()
      await work
      await outside.close()
    }
    expect(await client.runToEnd({ direction: 'upgrade', target: 'head' })).toMatchObject({ state: 'done' })
  })

  test('stops the run at work when the server is closed, and starts no other', async () => {
    project.write({ id: 'cc', down: 'bb', code: waitFor(gate), up: ['CREATE TABLE "late" ("id" integer)'] })
    const started = (
      await client.run({ direction: 'upgrade', target: 'head', confirm: await name(), backup: 'never' })
    ).json<Run>()
    const events = client.events(started.id)
    await client.events(started.id, { until: ({ update }) => update.type === 'stepStart' && update.index === 2 })
    await project.stop()
    // The stream ends with the end of the run.
    expect((await events).at(-1)?.update).toMatchObject({ type: 'end', run: { state: 'canceled' } })
    client = await project.serve()
    expect(await tables()).toEqual(['posts', 'users'])
    const status = (await client.get('/status')).json<Status>()
    expect(status).toMatchObject({ current: [idOf('bb')], running: null, lockedBy: null })
    expect((await client.get('/runs')).json()).toEqual({ runs: [] })
    const gone = await client.get(`/runs/${started.id}`)
    expect([gone.status, error(gone).code]).toEqual([404, 'ALUDEL_WEB_NOT_FOUND'])
  })

  const name = async (): Promise<string> => (await client.get('/session')).json<{ typedName: string }>().typedName
})
