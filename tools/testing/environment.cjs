/**
 * Where jest runs a test file: Node, that tells of what the file has left open, and in which each file has the errors of
 * better-sqlite3 for its own.
 */
const process = require('node:process')
const { setTimeout: wait } = require('node:timers/promises')
const { TestEnvironment } = require('jest-environment-node')
const { runCommandLine } = require('./native.cjs')
const { queryServer } = require('./server.cjs')
const { stackOf } = require('./stacks.cjs')
const { startTiming } = require('./timings.cjs')

/** What is being closed needs a moment, and more of them on a machine that does other things. */
const patienceMs = 10_000

/** What keeps this process from its end, by kind: `{ TCPSocketWrap: 1 }`. */
function openHandles() {
  /** @type {Record<string, number>} */
  const counts = {}
  for (const kind of process.getActiveResourcesInfo()) {
    // Pipes are those of jest, and standard input once somebody has looked at it; those to children end with a ProcessWrap.
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
    // Before the sandbox gets its copy of the environment; a worker runs the files of one stack after those of another.
    useStack(stack)
    super(config, context)
    this.before = openHandles()
    this.writeTiming = startTiming(context.testPath, stack)
    forgetErrorsOfOthers()
    Object.assign(this.global, { aludelCommandLine: runCommandLine, aludelQueryServer: queryServer })
  }

  /**
   * @throws Error when what the file has opened is not closed: sockets, servers, children, timers. jest itself only says
   * that a worker had not ended half a second after the last test, without a file's name; and that a worker with half a
   * gigabyte to give back needs on a busy machine, although nothing is open.
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
 * Tells the test, and the processes that it starts, which stack it is on and where Aludel is installed beside that TypeORM.
 *
 * @param {string} name
 */
function useStack(name) {
  process.env['ALUDEL_TEST_STACK'] = name
  // Node reads these certificates at the start of every process, which takes it half as long as the rest of the start; no test
  // connects to anybody who shows one.
  delete process.env['NODE_EXTRA_CA_CERTS']
  const legacy = process.env['ALUDEL_TEST_LEGACY_INSTALLATION']
  if (stackOf(name).typeorm !== 'typeorm' && legacy !== undefined) process.env['ALUDEL_TEST_INSTALLATION'] = legacy
  else delete process.env['ALUDEL_TEST_INSTALLATION']
}

/**
 * The native part of better-sqlite3 is loaded once in a process, and throws the errors of whoever loaded it first: for a
 * file that runs later in the same worker they are no `Error`, and `toThrow` does not know them.
 */
function forgetErrorsOfOthers() {
  const file = Object.keys(require.cache).find((name) => name.endsWith('better_sqlite3.node'))
  if (file !== undefined) /** @type {NodeJS.Module} */ (require.cache[file]).exports.isInitialized = false
}
