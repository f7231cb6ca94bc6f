import http from 'node:http'

import Ajv, { type ValidateFunction } from 'ajv/dist/2020'

import type { Run, RunRequest, RunUpdate, Session } from '../../src'
import schemas from '../../src/api/schemas.json'
import { routes } from '../../src/routes'

/** An answer, read to its end. */
export interface Answer {
  readonly status: number
  readonly headers: http.IncomingHttpHeaders
  readonly text: string
  /** Parses the body. */
  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- declares the shape that the test expects
  json<T = Readonly<Record<string, unknown>>>(): T
}

export interface Sent {
  readonly headers?: http.OutgoingHttpHeaders
  /** Sent as JSON. */
  readonly body?: unknown
  /** Sent as it is. */
  readonly raw?: string
  /** Goes away before the answer. */
  readonly signal?: AbortSignal
}

/** An event of a stream, with its number. */
export interface StreamEvent {
  readonly id: number
  readonly name: string
  readonly update: RunUpdate
}

/**
 * A browser, as far as the API knows one: it keeps the cookie, and sends Origin and the header against forged requests. Every answer
 * must be as the schema of its route says.
 */
export class Client {
  cookie = ''
  csrf = ''
  readonly #sent: { readonly origin?: string }

  constructor(
    readonly url: string,
    readonly token: string,
  ) {
    this.#sent = { origin: new URL(url).origin }
  }

  /** Another browser for the same server. */
  other(): Client {
    return new Client(this.url, this.token)
  }

  async logIn(token = this.token): Promise<Answer> {
    const answer = await this.post('/session', { token })
    const [cookie = ''] = answer.headers['set-cookie'] ?? []
    this.cookie = cookie.split(';')[0] ?? ''
    if (answer.status === 204) this.csrf = (await this.get('/session')).json<Session>().csrf
    return answer
  }

  get(path: string, sent: Sent = {}): Promise<Answer> {
    return this.send('GET', `/api/v1${path}`, sent)
  }

  post(path: string, body?: unknown, sent: Sent = {}): Promise<Answer> {
    return this.send('POST', `/api/v1${path}`, { body, ...sent })
  }

