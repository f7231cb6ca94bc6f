// A server with the routes of the API and made-up data, to develop the page against: `node packages/web/page/mock/server.mjs`.
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { extname, join, normalize } from 'node:path'
import process from 'node:process'
import { createRoutes } from './routes.mjs'
import { makeState } from './state.mjs'

/** @typedef {import('./state.mjs').Scenario} Scenario */

const types = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain',
}
const page = join(import.meta.dirname, '../../dist/page')

/**
 * @typedef {object} MockOptions
 * @property {Scenario} [scenario]
 * @property {number} [port]
 * @property {string} [prefix] without a slash at the end
 * @property {string} [token]
 * @property {number} [delayMs] before each answer of the API
 * @property {number} [pace] factor for the time that runs take
 */

/**
 * @param {MockOptions} [options]
 */
export async function startMock({
  scenario = 'shop',
  port = 0,
  prefix = '',
  token = 'demo',
  delayMs = 0,
  pace = 1,
} = {}) {
  /** @type {Set<string>} */
  const sessions = new Set()
  const csrf = randomBytes(8).toString('hex')
  const state = makeState(scenario)
  const handle = createRoutes(state, { csrf, pace })
  const control = { delayMs, fail: /** @type {RegExp | null} */ (null) }

  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? '/', 'http://localhost')
    if (!url.pathname.startsWith(prefix)) return void response.writeHead(404).end()
    const path = url.pathname.slice(prefix.length)
    if (!path.startsWith('/api/v1/')) return void serve(response, path, prefix)
    const route = path.slice('/api/v1'.length)
    if (control.delayMs > 0) await new Promise((resolve) => setTimeout(resolve, control.delayMs))
    const cookie = /aludel=(\w+)/.exec(request.headers.cookie ?? '')?.[1] ?? ''
    // A page that was closed does not wait for its answer.
    const body = await bodyOf(request).catch(() => undefined)
    if (body === undefined) return
    const method = request.method ?? 'GET'
    if (control.fail?.test(`${method} ${route}`)) {
      return void json(response, 500, {
        error: {
          code: 'ALUDEL_CONNECT',
          message: 'cannot connect to postgres at db.internal:5432',
          help: 'Check that the server is running and that this machine can reach it.\naludel db info',
        },
      })
    }
    if (route === '/session' && method === 'POST') {
      if (body.token !== token) {
        return void json(response, 401, {
          error: {
            code: 'ALUDEL_WEB_SESSION',
            message: 'this is not the token of this server',
            help: 'It was printed when `aludel web` was started. A restart makes a new one.',
          },
        })
      }
      const id = randomBytes(8).toString('hex')
      sessions.add(id)
      return void response.writeHead(204, { 'set-cookie': `aludel=${id}; HttpOnly; SameSite=Strict; Path=/` }).end()
    }
    if (!sessions.has(cookie)) {
      return void json(response, 401, {
        error: {
          code: 'ALUDEL_WEB_SESSION',
          message: 'there is no session, or it has expired',
          help: 'Sign in with the token that `aludel web` has printed.',
        },
      })
    }
    if (route === '/session' && method === 'DELETE') {
      sessions.delete(cookie)
      return void response.writeHead(204).end()
    }
    if (method !== 'GET' && request.headers['x-aludel-csrf'] !== csrf) {
      return void json(response, 403, {
        error: { code: 'ALUDEL_WEB_FORBIDDEN', message: 'the request has no CSRF token' },
      })
    }
    await handle({
      method,
      route,
      query: url.searchParams,
      body,
      request,
      response,
      json: (status, value) => json(response, status, value),
    })
  })
  await new Promise((resolve) => server.listen(port, '127.0.0.1', () => resolve(undefined)))
  const address = server.address()
  const url = `http://127.0.0.1:${String(typeof address === 'object' ? address?.port : port)}${prefix}`
  return {
    url,
    state,
    control,
    /** All sessions expire. */
    expire: () => sessions.clear(),
    close: () => {
      server.closeAllConnections()
      return new Promise((resolve) => server.close(resolve))
    },
  }
}

/**
 * @param {import('node:http').ServerResponse} response
 * @param {string} path
 * @param {string} prefix
 */
function serve(response, path, prefix) {
  const file = join(page, normalize(decodeURIComponent(path)))
  const isAsset = path.startsWith('/assets/') && file.startsWith(page)
  try {
    const content = readFileSync(isAsset ? file : join(page, 'index.html'))
    const type =
      /** @type {Record<string, string>} */ (types)[extname(isAsset ? file : 'index.html')] ??
      'application/octet-stream'
    response.writeHead(200, {
      'content-type': `${type}; charset=utf-8`,
      'content-security-policy':
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'",
    })
    response.end(
      isAsset
        ? content
        : content
            .toString()
            .replaceAll('="./', `="${prefix}/`)
            .replace('name="aludel-base" content=""', `name="aludel-base" content="${prefix}"`),
    )
  } catch {
    response.writeHead(404).end()
  }
}

/**
 * @param {import('node:http').ServerResponse} response
 * @param {number} status
 * @param {unknown} value
 */
function json(response, status, value) {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value))
}

/**
 * @param {import('node:http').IncomingMessage} request
 * @returns {Promise<Record<string, any>>}
 */
async function bodyOf(request) {
  let text = ''
  for await (const chunk of request) text += String(chunk)
  return text === '' ? {} : JSON.parse(text)
}

if (process.argv[1] === import.meta.filename) {
  const [scenario = 'shop', port = '5290'] = process.argv.slice(2)
  const { url } = await startMock({ scenario: /** @type {Scenario} */ (scenario), port: Number(port) })
  console.log(`${url}/#token=demo`)
}
