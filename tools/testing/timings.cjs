/**
 * Measures the time of a test run: one row for each test file, with the processor time of its worker and of the processes that it
 * started. Rows are written only if ALUDEL_TEST_TIMINGS names a folder (`npm test -- --timings` sets it).
 */
const { ChildProcess } = require('node:child_process')
const { appendFileSync, readFileSync } = require('node:fs')
const { join, relative } = require('node:path')
const process = require('node:process')

/**
 * @typedef {object} Timing
 * @property {string} file a test file, relative to the root; or the task itself
 * @property {string} task for example `engine:test`
 * @property {number} wallMs
 * @property {number} cpuMs processor time of the process that ran the file
 * @property {number} childCpuMs processor time of the processes that it started and that have ended; 0 if the system does not report it
 * @property {number} processes number of processes that it started
 */

const folder = process.env['ALUDEL_TEST_TIMINGS']
const root = join(__dirname, '../..')

let started = 0
if (folder) {
  const prototype = /** @type {{ spawn: (...args: unknown[]) => unknown }} */ (
    /** @type {unknown} */ (ChildProcess.prototype)
  )
  const { spawn } = prototype
  prototype.spawn = function (...args) {
    started++
    return spawn.apply(this, args)
  }
}

/** Processor time of the children that have ended, in milliseconds. Only Linux reports it, in /proc (see proc_pid_stat(5)). */
function childCpu() {
  try {
    const stat = readFileSync('/proc/self/stat', 'utf8')
    // The second field is a name in parentheses, which may contain any characters.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    // cutime and cstime are fields 16 and 17, in ticks of 1/100 s on every Linux that Node runs on.
    return (Number(fields[13]) + Number(fields[14])) * 10
  } catch {
    return 0
  }
}

/**
 * Starts a measurement.
 *
 * @param {string} file absolute, or the name of a task
 * @param {string} task
 * @returns {() => void} writes the row
 */
function startTiming(file, task) {
  if (!folder) return () => undefined
  const before = { wall: performance.now(), cpu: process.cpuUsage(), child: childCpu(), started }
  return () => {
    const { user, system } = process.cpuUsage(before.cpu)
    /** @type {Timing} */
    const row = {
      file: file.startsWith(root) ? relative(root, file) : file,
      task,
      wallMs: Math.round(performance.now() - before.wall),
      cpuMs: Math.round((user + system) / 1000),
      childCpuMs: childCpu() - before.child,
      processes: started - before.started,
    }
    appendFileSync(join(folder, `${process.pid}.jsonl`), JSON.stringify(row) + '\n')
  }
}

module.exports = { startTiming, childCpu }
