import { printEnd, readResult } from './results.mjs'
import { columns } from './table.mjs'

/**
 * Prints one line a task, and how the run ended (see {@link printEnd}). What draws the table is installed like everything else:
 * a command imports this when it has installed.
 *
 * @param {string[]} tasks what had to run; one without a result counts as one failure
 * @returns {number} how many failed
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
