// cspell:ignore fsecret csecret
import { writeFileSync } from 'node:fs'
import path from 'node:path'

import { dialectNames } from '../../../tools/testing/databases'
import type { ApiError, Session, Status } from '../src'
import { routes } from '../src/routes'
import { type Answer, type Client, request } from './support/client'
import { idOf, WebProject } from './support/project'

const urlOf = (route: { readonly path: string }): string => route.path.replace(':id', 'aa')
const isOpen = ({ access }: { readonly access: string }): boolean => access === 'open'
const codeOf = (answer: Answer): [number, string] => [answer.status, answer.json<ApiError>().error.code]

/** Nothing needs a database here but the last group. */
describe('attacks', () => {
  let project: WebProject
  let client: Client
  let token: string

  beforeAll(async () => {
    project = await WebProject.make(dialectNames[0]!)
    writeFileSync(path.join(project.folder, 'secret.txt'), 'TOP SECRET')
    client = await project.serve({ allowCreate: true })
    token = client.token
  })
  afterAll(() => project.remove())

  describe('without a session', () => {
    test.each(routes.filter((route) => !isOpen(route)).map((route) => [route.method, urlOf(route)]))(
      '%s %s is refused',
      async (method, url) => {
        const stranger = client.other()
        expect(codeOf(await stranger.send(method, `/api/v1${url}`))).toEqual([401, 'ALUDEL_WEB_SESSION'])
        for (const cookie of [
          'aludel=x',
          `${client.cookie}x`,
          client.cookie.replace(/=.*/, '='),
          client.cookie.toUpperCase(),
        ])
          expect(codeOf(await stranger.send(method, `/api/v1${url}`, { headers: { cookie } }))).toEqual([
            401,
            'ALUDEL_WEB_SESSION',
          ])
      },
    )

    test('only the session, the description and the page are open', () => {
      expect(routes.filter(isOpen).map(({ method, path: url }) => `${method} ${url}`)).toEqual(['POST /session'])
    })

    test('a wrong token starts none, and sets no cookie', async () => {
      for (const wrong of ['', 'x', `${token}x`, token.slice(1)]) {
        const answer = await client.other().logIn(wrong)
        expect(codeOf(answer)).toEqual([401, 'ALUDEL_WEB_SESSION'])
        expect(answer.headers).not.toHaveProperty('set-cookie')
      }
    })

    test('an id that a client brings does not become that of a session', async () => {
      const fixed = client.cookie.replace(/=.*/, '=chosen-by-somebody')
      const answer = await client.other().post('/session', { token }, { headers: { cookie: fixed } })
      expect(answer.headers['set-cookie']?.[0]).not.toContain('chosen-by-somebody')
      const other = client.other()
      other.cookie = fixed
      expect((await other.get('/session')).status).toBe(401)
    })

    test('opening the link again in the same browser keeps its session, so that its other tabs go on', async () => {
      const browser = client.other()
      await browser.logIn()
      const { csrf } = browser
      const again = await browser.post('/session', { token })
      expect([again.status, again.headers['set-cookie']]).toEqual([204, undefined])
      expect((await browser.get('/session')).json<Session>().csrf).toBe(csrf)
    })

    test('a session that has ended or expired is none', async () => {
      const other = client.other()
      await other.logIn()
      expect((await other.get('/session')).status).toBe(200)
      const left = await other.send('DELETE', '/api/v1/session')
      expect([left.status, left.headers['set-cookie']?.[0]]).toEqual([
        204,
        expect.stringContaining('Expires=Thu, 01 Jan 1970'),
      ])
      expect((await other.get('/session')).status).toBe(401)

      const { client: hasty } = await project.start({ sessions: { absoluteMs: 0 } })
      expect((await hasty.post('/session', { token: hasty.token })).status).toBe(204)
      expect((await hasty.get('/session')).status).toBe(401)
    })

    test('guessing is slowed down, also for the right token', async () => {
      const { client: guessed } = await project.start()
      for (let guess = 0; guess < 10; guess += 1)
        expect((await guessed.post('/session', { token: `guess-${String(guess)}` })).status).toBe(401)
      const answer = await guessed.post('/session', { token: guessed.token })
      expect(codeOf(answer)).toEqual([429, 'ALUDEL_WEB_RATE'])
      expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0)
      expect(answer.json<ApiError>().error.details?.['retryAfterMs']).toBeGreaterThan(0)
    })

    test('the cookie cannot be read by scripts, nor sent from other sites', async () => {
      const answer = await client.other().post('/session', { token })
      expect(answer.headers['set-cookie']).toEqual([
        expect.stringMatching(/^aludel-\d+=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/),
      ])
      // A browser that came by TLS, through a proxy.
      const proxied = await project.serve({ allowHosts: ['aludel.example.com'] })
      const headers = { origin: 'https://aludel.example.com', host: 'aludel.example.com' }
      const secure = await proxied.other().post('/session', { token: proxied.token }, { headers })
      expect(secure.headers['set-cookie']?.[0]).toContain('; Secure')
    })
  })

  describe('from pages of others', () => {
    const origins = [
      'https://evil.example',
      'null',
      'http://localhost:3000',
      'http://127.0.0.1',
      'chrome-extension://x',
    ]

    test.each(routes.map((route) => [route.method, urlOf(route)]))('%s %s is refused', async (method, url) => {
      for (const origin of origins)
        expect(codeOf(await client.send(method, `/api/v1${url}`, { headers: { origin } }))).toEqual([
          403,
          'ALUDEL_WEB_FORBIDDEN',
        ])
      for (const site of ['cross-site', 'same-site'])
        expect(codeOf(await client.send(method, `/api/v1${url}`, { headers: { 'sec-fetch-site': site } }))).toEqual([
          403,
          'ALUDEL_WEB_FORBIDDEN',
        ])
    })

    test.each(['/', '/history', '/assets/index-abc.js', '/api/v1/session', '/api/v1/openapi.json', '/nothing.txt'])(
      'a name that leads to this machine (DNS rebinding) does not get %s',
      async (url) => {
        for (const host of ['evil.example', 'evil.example:80', `localhost.evil.example:${new URL(client.url).port}`]) {
          const answer = await request(client.url, 'GET', url, undefined, { host, cookie: client.cookie })
          expect(codeOf(answer)).toEqual([403, 'ALUDEL_WEB_FORBIDDEN'])
          expect(answer.text).not.toContain('Aludel</')
        }
      },
    )

    test.each(
      routes
        .filter(({ method, access }) => method !== 'GET' && access !== 'open')
        .map((route) => [route.method, urlOf(route)]),
    )('%s %s without the secret of the session is refused', async (method, url) => {
      const other = client.other()
      await other.logIn()
      for (const csrf of ['', 'x', other.csrf, `${client.csrf}x`]) {
        const answer = await client.send(method, `/api/v1${url}`, { headers: { 'x-aludel-csrf': csrf } })
        expect(codeOf(answer)).toEqual([403, 'ALUDEL_WEB_FORBIDDEN'])
      }
    })

    test('no answer allows other pages to read it', async () => {
      const preflight = await request(client.url, 'OPTIONS', '/api/v1/status', undefined, {
        origin: 'https://evil.example',
        'access-control-request-method': 'GET',
      })
      expect(preflight.status).toBe(403)
      for (const answer of [preflight, await client.get('/session')])
        expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control'))).toEqual([])
    })
  })

  test.each([
    '/',
    '/assets/index-abc.js',
    '/api/v1/session',
    '/api/v1/nothing',
    '/nothing.txt',
    '/api/v1/openapi.json',
  ])('the headers of %s let a browser run nothing else', async (url) => {
    const { headers } = await client.send('GET', url)
    expect(headers).toMatchObject({
      'content-security-policy':
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
    })
    expect(headers['content-type']).toBeTruthy()
  })

  test.each([
    '/../secret.txt',
    '/assets/../../secret.txt',
    '/assets/..%2f..%2fsecret.txt',
    '/assets/%2e%2e/%2e%2e/secret.txt',
    '/assets/%252e%252e%252fsecret.txt',
    '/..\\secret.txt',
    '/%5c..%5csecret.txt',
    '//etc/passwd',
    '/assets//../../../../etc/passwd',
    '/./../secret.txt',
    '/assets/index-abc.js/../../../secret.txt',
    '/secret.txt%00.js',
    '/api/v1/../../secret.txt',
    '/package.json',
  ])('no path leads out of the page: %s', async (url) => {
    const answer = await request(client.url, 'GET', url, undefined, {})
    expect(answer.text).not.toContain('SECRET')
    expect(answer.text).not.toContain('root:')
    // What may be a link of the page gets the page.
    if (answer.status === 200) expect(answer.text).toContain('aludel-base')
    else expect([400, 404]).toContain(answer.status)
  })

  test.each<[string, { raw?: string; body?: unknown; type?: string; status: number }]>([
    ['a huge body', { body: { token: 'x'.repeat(64 * 1024) }, status: 413 }],
    ['a body that is no JSON', { raw: '{"token":', status: 400 }],
    ['a body of another type', { raw: 'token=x', type: 'application/x-www-form-urlencoded', status: 415 }],
    [
      'a body as text, which needs no permission of a browser',
      { raw: '{"token":"x"}', type: 'text/plain', status: 415 },
    ],
    ['no body', { status: 400 }],
    ['a list', { body: [], status: 400 }],
    ['null', { body: null, status: 400 }],
    ['an unknown key', { body: { token: 'x', admin: true }, status: 400 }],
    ['a wrong type', { body: { token: 1 }, status: 400 }],
    ['a prototype', { raw: '{"token":"x","__proto__":{"admin":true}}', status: 400 }],
    ['a constructor', { raw: '{"token":"x","constructor":{"prototype":{"admin":true}}}', status: 400 }],
    ['a text that is too long', { body: { token: 'x'.repeat(1001) }, status: 400 }],
  ])('%s is refused', async (_what, { raw, body, type, status }) => {
    const headers = type === undefined ? {} : { 'content-type': type }
    const answer = await client.post('/session', body, { raw, headers })
    expect(codeOf(answer)).toEqual([status, 'ALUDEL_WEB_INPUT'])
  })

  test.each([
    '/plan',
    '/plan?direction=sideways',
    '/plan?direction=upgrade&direction=downgrade',
    '/plan?direction=upgrade&target=',
    '/plan?direction=upgrade&unknown=1',
    '/plan?direction=upgrade&keepDropped=perhaps',
    '/journal?limit=0',
    '/journal?limit=201',
    '/journal?limit=1.5',
    '/journal?limit=x',
    '/status?x=1',
    `/revisions/${'a'.repeat(201)}`,
  ])('a query that is not as described is refused: %s', async (url) => {
    const answer = await client.get(url)
    expect([400, 404]).toContain(answer.status)
    expect(answer.json<ApiError>().error.message).toBeTruthy()
  })

  test.each(['PUT', 'PATCH', 'TRACE', 'HEAD', 'OPTIONS'])('%s is not a way to anything', async (method) => {
    const answer = await request(client.url, method, '/api/v1/status', undefined, { cookie: client.cookie })
    expect(answer.status).toBe(404)
  })

  test('a server that is read-only changes nothing, and one without permission writes no revision', async () => {
    const reader = await project.serve({ readOnly: true, allowCreate: true })
    expect((await reader.get('/session')).json<Session>()).toMatchObject({ readOnly: true, allowCreate: false })
    const changing = routes.filter(({ access }) => access === 'write' || access === 'create')
    expect(changing.length).toBeGreaterThan(7)
    for (const route of changing)
      expect(codeOf(await reader.send(route.method, `/api/v1${urlOf(route)}`, { body: {} }))).toEqual([
        403,
        'ALUDEL_WEB_FORBIDDEN',
      ])
    const writer = await project.serve()
    expect((await writer.get('/session')).json<Session>()).toMatchObject({ readOnly: false, allowCreate: false })
    for (const url of ['/create', '/create/preview'])
      expect(codeOf(await writer.post(url, { message: 'x' }))).toEqual([403, 'ALUDEL_WEB_FORBIDDEN'])
  })

  test('a script in an address comes back as text', async () => {
    for (const url of ['/api/v1/<script>alert(1)</script>', '/api/v1/runs/<script>alert(1)</script>', '/<b>.html']) {
      const answer = await client.send('GET', encodeURI(url))
      expect(answer.headers['content-type']).toBe('application/json; charset=utf-8')
      expect(answer.text).not.toMatch(/[<>]/)
    }
  })

  test('no answer contains the token, and none but the session its secrets', async () => {
    const answers = [await client.get('/session'), await client.get('/runs'), await client.get('/openapi.json')]
    for (const { text } of answers) {
      expect(text).not.toContain(token)
      expect(text).not.toContain(client.cookie.split('=')[1])
    }
    expect(answers.slice(1).some(({ text }) => text.includes(client.csrf))).toBe(false)
  })
})

