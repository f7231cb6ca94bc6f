import { writeFileSync } from 'node:fs'
import path from 'node:path'

import fastify, { type FastifyInstance } from 'fastify'
import type { DataSource } from 'typeorm'

import { dialectNames } from '../../../tools/testing/databases'
import { aludelWeb, type ApiError, type Run, type Session, type Status } from '../src'
import { type Answer, request } from './support/client'
import { idOf, waitFor, WebProject } from './support/project'

describe.each(dialectNames)('the plugin in an application on %s', (dialect) => {
  let project: WebProject
  let app: FastifyInstance
  let dataSource: DataSource
  let url: string

  beforeAll(async () => {
    project = await WebProject.make(dialect)
    project.write({ id: 'aa', up: ['CREATE TABLE "users" ("id" integer PRIMARY KEY)'] })
    // In use by the application.
    dataSource = await project.dataSource().initialize()
    app = fastify()
    app.get('/', () => 'the application')
    app.addContentTypeParser('text/plain', (_request, _payload, done) => done(null, {}))
    await app.register(aludelWeb, {
      prefix: '/admin/migrations',
      project: project.options({ dataSource }),
      page: project.page,
      authenticate: ({ headers }) => (typeof headers['x-user'] === 'string' ? headers['x-user'] : null),
    })
    url = await app.listen({ port: 0, host: '127.0.0.1' })
  })
  afterAll(async () => {
    await app?.close()
    await dataSource?.destroy()
    await project.remove()
  })

  const send = (method: string, path: string, headers: Record<string, string> = {}, body?: unknown): Promise<Answer> =>
    request(url, method, path, body === undefined ? undefined : JSON.stringify(body), {
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    })
  const api = '/admin/migrations/api/v1'

  test('leaves the application as it is', async () => {
    const answer = await send('GET', '/')
    expect([answer.status, answer.text]).toEqual([200, 'the application'])
    expect(answer.headers).not.toHaveProperty('content-security-policy')
    expect((await send('GET', '/nothing')).json()).toMatchObject({ statusCode: 404 })
  })

  test('serves the page with links that start at its prefix', async () => {
    for (const path of ['/admin/migrations/', '/admin/migrations/history/aa']) {
      const { status, text } = await send('GET', path)
      expect([path, status]).toEqual([path, 200])
      expect(text).toContain('<meta name="aludel-base" content="/admin/migrations">')
      expect(text).toContain('src="/admin/migrations/assets/index-abc.js"')
      expect(text).toContain('<meta name="aludel-sign-in" content="application">')
    }
    expect((await send('GET', '/admin/migrations/assets/index-abc.js')).text).toContain('document.title')
  })

  test('lets the application decide who somebody is, and writes that into the journal', async () => {
    const nobody = await send('GET', `${api}/session`)
    expect(nobody.status).toBe(401)
    expect(nobody.json<ApiError>().error).toMatchObject({
      code: 'ALUDEL_WEB_SESSION',
      help: 'Sign in to the application that this page is a part of.',
    })
    const user = { 'x-user': 'maria' }
    const session = (await send('GET', `${api}/session`, user)).json<Session>()
    expect(session.actor).toMatch(/^maria via web@/)
    // The secret of another user is of no use.
    const other = (await send('GET', `${api}/session`, { 'x-user': 'bob' })).json<Session>()
    const forged = await send('POST', `${api}/drift`, { ...user, 'x-aludel-csrf': other.csrf })
    expect(forged.status).toBe(403)
    const headers = { ...user, 'x-aludel-csrf': session.csrf }
    const { fingerprint } = (await send('GET', `${api}/plan?direction=upgrade`, user)).json<{ fingerprint: string }>()
    const run = await send('POST', `${api}/runs`, headers, { direction: 'upgrade', target: 'head', fingerprint })
    expect(run.status).toBe(202)
    const events = await send('GET', `${api}/runs/${run.json<Run>().id}/events`, user)
    expect(events.text).toContain('"state":"done"')
    const status = (await send('GET', `${api}/status`, user)).json<Status>()
    expect(status).toMatchObject({ current: [idOf('aa')] })
    expect(status.lastRuns[0]?.actor).toMatch(/^maria via web@/)
    // The application still has its connection, and sees the table.
    expect(await dataSource.query('SELECT COUNT(*) AS "n" FROM "users"')).toHaveLength(1)
    for (const method of ['POST', 'DELETE'])
      expect((await send(method, `${api}/session`, headers, { token: 'x' })).status).toBe(403)
  })

  test('refuses bodies that only the application accepts', async () => {
    const user = { 'x-user': 'maria' }
    const { csrf } = (await send('GET', `${api}/session`, user)).json<Session>()
    const headers = { ...user, 'x-aludel-csrf': csrf, 'content-type': 'text/plain' }
    expect((await send('POST', `${api}/runs`, headers, {})).status).toBe(415)
  })
})

test('an application may connect its DataSource while a run is at work', async () => {
  const project = await WebProject.make(dialectNames[0]!)
  const gate = path.join(project.folder, 'gate')
  project.write({ id: 'aa', code: waitFor(gate), up: ['CREATE TABLE "users" ("id" integer PRIMARY KEY)'] })
  const dataSource = project.dataSource()
  const client = await project.serve({ project: project.options({ dataSource }) })
  try {
    const { typedName: confirm } = (await client.get('/session')).json<{ typedName: string }>()
    const { id } = (await client.run({ direction: 'upgrade', target: 'head', confirm, backup: 'never' })).json<Run>()
    await client.events(id, { until: ({ name }) => name === 'stepStart' })
    await dataSource.initialize()
    writeFileSync(gate, '')
    expect(await client.end(id)).toMatchObject({ state: 'done' })
    expect(dataSource.isInitialized).toBe(true)
    expect(await dataSource.query('SELECT * FROM "users"')).toEqual([])
  } finally {
    await project.stop()
    if (dataSource.isInitialized) await dataSource.destroy()
    await project.remove()
  }
})

test('the plugin needs a way to know who somebody is', async () => {
  const project = await WebProject.make(dialectNames[0]!)
  const app = fastify()
  try {
    await expect(app.register(aludelWeb, { project: project.options(), page: project.page })).rejects.toThrow(
      'one of the options token and authenticate is needed',
    )
  } finally {
    await app.close().catch(() => undefined)
    await project.remove()
  }
})
