import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { stripVTControlCharacters } from 'node:util'
import { root } from './process.mjs'

/**
 * The result of one task. Every task that counts writes one, and nx caches it as an output of the task. So a task that is replayed
 * from the cache counts as when it ran, and a task without a result did not run.
 *
 * @typedef {object} Result
 * @property {number} passed
 * @property {number} failed
 * @property {number} skipped
 * @property {number} seconds of wall-clock time when it ran
 * @property {Failure[]} [failures] the failed tests that the runner named
 */

/**
 * A test that failed.
 *
 * @typedef {object} Failure
 * @property {string} file relative to the root
 * @property {string} name with those of the suites that it is in
 * @property {string} message of the error, with its stack
 */

/** The folder of the results: for a whole run where nx finds them, for a selection another one. */
const folder = () => join(root, '.cache', process.env['ALUDEL_TEST_RESULTS'] ?? 'results')

/** Number of lines of a failure's message that the summary repeats. The rest is in the output of its task. */
const shownLines = 12

/** The file with the end of the summary, for `.ci/run`. */
const summaryFile = join(root, '.cache', 'summary.txt')

/** @param {string} task for example `engine:test` */
const fileOf = (task) => join(folder(), task.replace(':', '.') + '.json')

/** Deletes the results of earlier runs. */
export function clearResults() {
  rmSync(folder(), { recursive: true, force: true })
}

/**
 * @param {string} task
 * @param {Result} result
 */
export function writeResult(task, result) {
  mkdirSync(folder(), { recursive: true })
  writeFileSync(fileOf(task), JSON.stringify(result) + '\n')
}

/**
 * @param {string} task
 * @returns {Result | undefined} `undefined` if the task did not finish
 */
export function readResult(task) {
  try {
    return JSON.parse(readFileSync(fileOf(task), 'utf8'))
  } catch {
    return undefined
  }
}

/**
 * Runs tasks. What keeps them from running, a server that does not start or a download that fails, is a failed test of its own, and
 * does not take along what runs after them.
 *
 * @param {string} task the name of that failure
 * @param {() => Promise<string[]>} work returns the tasks that had to run
 * @returns {Promise<string[]>} the same, or the failure
 */
export async function orFailure(task, work) {
  try {
    return await work()
  } catch (error) {
    const message = error instanceof Error ? (error.stack ?? error.message) : String(error)
    writeResult(task, {
      passed: 0,
      failed: 1,
      skipped: 0,
      seconds: 0,
      failures: [{ file: task, name: 'runs', message }],
    })
    return [task]
  }
}

/**
 * Prints the failed tests, since their own output is thousands of lines above, then `N passed, N failed` alone on the last line.
 *
 * @param {string[]} tasks the tasks that had to run; one without a result counts as one failure
 * @returns {number} the number of failures
 */
export function printEnd(tasks) {
  const rows = tasks.map((task) => ({ task, result: readResult(task) }))
  const end = endOfSummary(rows)
  // .ci/run needs the summary of the whole run, not that of a selection during it.
  if (process.env['ALUDEL_TEST_RESULTS'] === undefined) {
    mkdirSync(dirname(summaryFile), { recursive: true })
    writeFileSync(summaryFile, end + '\n')
  }
  console.log('\n' + end)
  return failedOf(rows)
}

/** @typedef {{ task: string, result: Result | undefined }} Row */

/**
 * The end of the summary: one block for each failed test, and the numbers.
 *
 * @param {Row[]} rows
 */
export function endOfSummary(rows) {
  const failures = rows.flatMap(({ task, result }) =>
    (result?.failures ?? []).map((failure) => describeFailure(task, failure)),
  )
  const passed = rows.reduce((sum, { result }) => sum + (result?.passed ?? 0), 0)
  return [...failures, `${passed} passed, ${failedOf(rows)} failed`].join('\n\n')
}

/** @param {Row[]} rows */
const failedOf = (rows) => rows.reduce((sum, { result }) => sum + (result?.failed ?? 1), 0)

/**
 * @param {string} task
 * @param {Failure} failure
 */
function describeFailure(task, { file, name, message }) {
  const lines = stripVTControlCharacters(message).trim().split('\n')
  const shown = lines.slice(0, shownLines).map((line) => `    ${line}`.trimEnd())
  return [`FAILED ${task}: ${file}`, `  ${name}`, ...shown].join('\n')
}
