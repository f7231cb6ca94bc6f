import { spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import process from 'node:process'
import { setTimeout as wait } from 'node:timers/promises'
import { root } from './process.mjs'

/**
 * The files of an example, and its manifest.
 *
 * @param {string} name of its folder
 * @returns {{ manifest: any, files: Record<string, string> }}
 */
export function example(name) {
  const place = join(root, 'examples', name)
  const read = (/** @type {string} */ path) => readFileSync(join(place, path), 'utf8')
  const sources = readdirSync(join(place, 'src')).map((file) => join('src', file))
  const files = Object.fromEntries(
    [...sources, 'tsconfig.json', 'aludel.config.json'].map((file) => [file, read(file)]),
  )
  return { manifest: JSON.parse(read('package.json')), files }
}

/** @returns {Promise<number>} a port that nobody listens on */
function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const { port } = /** @type {import('node:net').AddressInfo} */ (server.address())
      server.close(() => resolve(port))
    })
  })
}

/** A process of an application, which listens at PORT. */
export class Running {
  /**
   * @param {string} folder of the application
   * @param {Record<string, string>} env
   * @param {string} [file]
   */
  static async start(folder, env, file = 'dist/main.js') {
    const running = new Running()
    running.url = `http://127.0.0.1:${await freePort()}`
    running.child = spawn(process.execPath, [file], {
      cwd: folder,
      env: { PATH: process.env['PATH'] ?? '', HOME: folder, PORT: new URL(running.url).port, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    running.output = ''
    for (const stream of [running.child.stdout, running.child.stderr]) {
      stream?.setEncoding('utf8').on('data', (/** @type {string} */ text) => (running.output += text))
    }
    running.ended = new Promise((resolve) => {
      running.child?.on('close', (code, signal) => resolve((running.end = { code, signal })))
    })
    return running
  }

  url = ''
  output = ''
  /** @type {import('node:child_process').ChildProcess | undefined} */
  child
  /** @type {{ code: number | null, signal: string | null } | undefined} */
  end
  /** @type {Promise<{ code: number | null, signal: string | null }> | undefined} */
  ended

  /**
   * Waits until a probe has this status.
   *
   * @param {string} path
   * @param {number} status
   */
  async until(path, status) {
    for (;;) {
      if (this.end !== undefined) throw new Error(`it ended: ${this.output}`)
      const found = await fetch(this.url + path).then(
        ({ status }) => status,
        () => 0,
      )
      if (found === status) return
      await wait(50)
    }
  }

  /**
   * @param {string} method
   * @param {string} path
   * @param {unknown} [body]
   * @returns {Promise<{ status: number, body: any }>}
   */
  async ask(method, path, body) {
    const response = await fetch(this.url + path, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    })
    return { status: response.status, body: await response.json() }
  }

  /** @param {NodeJS.Signals} signal */
  async stop(signal) {
    this.child?.kill(signal)
    return this.ended
  }
}
