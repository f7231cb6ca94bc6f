import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { startPostgres } from '../postgres.mjs'
import { run } from './process.mjs'
import { writeResult } from './results.mjs'
import timings from '../testing/timings.cjs'

/** @typedef {{ passed: number, failed: number, skipped: number, failures: import('./results.mjs').Failure[] }} Counts */

/**
 * Runs a test runner as a task that counts.
 *
 * @param {object} options
 * @param {string} options.task for example `engine:test`
 * @param {string} options.command
 * @param {(report: string) => string[]} options.args the arguments, given the file that the runner reports into
 * @param {(report: string) => NodeJS.ProcessEnv} [options.env] variables to add, given the same file
 * @param {(report: any) => Counts} options.counts what the parsed report says
 * @returns {Promise<number>} the exit code
 */
export async function runTests({ task, command, args, env, counts }) {
  const folder = mkdtempSync(join(tmpdir(), 'aludel-test-'))
  const report = join(folder, 'report.json')
  const started = Date.now()
  const writeTiming = timings.startTiming(task, task)
  /** @type {string[]} */
  const warnings = []
  const onLine = (/** @type {string} */ line) => void (isWarning(line) && warnings.push(line))
  const code = await withPostgres(() => run(command, args(report), { env: env?.(report), onLine }))
  if (warnings.length > 0) console.error(['', 'A warning is an error:', ...warnings].join('\n'))

  const { passed, skipped, failed, failures: named } = readCounts(report, counts)
  const failures = failed + warnings.length
  writeResult(task, {
    passed,
    // A run that ends badly without a failed test (it crashed, or found no test at all) is a failure all the same.
    failed: code === 0 ? failures : Math.max(1, failures),
    skipped,
    seconds: (Date.now() - started) / 1000,
    failures: named,
  })
  writeTiming()
  rmSync(folder, { recursive: true })
  return code === 0 && failures > 0 ? 1 : code
}

/**
 * @param {string} report
 * @param {(report: any) => Counts} counts
 * @returns {Counts}
 */
function readCounts(report, counts) {
  try {
    return counts(JSON.parse(readFileSync(report, 'utf8')))
  } catch {
    return { passed: 0, failed: 0, skipped: 0, failures: [] }
  }
}

/**
 * Runs tests with a PostgreSQL server in reach: the one that ALUDEL_TEST_POSTGRES_URL names, else one of their own.
 *
 * @template T
 * @param {() => Promise<T>} tests
 * @returns {Promise<T>}
 */
export async function withPostgres(tests) {
  if (process.env['ALUDEL_TEST_POSTGRES_URL']) return tests()
  const server = await startPostgres()
  process.env['ALUDEL_TEST_POSTGRES_URL'] = server.url
  try {
    return await tests()
  } finally {
    delete process.env['ALUDEL_TEST_POSTGRES_URL']
    await server.stop()
  }
}

/** TypeORM loads the entities of one `save` in parallel on one connection, which pg 8 warns about. It is theirs to mend. */
const accepted = 'Calling client.query() when the client is already executing a query is deprecated'

/**
 * Whether a line of output says that something is wrong although no test failed. A warning is an error here: Node's own
 * (deprecations, leaks of listeners), and those of jest about what a test left open. That a worker "failed to exit
 * gracefully" is not among them: it says that half a second was too short. Who left what open, tools/testing/environment.cjs
 * finds out, file by file and without a clock.
 *
 * @param {string} line
 */
function isWarning(line) {
  return (
    (/^\(node:\d+\) .*(Warning|DEP\d+)/.test(line) && !line.includes(accepted)) ||
    line.startsWith('Jest did not exit') ||
    line.startsWith('jest-haste-map:')
  )
}
