import { printEnd, readResult } from './results.mjs'
import { columns } from './table.mjs'

/**
 * Prints one line for each task, and the end of the summary (see {@link printEnd}). The table needs a library, so a command can
 * import this file only after it has installed the dependencies.
 *
 * @param {string[]} tasks the tasks that had to run; one without a result counts as one failure
 * @returns {number} the number of failures
 */
export function printSummary(tasks) {
  const rows = tasks.map((task) => {
    const result = readResult(task)
    return result === undefined
      ? [task, '-', 1, '-', '-', 'did not finish']
      : [task, result.passed, result.failed, result.skipped, result.seconds.toFixed(1), '']
  })
  const head = ['task', 'passed', 'failed', 'skipped', 'seconds', '']
  console.log('\n' + columns({ head, rows, align: ['left', 'right', 'right', 'right', 'right', 'left'] }))
  return printEnd(tasks)
}
