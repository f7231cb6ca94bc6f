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
 * @param {(report: string) => string[]} options.args returns the arguments for the file that the runner writes its report to
 * @param {(report: string) => NodeJS.ProcessEnv} [options.env] returns variables to add, for the same file
 * @param {(report: any) => Counts} options.counts reads the counts from the parsed report
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
    // A run that exits with an error but without a failed test (it crashed, or found no test) counts as a failure.
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
 * Runs tests with a PostgreSQL server: the one that ALUDEL_TEST_POSTGRES_URL names, or a new one.
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

/** pg 8 warns that TypeORM loads the entities of one `save` in parallel on one connection. Only TypeORM can fix that. */
const accepted = 'Calling client.query() when the client is already executing a query is deprecated'

/**
 * Whether a line of output is a warning, which counts as an error although no test failed: warnings of Node (deprecations, leaks
 * of listeners), and of jest about resources that a test left open. That a worker "failed to exit gracefully" is not one, since it
 * only means that half a second was too short; tools/testing/environment.cjs checks for open resources in each file.
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