describe.each(dialectNames)('hostile names and values on %s', (dialect) => {
  const script = '<script>alert(1)</script>'
  let project: WebProject
  let client: Client

  beforeAll(async () => {
    project = await WebProject.make(dialect)
    project.write(
      {
        id: 'aa',
        message: `${script} & "quotes" </script>`,
        up: [`CREATE TABLE "${script}" ("id" integer PRIMARY KEY, "</td><img src=x onerror=alert(1)>" text)`],
      },
      {
        id: 'bb',
        down: 'aa',
        message: `it's; DROP TABLE migrations; --`,
        up: [`INSERT INTO "'; DROP TABLE ""migrations""; --" VALUES (1)`],
      },
    )
    client = await project.serve()
  })
  afterAll(() => project.remove())

  test('are shown as they are, and never as HTML', async () => {
    const run = await client.runToEnd({ direction: 'upgrade', target: 'head' })
    // The second one fails, with its statement in the error.
    expect(run).toMatchObject({ state: 'failed', error: { details: { revision: idOf('bb') } } })
    const urls = [
      '/status',
      '/revisions',
      '/journal',
      `/revisions/${idOf('aa')}`,
      '/plan?direction=downgrade',
      `/runs/${run.id}`,
    ]
    for (const url of urls) {
      const answer = await client.get(url)
      expect([url, answer.status]).toEqual([url, 200])
      expect(answer.text).not.toMatch(/[<>&]/)
    }
    const { tables } = (await client.get('/status')).json<Status>()
    expect(tables.map(({ name }) => name)).toContain(script)
    const { source } = (await client.get(`/revisions/${idOf('aa')}`)).json<{ source: string }>()
    expect(source).toContain(script)
  })

  test.each([
    `/journal?search=${encodeURIComponent(`'; DROP TABLE "migrations"; --`)}`,
    `/journal?revision=${encodeURIComponent(`' OR 1=1 --`)}`,
    `/revisions/${encodeURIComponent(`'; DROP TABLE "migrations"; --`)}`,
    `/plan?direction=upgrade&target=${encodeURIComponent(`head'; DROP TABLE "migrations"; --`)}`,
    `/backups/${encodeURIComponent('../../etc/passwd')}/restore`,
  ])('are values in a query, never SQL or a path: %s', async (url) => {
    const answer = await client.get(url)
    expect(answer.status).toBeLessThan(500)
    const { current } = (await client.get('/status')).json<Status>()
    expect(current).toEqual([idOf('aa')])
  })

  test('a password in the address of the database is in no answer and no error', async () => {
    const secret = 's3cret-of-the-database'
    const url = new URL(dialect === 'postgres' ? project.database.url : 'postgres://db.invalid/app')
    url.username = 'nobody_with_this_name'
    url.password = secret
    const options = { type: 'postgres' as const, url: url.href }
    const { DataSource } = await import('typeorm')
    const wrong = await project.serve({ project: project.options({ dataSource: new DataSource(options) }) })
    const session = (await wrong.get('/session')).json<Session>()
    expect(session).toMatchObject({ database: null, typedName: null })
    for (const path of ['/status', '/revisions', '/plan?direction=upgrade', '/journal']) {
      const answer = await wrong.get(path)
      expect([path, answer.status]).toEqual([path, 503])
      expect(answer.text).not.toContain(secret)
    }
    expect((await wrong.get('/session')).text).not.toContain(secret)
  })
})