  /** Sends a request with the cookie, and checks the answer. */
  async send(method: string, path: string, { headers = {}, body, raw, signal }: Sent = {}): Promise<Answer> {
    const text = raw ?? (body === undefined ? undefined : JSON.stringify(body))
    const all = {
      ...(this.cookie === '' ? {} : { cookie: this.cookie }),
      ...(method === 'GET' ? {} : { ...this.#sent, 'x-aludel-csrf': this.csrf }),
      ...(text === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    }
    const answer = await request(this.url, method, path, text, all, signal)
    checkAnswer(method, path, answer)
    return answer
  }

  /** Asks for a plan and runs it. */
  async run(request: Partial<RunRequest> & Pick<RunRequest, 'direction' | 'target'>): Promise<Answer> {
    const { direction, target, keepDropped } = request
    const query = new URLSearchParams({ direction, target, ...(keepDropped === true && { keepDropped: 'true' }) })
    const { fingerprint } = (await this.get(`/plan?${query.toString()}`)).json<{ fingerprint: string }>()
    return this.post('/runs', { fingerprint, ...request })
  }

  /** Runs a plan, and waits for its end. */
  async runToEnd(request: Parameters<Client['run']>[0]): Promise<Run> {
    const answer = await this.run(request)
    if (answer.status !== 202) throw new Error(`the run was refused: ${answer.text}`)
    return this.end(answer.json<Run>().id)
  }

  /** Waits for the end of a run. */
  async end(id: string): Promise<Run> {
    const last = (await this.events(id)).at(-1)
    if (last?.update.type !== 'end') throw new Error(`the stream ended without an end: ${JSON.stringify(last)}`)
    return last.update.run
  }

  /**
   * The events of a run, until its end or until `until` is true for one.
   *
   * @param after sent as `Last-Event-ID`
   */
  async events(id: string, { after, until }: { after?: number; until?: (event: StreamEvent) => boolean } = {}) {
    const events: StreamEvent[] = []
    for await (const event of this.stream(id, after)) {
      events.push(event)
      if (until?.(event) === true) break
    }
    return events
  }

  async *stream(id: string, after?: number): AsyncGenerator<StreamEvent> {
    const response = await new Promise<http.IncomingMessage>((resolve, reject) => {
      http
        .get(
          new URL(`/api/v1/runs/${id}/events`, this.url),
          { headers: { cookie: this.cookie, ...(after === undefined ? {} : { 'last-event-id': String(after) }) } },
          resolve,
        )
        .on('error', reject)
    })
    expect([response.statusCode, response.headers['content-type']]).toEqual([200, 'text/event-stream; charset=utf-8'])
    try {
      let text = ''
      for await (const chunk of response.setEncoding('utf8')) {
        text += String(chunk)
        for (let end = text.indexOf('\n\n'); end !== -1; end = text.indexOf('\n\n')) {
          const event = readEvent(text.slice(0, end))
          text = text.slice(end + 2)
          if (event !== undefined) yield event
        }
      }
    } finally {
      response.destroy()
    }
  }
}

function readEvent(text: string): StreamEvent | undefined {
  const fields = new Map(
    text.split('\n').map((line) => [line.slice(0, line.indexOf(': ')), line.slice(line.indexOf(': ') + 2)]),
  )
  const data = fields.get('data')
  if (data === undefined) return undefined
  const update = JSON.parse(data) as RunUpdate
  checkSchema('RunUpdate', update, data)
  return { id: Number(fields.get('id')), name: fields.get('event') ?? '', update }
}

/** Sends one request, with exactly these headers and Host. */
export function request(
  url: string,
  method: string,
  path: string,
  body: string | undefined,
  headers: http.OutgoingHttpHeaders,
  signal?: AbortSignal,
): Promise<Answer> {
  const { hostname, port } = new URL(url)
  return new Promise((resolve, reject) => {
    // Paths such as `/../x` are sent as they are.
    const length = body === undefined ? {} : { 'content-length': Buffer.byteLength(body) }
    const sent = http.request(
      { hostname, port, method, path, headers: { ...length, ...headers }, agent: false, signal },
      (response) => {
        let text = ''
        response
          .setEncoding('utf8')
          .on('data', (chunk: string) => (text += chunk))
          .on('error', reject)
          .on('end', () =>
            resolve({
              status: response.statusCode ?? 0,
              headers: response.headers,
              text,
              json: () => JSON.parse(text),
            }),
          )
      },
    )
    sent.on('error', reject).end(body)
  })
}

const ajv = new Ajv({ strict: true, strictTypes: false, strictRequired: false, allowUnionTypes: true })
ajv.addKeyword('components').addSchema({ $id: 'aludel', components: { schemas } })

/** An answer of the API is JSON of the schema of its route, or an error. */
function checkAnswer(method: string, path: string, answer: Answer): void {
  const [, inside] = /^\/api\/v1(\/[^?]*)/.exec(path) ?? []
  if (inside === undefined || answer.status === 204 || inside === '/openapi.json') return
  expect(answer.headers['content-type']).toBe('application/json; charset=utf-8')
  if (answer.status >= 300) {
    checkSchema('ApiError', answer.json(), answer.text)
    return
  }
  const route = routes.find(
    (one) => one.method === method && new RegExp(`^${one.path.replace(':id', '[^/]+')}$`).test(inside),
  )
  expect(route?.answer.status ?? 200).toBe(answer.status)
  checkSchema(route?.answer.schema ?? '', answer.json(), answer.text)
}

export function checkSchema(name: string, value: unknown, text: string): void {
  const validate = ajv.getSchema(`aludel#/components/schemas/${name}`) as ValidateFunction | undefined
  if (validate === undefined) throw new Error(`there is no schema "${name}"`)
  if (validate(value)) return
  throw new Error(`not a ${name}: ${ajv.errorsText(validate.errors)}: ${text.slice(0, 2000)}`)
}
