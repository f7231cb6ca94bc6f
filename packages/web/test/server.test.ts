import { generateKeyPairSync } from 'node:crypto'
import { createServer as createNetServer } from 'node:net'
import { rmSync, writeFileSync } from 'node:fs'
import https from 'node:https'
import path from 'node:path'

import { dialectNames } from '../../../tools/testing/databases'
import { createServer } from '../src'
import { certificate } from './support/certificate'
import { request } from './support/client'
import { WebProject } from './support/project'

describe('a server', () => {
  let project: WebProject

  beforeAll(async () => {
    project = await WebProject.make(dialectNames[0]!)
  })
  afterEach(() => project.stop())
  afterAll(() => project.remove())

  test('can only be reached from this machine, and has a token of its own', async () => {
    const one = await project.start()
    const two = await project.start()
    expect(one.server.app.server.address()).toMatchObject({ address: '127.0.0.1' })
    expect(one.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/)
    expect(one.server.token).not.toBe(two.server.token)
  })

  test.each(['0.0.0.0', '::', '192.168.1.5', 'aludel.example.com'])('on %s needs TLS, or a decision', async (host) => {
    const options = { project: project.options(), page: project.page, host, port: 0 }
    await expect(createServer(options)).rejects.toMatchObject({
      code: 'ALUDEL_USAGE',
      help: expect.stringContaining('--tls-cert'),
    })
    const server = await createServer({ ...options, insecureHttp: true })
    await server.close()
  })

  test('with a certificate answers by HTTPS, and its cookie is for HTTPS alone', async () => {
    const { cert, key } = certificate
    const { server, url } = await project.start({ host: '0.0.0.0', tls: { cert, key } })
    expect(url).toMatch(/^https:\/\/localhost:\d+\/$/)
    const body = JSON.stringify({ token: server.token })
    const cookie = await new Promise<string[] | undefined>((resolve, reject) => {
      https
        .request(new URL('/api/v1/session', url), {
          method: 'POST',
          rejectUnauthorized: false,
          agent: false,
          headers: { 'content-type': 'application/json', 'content-length': body.length },
        })
        .on('response', (response) => {
          response.resume()
          resolve(response.headers['set-cookie'])
        })
        .on('error', reject)
        .end(body)
    })
    expect(cookie?.[0]).toContain('; Secure')
  })

  test('refuses a certificate that cannot be used', async () => {
    const { cert, key } = certificate
    const options = { project: project.options(), page: project.page, port: 0 }
    const other = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' })
    for (const tls of [
      { cert: 'not a certificate', key },
      { cert, key: 'not a key' },
      { cert, key: other },
    ]) {
      await expect(createServer({ ...options, tls })).rejects.toMatchObject({
        code: 'ALUDEL_USAGE',
        message: expect.stringMatching(/^the TLS certificate and its key cannot be used: (?!error:)/),
      })
    }
  })

  test('answers to the names that it was given, and prints where it listens', async () => {
    const named = await project.start({ allowHosts: ['aludel.example.com:8443'] })
    expect(named.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/)
    const everywhere = { host: '0.0.0.0', insecureHttp: true, allowHosts: ['aludel.example.com'] }
    expect((await project.start(everywhere)).url).toMatch(/^http:\/\/aludel\.example\.com:\d+\/$/)
    for (const [host, status] of [
      ['aludel.example.com:8443', 200],
      ['aludel.example.com', 403],
      ['evil.example', 403],
    ] as const)
      expect([host, (await request(named.client.url, 'GET', '/', undefined, { host })).status]).toEqual([host, status])
  })

  test('says so when its port is in use', async () => {
    const taken = createNetServer()
    const port = await new Promise<number>((resolve) => {
      taken.listen(0, '127.0.0.1', () => resolve((taken.address() as { port: number }).port))
    })
    const server = await createServer({ project: project.options(), page: project.page, port })
    try {
      await expect(server.listen()).rejects.toMatchObject({
        code: 'ALUDEL_WEB_ADDRESS',
        message: `the server cannot listen on 127.0.0.1:${String(port)}: port ${String(port)} is in use`,
        help: expect.stringContaining('--port'),
      })
    } finally {
      await server.close()
      taken.close()
    }
  })

  test('serves files with a hash in their names for a year, compressed where they are, and the rest anew each time', async () => {
    writeFileSync(path.join(project.page, 'assets', 'index-abc.js.br'), 'compressed')
    writeFileSync(path.join(project.page, 'icon.svg'), '<svg xmlns="http://www.w3.org/2000/svg"/>')
    const { client } = await project.start()
    const get = (url: string, headers = {}) => request(client.url, 'GET', url, undefined, headers)
    const plain = await get('/assets/index-abc.js')
    expect(plain.headers).toMatchObject({
      'cache-control': 'public, max-age=31536000, immutable',
      'content-type': expect.stringMatching(/^(text|application)\/javascript/),
    })
    const packed = await get('/assets/index-abc.js', { 'accept-encoding': 'br' })
    expect([packed.headers['content-encoding'], packed.text]).toEqual(['br', 'compressed'])
    expect((await get('/icon.svg')).headers).toMatchObject({
      'cache-control': 'no-cache',
      'content-type': 'image/svg+xml',
    })
    for (const url of ['/', '/history', '/plan?direction=upgrade', '/backups/20261130T041500Z-9f3c']) {
      const page = await get(url)
      expect([url, page.status, page.headers['cache-control']]).toEqual([url, 200, 'no-store'])
      expect(page.text).toContain('src="/assets/index-abc.js"')
    }
    for (const url of ['/nothing.js', '/api', '/api/v2/x', '/assets/index-abc.js.br', '/index.html'])
      expect([url, (await get(url)).status]).toEqual([url, 404])
  })

  test('does not start without its page', async () => {
    const page = path.join(project.folder, 'unbuilt')
    rmSync(page, { recursive: true, force: true })
    await expect(createServer({ project: project.options(), page })).rejects.toMatchObject({
      code: 'ALUDEL_WEB_PAGE',
      help: expect.stringContaining('npm run build'),
    })
    const server = await createServer({ project: project.options(), page: null })
    await server.close()
  })

  test('does not serve a database in memory', async () => {
    const dataSource = project.dataSource({ type: 'better-sqlite3', database: ':memory:' })
    const client = await project.serve({ project: project.options({ dataSource }) })
    expect((await client.get('/status')).json()).toMatchObject({ error: { code: 'ALUDEL_USAGE' } })
  })
})
