import { type ChildProcess, spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import path from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'

import type { Run, Session, Status } from '@aludel/web'

import { aludelCommand } from '../../../../tools/testing/installed'
import { aludel, dialects, makeDirectory, removeDirectory, shippedConfig, writeFiles } from './harness'
import { ids, revision, run } from './shop'
import { type ErrorDocument, useShop } from './shop-project'

jest.setTimeout(120_000)

/** A server in a process of its own, and a browser that knows the link which it printed. */
class Served {
  cookie = ''
  csrf = ''

  private constructor(
    readonly child: ChildProcess,
    readonly printed: { stdout: string; stderr: string },
    readonly ended: Promise<number | null>,
  ) {}

  /** Starts `aludel web`, and waits until it has printed its link. */
  static async start(
    cwd: string,
    args: readonly string[],
    env: Readonly<Record<string, string>> = {},
  ): Promise<Served> {
    const child = spawn(process.execPath, [aludelCommand, 'web', '--port', '0', ...args], {
      cwd,
      env: { PATH: process.env['PATH'] ?? '', HOME: cwd, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const printed = { stdout: '', stderr: '' }
    for (const stream of ['stdout', 'stderr'] as const)
      child[stream].setEncoding('utf8').on('data', (chunk: string) => (printed[stream] += chunk))
    let isOver = false
    const ended = new Promise<number | null>((resolve) => {
      child.on('close', (code) => {
        isOver = true
        resolve(code)
      })
    })
    // The line after the link may arrive later.
    while (!/"url"|Ctrl-C ends the server/.test(printed.stdout)) {
      if (isOver) throw new Error(`the server ended: ${printed.stderr}`)
      await wait(10)
    }
    return new Served(child, printed, ended)
  }

  get url(): URL {
    return new URL(/https?:\/\/\S+?(?=["\s])/.exec(`${this.printed.stdout} `)?.[0] ?? '')
  }

  async logIn(token = this.url.hash.replace('#token=', '')): Promise<Session> {
    const answer = await this.send('POST', '/session', { token })
    expect(answer.status).toBe(204)
    this.cookie = answer.headers.getSetCookie()[0]?.split(';')[0] ?? ''
    const session = await this.get<Session>('/session')
    this.csrf = session.csrf
    return session
  }

  send(method: string, path: string, body?: unknown): Promise<Response> {
    return fetch(new URL(`/api/v1${path}`, this.url.origin), {
      method,
      headers: {
        cookie: this.cookie,
        'x-aludel-csrf': this.csrf,
        connection: 'close',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
  }

  async get<T>(path: string): Promise<T> {
    const answer = await this.send('GET', path)
    const text = await answer.text()
    if (answer.status !== 200) throw new Error(text)
    return JSON.parse(text) as T
  }

  /** Runs an upgrade to the head. */
  async upgrade(): Promise<Run> {
    const { typedName } = await this.get<Session>('/session')
    const { fingerprint } = await this.get<{ fingerprint: string }>('/plan?direction=upgrade&target=head')
    const body = { direction: 'upgrade', target: 'head', fingerprint, confirm: typedName, backup: 'never' }
    const answer = await this.send('POST', '/runs', body)
    const text = await answer.text()
    if (answer.status !== 202) throw new Error(text)
    return JSON.parse(text) as Run
  }

  async until(id: string, is: (run: Run) => boolean): Promise<Run> {
    for (;;) {
      const found = await this.get<Run>(`/runs/${id}`)
      if (is(found)) return found
      await wait(10)
    }
  }

  async stop(signal: NodeJS.Signals): Promise<number | null> {
    this.child.kill(signal)
    return this.ended
  }
}

describe.each(dialects)('aludel web on %s', (dialect) => {
  const project = useShop(dialect)
  const servers: Served[] = []
  afterEach(async () => {
    for (const server of servers.splice(0)) await server.stop('SIGKILL')
  })

  const onShop = (): string[] => ['--data-source', 'data-source.ts', '--database-url', project.database.url]
  const serve = async (...args: readonly string[]): Promise<Served> => {
    const server = await Served.start(project.directory, [...onShop(), ...args])
    servers.push(server)
    return server
  }
  const gate = (): string => path.join(project.directory, 'gate')
  /** A revision outside a transaction that stops after its first statement, until a file exists. */
  const addWaiting = (): void => {
    writeFiles(project.directory, {
      'migrations/1700000000004-waits.ts': revision({
        name: 'Waits1700000000004',
        id: ids.next,
        down: `'${ids.posts}'`,
        message: 'waits',
        more: 'readonly transaction = false',
        undo: '',
        up: `${run('CREATE TABLE "one" ("id" integer)')}; while (!require('node:fs').existsSync(${JSON.stringify(gate())})) await new Promise((resolve) => setTimeout(resolve, 10)); ${run('CREATE TABLE "two" ("id" integer)')}`,
      }),
    })
  }
  const started = ({ steps }: Run): boolean => steps.at(-1)?.state === 'running'

  test('prints one link, which opens a session, runs what is pending, and ends with Ctrl-C', async () => {
    const server = await serve('--json')
    expect(JSON.parse(server.printed.stdout)).toEqual({ url: server.url.href })
    expect(server.url.href).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/#token=[\w-]{43}$/)
    const page = await fetch(server.url)
    expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8'])
    const session = await server.logIn()
    expect(session).toMatchObject({ database: { dialect }, readOnly: false, allowCreate: false, reviews: false })
    const { id } = await server.upgrade()
    expect(await server.until(id, ({ state }) => state !== 'running')).toMatchObject({ state: 'done' })
    expect(await server.get<Status>('/status')).toMatchObject({ current: [ids.posts], pending: 0 })
    expect(await server.stop('SIGINT')).toBe(0)
    expect(JSON.parse(server.printed.stdout)).toEqual({ url: server.url.href })
    expect(server.printed.stderr).toMatch(new RegExp(`^upgrade of ${ids.posts} \\(.+\\) in `, 'm'))
    expect(server.printed.stderr).not.toContain('error')
    expect((await project.succeeds('current --json')).json()).toMatchObject({ current: [ids.posts], upToDate: true })
  })

  test('shows where a run was when its server was killed, and resumes it after the next start', async () => {
    addWaiting()
    const first = await serve()
    await first.logIn()
    const { id } = await first.upgrade()
    await first.until(id, started)
    while (!(await project.tables()).includes('one')) await wait(10)
    expect(await first.stop('SIGKILL')).toBeNull()

    const second = await serve()
    await second.logIn()
    const status = await second.get<Status>('/status')
    expect(status).toMatchObject({ current: [ids.posts], running: null, lockedBy: null })
    expect(status.findings).toMatchObject([{ kind: 'halfway', revision: ids.next, stopped: { statements: 1 } }])
    expect(status.lastRuns[0]).toMatchObject({ revision: ids.next, outcome: 'running', statement: 1 })
    expect(status.lastRuns[0]?.actor).toMatch(/ via web@/)
    expect(await second.get('/runs')).toEqual({ runs: [] })
    writeFileSync(gate(), '')
    const again = await second.upgrade()
    expect(await second.until(again.id, ({ state }) => state !== 'running')).toMatchObject({ state: 'done' })
    expect(await project.tables()).toEqual(['one', 'posts', 'two', 'users'])
    expect(await second.get<Status>('/status')).toMatchObject({ current: [ids.next], findings: [] })
  })

  test('stops the run at work when it is terminated, and keeps what is completed', async () => {
    addWaiting()
    const server = await serve()
    await server.logIn()
    const { id } = await server.upgrade()
    await server.until(id, started)
    while (!(await project.tables()).includes('one')) await wait(10)
    expect(await server.stop('SIGTERM')).toBe(0)
    const current = await project.migrate('current --json')
    expect(current.json()).toMatchObject({ current: [ids.posts], halfway: [{ revision: ids.next }] })
    expect((await project.succeeds('unlock')).stdout).toBe('The migration lock is free.\n')
    writeFileSync(gate(), '')
    await project.succeeds('upgrade')
    expect(await project.tables()).toEqual(['one', 'posts', 'two', 'users'])
  })
})

describe('aludel web', () => {
  const [dialect] = dialects as [(typeof dialects)[number]]
  const project = useShop(dialect, 'all')
  const servers: Served[] = []
  afterEach(async () => {
    for (const server of servers.splice(0)) await server.stop('SIGKILL')
  })
  const onShop = (): string[] => ['--data-source', 'data-source.ts', '--database-url', project.database.url]

  test('prints a link for people, and what to do with it', async () => {
    const server = await Served.start(project.directory, [...onShop(), '--read-only'])
    servers.push(server)
    expect(server.printed.stdout).toMatch(
      new RegExp(
        String.raw`^.+ \(${dialect}\): http://127\.0\.0\.1:\d+/#token=\S+\nOpen the link, .*Ctrl-C ends the server\.\n$`,
      ),
    )
    expect(await server.logIn()).toMatchObject({ readOnly: true })
    expect(await server.stop('SIGINT')).toBe(0)
  })

  test('takes a token from the environment or a file, and prints it nowhere', async () => {
    const token = 'chosen-by-somebody-0123456789'
    writeFiles(project.directory, { 'token.txt': `${token}\n` })
    for (const [args, env] of [
      [[], { ALUDEL_WEB_TOKEN: token }],
      [['--token-file', 'token.txt'], { ALUDEL_WEB_TOKEN: 'another one that is not used' }],
    ] as const) {
      const server = await Served.start(project.directory, [...onShop(), ...args], env)
      servers.push(server)
      expect(server.url.hash).toBe('')
      expect(server.printed.stdout).toContain('The page asks for the token.')
      await server.logIn(token)
      expect(await server.stop('SIGTERM')).toBe(0)
      expect(server.printed.stdout + server.printed.stderr).not.toContain(token)
    }
  })

  test('says so when its port is in use', async () => {
    const taken = createServer()
    const port = await new Promise<number>((resolve) => {
      taken.listen(0, '127.0.0.1', () => resolve((taken.address() as { port: number }).port))
    })
    try {
      const ran = await project.aludel(['web', '--port', String(port), '--json'])
      expect(ran.code).toBe(1)
      expect(ran.json<ErrorDocument>().error).toMatchObject({
        code: 'ALUDEL_WEB_ADDRESS',
        message: `the server cannot listen on 127.0.0.1:${String(port)}: port ${String(port)} is in use`,
        details: { port },
      })
    } finally {
      taken.close()
    }
  })

  test.each<[readonly string[], string]>([
    [['--port', 'http'], '--port cannot be "http"'],
    [['--port', '65536'], '--port cannot be "65536"'],
    [['--host', '0.0.0.0', '--port', '0'], '0.0.0.0 can be reached by other machines, which needs TLS'],
    [['--tls-cert', 'cert.pem'], '--tls-cert: '],
    [['--token-file', 'nothing.txt'], 'nothing.txt cannot be read: there is no such file'],
    [['--token-file', '.'], 'cannot be read: it is a directory'],
    [['--allow-host', 'https://example.com/'], 'https://example.com/ is not the name of a host'],
    [['--tls-cert', 'short.txt', '--tls-key', 'short.txt'], 'the TLS certificate and its key cannot be used: '],
    [['--token-file', 'short.txt'], 'the token in --token-file must have at least 16 characters'],
  ])('refuses %s', async (args, message) => {
    writeFiles(project.directory, { 'short.txt': 's3cret' })
    const ran = await project.aludel(['web', ...args, '--json'])
    expect(ran.code).toBe(2)
    const { error } = ran.json<ErrorDocument>()
    expect(error.code).toBe('ALUDEL_USAGE')
    expect(error.message).toContain(message)
    expect(ran.stdout + ran.stderr).not.toContain('s3cret')
  })

  test('fails before it listens when the database cannot be read', async () => {
    const directory = makeDirectory(shippedConfig)
    try {
      const args = ['web', '--port', '0', '--json', '--database-url', 'postgres://app:s3cret@127.0.0.1:1/app']
      const ran = await aludel(args, { cwd: directory })
      expect(ran.code).toBe(1)
      expect(ran.json<ErrorDocument>().error.code).toBe('ALUDEL_CONNECT')
      expect(ran.stdout + ran.stderr).not.toContain('s3cret')
    } finally {
      removeDirectory(directory)
    }
  })

  test('shows the review decisions of the shipped entities, as text', async () => {
    const script = '<script>alert(1)</script>'
    const directory = makeDirectory({
      ...shippedConfig,
      'reviews/gateway_reviews.json': JSON.stringify({
        [script]: {
          Replay: {
            original_decision: 'Mitigate',
            final_decision: 'Accept',
            reviewer: 'Ana',
            justification: `</td>${script}`,
            review_date: '2025-04-20',
          },
        },
      }),
    })
    try {
      const url = ['--database-url', `sqlite:///${path.join(directory, 'app.db')}`]
      const server = await Served.start(directory, url)
      servers.push(server)
      expect(await server.logIn()).toMatchObject({ reviews: true })
      const early = await server.send('GET', '/reviews')
      expect([early.status, await early.json()]).toMatchObject([500, { error: { code: 'ALUDEL_REVIEWS' } }])
      expect(await server.until((await server.upgrade()).id, ({ state }) => state !== 'running')).toMatchObject({
        state: 'done',
      })
      const imported = await aludel(['reviews', 'import', 'reviews', '--json', ...url], { cwd: directory })
      expect(imported.json()).toMatchObject({ imported: 1 })
      const text = await (await server.send('GET', '/reviews?search=ana')).text()
      expect(text).not.toMatch(/[<>]/)
      const found = JSON.parse(text) as { reviews: { id: string; componentId: string }[]; counts: object }
      expect(found).toMatchObject({ reviews: [{ componentId: script, status: 'completed' }], counts: { completed: 1 } })
      const id = found.reviews[0]?.id ?? ''
      expect(await server.get(`/reviews/${id}`)).toMatchObject({ id, reviewer: 'Ana' })
      expect((await server.send('GET', '/reviews/nothing')).status).toBe(404)
      expect((await server.send('GET', '/reviews?status=open')).status).toBe(400)
    } finally {
      removeDirectory(directory)
    }
  })
})
