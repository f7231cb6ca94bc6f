/**
 * Runs the built command line in the worker that runs a test, but outside of jest's sandbox: Node itself loads its modules, TypeORM
 * and the drivers once for each worker, as in a real process. A separate process would take 0.6 to 0.9 s for that each time.
 *
 * The state of a process (working directory, environment, standard streams) is set for each run, so only one can run at a time.
 * Tests of races, signals, exit codes and kills need real processes.
 */
const { realpathSync } = require('node:fs')
const { join, relative, sep } = require('node:path')
const process = require('node:process')
const { PassThrough } = require('node:stream')

/**
 * @typedef {object} Run
 * @property {string} installation the folder with `packages/cli`
 * @property {readonly string[]} argv after `aludel`
 * @property {string} cwd
 * @property {Readonly<Record<string, string>>} env the whole environment
 * @property {(text: string) => void} [onStderr] called with what was printed on standard error so far
 */

/**
 * @typedef {object} Printed
 * @property {number} code
 * @property {string} stdout
 * @property {string} stderr
 * @property {string} output both, in the order of a terminal
 */

/** TypeORM keeps the decorators of all entities in a global variable. Each installation gets its own, as in separate processes. */
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
 * @throws {Error} if another one is running in this worker, or if the command would end the process
 */
async function runCommandLine({ installation, argv, cwd, env, onStderr }) {
  if (running !== undefined) {
    throw new Error(
      `"aludel ${running.join(' ')}" still runs in this process: two at a time need processes of their own`,
    )
  }
  running = argv
  const globals = /** @type {Record<string, unknown>} */ (/** @type {unknown} */ (globalThis))
  const before = { cwd: process.cwd(), env: process.env, decorators: globals[decorators] }
  const printed = { stdout: '', stderr: '', output: '' }
  const print = (/** @type {'stdout' | 'stderr'} */ stream) => (/** @type {unknown} */ chunk) => {
    printed[stream] += String(chunk)
    printed.output += String(chunk)
    if (stream === 'stderr') onStderr?.(printed.stderr)
  }
  const give = [process.stdout, process.stderr].map((stream) => catchWrites(stream, print('stderr')))
  /** @type {number | undefined} */
  let ended
  try {
    process.chdir(cwd)
    process.env = { ...env }
    globals[decorators] = decoratorsOf.get(installation)
    /** @type {typeof import('../../packages/cli/dist/index.js')} */
    const { main } = require(join(installation, 'packages/cli'))
    const code = await main(argv, {
      stdin: new PassThrough(),
      stdout: { write: print('stdout') },
      stderr: collector(print('stderr')),
      env,
      cwd,
      exit: (exitCode) => {
        ended = exitCode
      },
    })
    if (ended !== undefined) throw new Error(`"aludel ${argv.join(' ')}" ended the process with ${ended}`)
    return { code, ...printed }
  } finally {
    decoratorsOf.set(installation, globals[decorators])
    globals[decorators] = before.decorators
    process.env = before.env
    process.chdir(before.cwd)
    for (const back of give) back()
    forgetModulesOf(cwd, join(realpathSync(installation), 'packages'))
    running = undefined
  }
}

/**
 * Unloads the files of a project, because tests change them between two commands. This works only for CommonJS: a test that
 * changes an ES module needs separate processes.
 *
 * @param {string} folder
 * @param {string} packages the folder of the built packages, which stay loaded even if the folder contains them
 */
function forgetModulesOf(folder, packages) {
  const inside = realpathSync(folder) + sep
  for (const file of Object.keys(require.cache)) {
    if (file.startsWith(inside) && !/^[^/\\]+[/\\]dist[/\\]/.test(relative(packages, file))) delete require.cache[file]
  }
}

/**
 * Redirects the output of a project's files to standard error, as bin/aludel.js does.
 *
 * @param {NodeJS.WriteStream} stream
 * @param {(chunk: unknown) => void} take
 * @returns {() => void} ends the redirection
 */
function catchWrites(stream, take) {
  const { write } = stream
  stream.write = /** @type {typeof write} */ (
    (/** @type {unknown} */ chunk, /** @type {unknown[]} */ ...rest) => {
      take(chunk)
      const done = rest.find((one) => typeof one === 'function')
      if (typeof done === 'function') done()
      return true
    }
  )
  return () => {
    stream.write = write
  }
}

/** @param {(chunk: unknown) => void} take */
function collector(take) {
  const stream = new PassThrough()
  // Synchronously, so that the output keeps its order with the output of the project.
  stream.write = /** @type {typeof stream.write} */ (
    (/** @type {unknown} */ chunk) => {
      take(chunk)
      return true
    }
  )
  return stream
}

module.exports = { runCommandLine }
