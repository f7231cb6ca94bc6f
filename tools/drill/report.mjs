import { columns } from '../lib/table.mjs'

/**
 * Prints the table of a drill.
 *
 * @param {readonly import('./run.mjs').Line[]} lines
 * @returns {number} the exit code
 */
export function report(lines) {
  const rows = lines.map(({ database, scenario, runs, kills, left, lost, problem, skipped }) => [
    database,
    scenario,
    runs,
    kills,
    left,
    lost,
    problem === undefined ? (skipped ?? 'ok') : `FAILED: ${problem.split('\n')[0]}`,
  ])
  const head = ['database', 'what', 'runs', 'kills', 'left, then mended', 'rows lost', '']
  console.log(`\n${columns({ head, rows, align: ['left', 'left', 'right', 'right', 'right', 'right', 'left'] })}\n`)
  const failed = lines.filter(({ problem, lost }) => problem !== undefined || lost > 0)
  const lost = lines.reduce((sum, line) => sum + line.lost, 0)
  console.log(failed.length === 0 ? 'No row was lost.' : `${failed.length} parts failed; ${lost} rows were lost.`)
  return lines.length > 0 && failed.length === 0 ? 0 : 1
}
