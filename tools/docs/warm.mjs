import { fork } from 'node:child_process'
import { join } from 'node:path'
import process from 'node:process'

/**
 * @typedef {object} Result
 * @property {number | string} code
 * @property {string} output
 */

/**
 * The command line of a workspace in a process that has already loaded it, for commands that do not need a fresh one: starting
 * Node with TypeORM is most of the work of most commands. It runs one command at a time.
 */
export class WarmCommandLine {
  /** @type {import('node:child_process').ChildProcess | undefined} */
  #child
  #installation

  /** @param {string} installation the folder with `packages/cli` */
  constructor(installation) {
    this.#installation = installation
  }

  /**
   * @param {string[]} argv after `aludel`
   * @param {string} cwd
   * @param {NodeJS.ProcessEnv} env
   * @param {number} timeout in milliseconds
   * @returns {Promise<Result>} the exit code and the output as a terminal shows it
   */
  async run(argv, cwd, env, timeout) {
    const result = await this.#ask(argv, cwd, env, timeout)
    if (result !== 'stale') return result
    this.stop()
    return /** @type {Result} */ (await this.#ask(argv, cwd, env, timeout))
  }

  /** Ends the process. */
  stop() {
    this.#child?.kill('SIGKILL')
    this.#child = undefined
  }

  /**
   * @param {string[]} argv
   * @param {string} cwd
   * @param {NodeJS.ProcessEnv} env
   * @param {number} timeout
   * @returns {Promise<Result | 'stale'>}
   */
  #ask(argv, cwd, env, timeout) {
    const child = (this.#child ??= this.#start(env))
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.stop(), timeout)
      const done = (/** @type {Result | 'stale'} */ result) => {
        clearTimeout(timer)
        child.removeAllListeners()
        // The child ends with this process, and must not keep it alive.
        child.unref()
        child.channel?.unref()
        resolve(result)
      }
      child.ref()
      child.channel?.ref()
      child.once('message', (message) => done(/** @type {Result | 'stale'} */ (message)))
      child.once('error', (error) => done({ code: 'error', output: error.message }))
      child.once('exit', (code, signal) => {
        if (this.#child === child) this.#child = undefined
        done({ code: code ?? String(signal), output: 'the process of the command line has ended' })
      })
      child.send({ installation: this.#installation, argv, cwd, env })
    })
  }

  /** @param {NodeJS.ProcessEnv} env */
  #start(env) {
    return fork(join(import.meta.dirname, 'warm-process.mjs'), { env, execPath: process.execPath, execArgv: [] })
  }
}
