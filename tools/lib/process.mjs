import { spawn } from 'node:child_process'
import { realpathSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The root of the repository, absolute, without a trailing slash. */
export const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/[\\/]$/, '')

/** The folder of the installed commands (`tsc`, `eslint`, `nx` …). */
export const binaries = join(root, 'node_modules', '.bin')

/**
 * Whether a module is the program that was started, and not imported by another module.
 *
 * @param {ImportMeta} meta the `import.meta` of the module
 */
export function isProgram(meta) {
  // Node resolves links in the URL of a module, but not in the arguments.
  return process.argv[1] !== undefined && realpathSync(process.argv[1]) === meta.filename
}

/**
 * The environment of a child: ours, with the installed commands first in the PATH.
 *
 * @param {NodeJS.ProcessEnv} [extra] variables to add; `undefined` removes one
 * @returns {NodeJS.ProcessEnv}
 */
export function environment(extra = {}) {
  return { ...process.env, PATH: binaries + delimiter + (process.env['PATH'] ?? ''), ...extra }
}

/**
 * Runs a command to its end. Its output goes to our output, and `onLine` receives every line of it as well.
 *
 * An interrupt from the terminal reaches the child directly. A signal that only we receive is passed on, so that the child does
 * not keep running.
 *
 * @param {string} command
 * @param {string[]} args
 * @param {object} [options]
 * @param {NodeJS.ProcessEnv} [options.env] variables to add
 * @param {(line: string) => void} [options.onLine] called with every line of standard output and standard error
 * @param {boolean} [options.quiet] show its output only if it fails
 * @param {string} [options.cwd] default: the root of the repository
 * @returns {Promise<number>} the exit code; 128 + n when it ended by signal n, 127 when it could not be started
 */
export function run(command, args, { env, onLine, quiet = false, cwd = root } = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd,
      env: environment(env),
      stdio: onLine || quiet ? ['ignore', 'pipe', 'pipe'] : ['ignore', 'inherit', 'inherit'],
      shell: process.platform === 'win32',
    })
    const passOn = (/** @type {NodeJS.Signals} */ signal) => child.kill(signal)
    process.on('SIGTERM', passOn)
    process.on('SIGINT', passOn)
    const settle = (/** @type {number} */ code) => {
      process.off('SIGTERM', passOn)
      process.off('SIGINT', passOn)
      resolve(code)
    }
    /** @type {string[]} */
    const heldBack = []
    for (const [from, to] of /** @type {const} */ ([
      [child.stdout, process.stdout],
      [child.stderr, process.stderr],
    ])) {
      follow(from, (text) => (quiet ? heldBack.push(text) : to.write(text)), onLine)
    }
    child.on('error', (error) => {
      console.error(`error: ${command} could not be started: ${error.message}`)
      settle(127)
    })
    child.on('close', (code, signal) => {
      if (code !== 0) process.stdout.write(heldBack.join(''))
      settle(code ?? (signal === 'SIGINT' ? 130 : 143))
    })
  })
}

/**
 * @param {import('node:stream').Readable | null} from
 * @param {(text: string) => void} onText
 * @param {(line: string) => void} [onLine]
 */
function follow(from, onText, onLine) {
  let rest = ''
  from?.setEncoding('utf8')
  from?.on('data', (/** @type {string} */ text) => {
    onText(text)
    const lines = (rest + text).split('\n')
    rest = lines.pop() ?? ''
    if (onLine) lines.forEach(onLine)
  })
  from?.on('end', () => rest && onLine?.(rest))
}
