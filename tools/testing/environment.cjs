/**
 * The jest environment of a test file: Node, with a report of resources that the file left open, and with errors of better-sqlite3
 * that belong to the file's own realm.
 */
const process = require('node:process')
const { setTimeout: wait } = require('node:timers/promises')
const { TestEnvironment } = require('jest-environment-node')
const { runCommandLine } = require('./native.cjs')
const { queryServer } = require('./server.cjs')
const { stackOf } = require('./stacks.cjs')
const { startTiming } = require('./timings.cjs')

/** Closing a resource takes a moment, and longer on a busy machine. */
const patienceMs = 10_000

/** The number of resources that keep this process alive, by kind: `{ TCPSocketWrap: 1 }`. */
function openHandles() {
  /** @type {Record<string, number>} */
  const counts = {}
  for (const kind of process.getActiveResourcesInfo()) {
    // Pipes belong to jest, or are standard input once it is used; those to children end with a ProcessWrap.
    if (kind !== 'PipeWrap' && kind !== 'Immediate') counts[kind] = (counts[kind] ?? 0) + 1
  }
  return counts
}

module.exports = class extends TestEnvironment {
  /**
   * @param {import('@jest/environment').JestEnvironmentConfig} config
   * @param {import('@jest/environment').EnvironmentContext} context
   */
  constructor(config, context) {
    const stack = String(config.projectConfig.testEnvironmentOptions['stack'])
    // Before the sandbox copies the environment, since a worker runs files of several stacks.
    useStack(stack)
    super(config, context)
    this.before = openHandles()
    this.writeTiming = startTiming(context.testPath, stack)
    forgetErrorsOfOthers()
    Object.assign(this.global, { aludelCommandLine: runCommandLine, aludelQueryServer: queryServer })
  }

  /**
   * @throws Error if the file left sockets, servers, children or timers open. jest itself only reports that a worker did not end
   * within half a second of the last test, without the name of a file.
   */
  async teardown() {
    this.writeTiming()
    await super.teardown()
    const until = performance.now() + patienceMs
    for (;;) {
      const left = Object.entries(openHandles()).filter(([kind, count]) => count > (this.before[kind] ?? 0))
      if (left.length === 0) return
      if (performance.now() > until) {
        throw new Error(`left open after the last test: ${left.map(([kind, count]) => `${count} ${kind}`).join(', ')}`)
      }
      await wait(20)
    }
  }
}

/**
 * Ends a worker at once when nothing is left to do. Node would free its memory first, for which a busy machine needs more than the
 * half second after which jest reports that the worker has failed to end.
 */
if (require.main?.filename.includes('jest-worker')) {
  const { reallyExit } = /** @type {{ reallyExit(code: number): never }} */ (/** @type {unknown} */ (process))
  process.once('exit', (code) => reallyExit.call(process, code))
}

/**
 * Sets variables for the test and its processes: the name of its stack, and where Aludel is installed with that TypeORM.
 *
 * @param {string} name
 */
function useStack(name) {
  process.env['ALUDEL_TEST_STACK'] = name
  // Without these certificates, which no test needs, every process starts in two thirds of the time.
  delete process.env['NODE_EXTRA_CA_CERTS']
  const legacy = process.env['ALUDEL_TEST_LEGACY_INSTALLATION']
  if (stackOf(name).typeorm !== 'typeorm' && legacy !== undefined) process.env['ALUDEL_TEST_INSTALLATION'] = legacy
  else delete process.env['ALUDEL_TEST_INSTALLATION']
}

/**
 * The native part of better-sqlite3 is loaded once in a process, and throws errors of the realm that loaded it first. For a file
 * that runs later in the same worker they are not instances of `Error`, and `toThrow` does not match them.
 */
function forgetErrorsOfOthers() {
  const file = Object.keys(require.cache).find((name) => name.endsWith('better_sqlite3.node'))
  if (file !== undefined) /** @type {NodeJS.Module} */ (require.cache[file]).exports.isInitialized = false
}
