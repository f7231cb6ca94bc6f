import { spawn } from 'node:child_process'
import { join } from 'node:path'
import process from 'node:process'
import { root } from '../lib/process.mjs'

const program = join(root, 'packages', 'cli', 'bin', 'aludel.js')

/**
 * @typedef {object} Ended
 * @property {number | null} code
 * @property {NodeJS.Signals | null} signal
 * @property {string} output
 * @property {string} errors
 * @property {number} ms
 * @property {any} json its output, if that is JSON
 */

/**
 * Runs the command in a project.
 *
 * @param {string} folder
 * @param {readonly string[]} args
 * @param {object} [options]
 * @param {NodeJS.ProcessEnv} [options.env]
 * @param {number} [options.killAfterMs] milliseconds after which it is killed with SIGKILL
 * @returns {Promise<Ended>}
 */
export function aludel(folder, args, { env = {}, killAfterMs } = {}) {
  return new Promise((resolve, reject) => {
    const started = performance.now()
    const child = spawn(process.execPath, [program, ...args, '--json', '--no-input'], {
      cwd: folder,
      env: { ...process.env, NO_COLOR: '1', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let [output, errors] = ['', '']
    child.stdout.setEncoding('utf8').on('data', (/** @type {string} */ text) => (output += text))
    child.stderr.setEncoding('utf8').on('data', (/** @type {string} */ text) => (errors += text))
    const timer = killAfterMs === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), killAfterMs)
    child.on('error', reject)
    child.on('exit', (code, signal) => {
      clearTimeout(timer)
      // Programs of the killed process may keep its pipes open.
      if (signal !== null) setTimeout(() => settle(code, signal), 20)
    })
    child.on('close', (code, signal) => settle(code, signal))
    const settle = (/** @type {number | null} */ code, /** @type {NodeJS.Signals | null} */ signal) =>
      resolve({ code, signal, output, errors, ms: performance.now() - started, json: jsonOf(output) })
  })
}

/** @param {string} text */
function jsonOf(text) {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/**
 * Runs the command, which must succeed.
 *
 * @param {string} folder
 * @param {readonly string[]} args
 * @param {NodeJS.ProcessEnv} [env]
 */
export async function succeed(folder, args, env = {}) {
  const ended = await aludel(folder, args, { env })
  if (ended.code !== 0)
    throw new Error(
      `aludel ${args.join(' ')} ended with ${String(ended.code ?? ended.signal)}: ${ended.errors}${ended.output}`,
    )
  return ended
}
