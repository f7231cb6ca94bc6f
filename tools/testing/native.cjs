/**
 * Runs the built command line inside the worker that runs a test, but outside of jest's sandbox: its modules, TypeORM and the
 * drivers are loaded once in a worker by Node itself, as in a real process. A process of its own takes 0.6 to 0.9 s to do that
 * each time.
 *
 * What a process has to itself (working directory, environment, standard streams) is put in place for each run, so only one can
 * run at a time. Races, signals, exit codes and kills are for real processes.
 */
const { realpathSync } = require('node:fs')
const { join, sep } = require('node:path')
const process = require('node:process')
const { PassThrough } = require('node:stream')

/**
 * @typedef {object} Run
 * @property {string} installation the folder with `packages/cli`
 * @property {readonly string[]} argv after `aludel`
 * @property {string} cwd
 * @property {Readonly<Record<string, string>>} env all of it
 */

/** @typedef {{ code: number, stdout: string, stderr: string }} Printed */

/** TypeORM keeps the decorators of all entities in a global variable: one for each installation, as in processes of their own. */
const decorators = 'typeormMetadataArgsStorage'
/** @type {Map<string, unknown>} */
const decoratorsOf = new Map()

/** @type {readonly string[] | undefined} */
let running

/**
 * Runs one command line to its end.
 *
 * @param {Run} run
 * @returns {Promise<Printed>}
 * @throws {Error} while another one runs in this worker, or when it would end the process
 */
async function runCommandLine({ installation, argv, cwd, env }) {
  if (running !== undefined) {
    throw new Error(
      `"aludel ${running.join(' ')}" still runs in this process: two at a time need processes of their own`,
    )
  }
  running = argv
  const globals = /** @type {Record<string, unknown>} */ (/** @type {unknown} */ (globalThis))
  const before = { cwd: process.cwd(), env: process.env, decorators: globals[decorators] }
  /** @type {string[]} */
  const stdout = []
  /** @type {string[]} */
  const stderr = []
  const give = [catchWrites(process.stdout, stderr), catchWrites(process.stderr, stderr)]
  /** @type {number | undefined} */
  let ended
  try {
    process.chdir(cwd)
    process.env = { ...env }
    globals[decorators] = decoratorsOf.get(installation)
    /** @type {typeof import('../../packages/cli/dist/main.js')} */
    const { main } = require(join(installation, 'packages/cli/dist/main.js'))
    const code = await main(argv, {
      stdin: new PassThrough(),
      stdout: { write: (text) => stdout.push(String(text)) },
      stderr: collector(stderr),
      env,
      cwd,
      exit: (exitCode) => {
        ended = exitCode
      },
    })
    if (ended !== undefined) throw new Error(`"aludel ${argv.join(' ')}" ended the process with ${ended}`)
    return { code, stdout: stdout.join(''), stderr: stderr.join('') }
  } finally {
    decoratorsOf.set(installation, globals[decorators])
    globals[decorators] = before.decorators
    process.env = before.env
    process.chdir(before.cwd)
    for (const back of give) back()
    forgetModulesOf(cwd)
    running = undefined
  }
}

/**
 * A process of its own reads the files of a project anew, and tests change them between two commands. Only CommonJS can be
 * forgotten: a test that changes an ES module needs processes of its own.
 *
 * @param {string} folder
 */
function forgetModulesOf(folder) {
  const inside = realpathSync(folder) + sep
  for (const file of Object.keys(require.cache)) if (file.startsWith(inside)) delete require.cache[file]
}

/**
 * What a project's files print goes to standard error, as bin/aludel.js has it.
 *
 * @param {NodeJS.WriteStream} stream
 * @param {string[]} chunks
 * @returns {() => void} undoes it
 */
function catchWrites(stream, chunks) {
  const { write } = stream
  stream.write = /** @type {typeof write} */ (
    (/** @type {unknown} */ chunk, /** @type {unknown[]} */ ...rest) => {
      chunks.push(String(chunk))
      const done = rest.find((one) => typeof one === 'function')
      if (typeof done === 'function') done()
      return true
    }
  )
  return () => {
    stream.write = write
  }
}

/** @param {string[]} chunks */
function collector(chunks) {
  const stream = new PassThrough()
  // At once, and not in a later turn: what is printed keeps its order with what the project prints.
  stream.write = /** @type {typeof stream.write} */ ((/** @type {unknown} */ chunk) => chunks.push(String(chunk)) > 0)
  return stream
}

module.exports = { runCommandLine }
