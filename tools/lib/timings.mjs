import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { root } from './process.mjs'
import { columns } from './table.mjs'
import timings from '../testing/timings.cjs'

/** @typedef {import('../testing/timings.cjs').Timing} Timing */

const folder = join(root, '.cache', 'timings')
const file = join(root, '.cache', 'timings.json')
const text = join(root, '.cache', 'timings.txt')

/**
 * Measures a test run: every task and test file that runs from now on writes a row (see tools/testing/timings.cjs). Nx's cache is
 * not used meanwhile, since a task from the cache takes no time.
 *
 * @returns {() => void} ends the measurement: writes .cache/timings.json and .cache/timings.txt, and prints the latter
 */
export function measure() {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  process.env['ALUDEL_TEST_TIMINGS'] = folder
  process.env['NX_SKIP_NX_CACHE'] = 'true'
  const started = performance.now()
  return () => {
    const { user, system } = process.cpuUsage()
    const whole = {
      wallMs: Math.round(performance.now() - started),
      cpuMs: Math.round((user + system) / 1000) + timings.childCpu(),
    }
    const rows = readdirSync(folder).flatMap((name) =>
      readFileSync(join(folder, name), 'utf8')
        .trim()
        .split('\n')
        .map((line) => /** @type {Timing} */ (JSON.parse(line))),
    )
    writeFileSync(file, JSON.stringify({ whole, rows }, null, 1) + '\n')
    writeFileSync(text, describe(whole, rows) + '\n')
    console.log(`\n${describe(whole, rows)}\nWritten to .cache/timings.txt; every row is in .cache/timings.json.`)
  }
}

/** A row describes a whole task, or one test file on one stack. */
const isFile = (/** @type {Timing} */ { file: path }) => /\.test\.[a-z]+$/.test(path)

/**
 * Lists the time by task, by kind (package, folder and stack), and of the 40 slowest test files.
 *
 * @param {{ wallMs: number, cpuMs: number }} whole
 * @param {readonly Timing[]} rows
 */
export function describe(whole, rows) {
  const seconds = (/** @type {number} */ ms) => (ms / 1000).toFixed(1)
  const total = `${seconds(whole.wallMs)} s, ${(whole.cpuMs / 60_000).toFixed(1)} minutes of processor time`
  const files = rows.filter(isFile)
  /** @type {Map<string, Timing & { files: number }>} */
  const kinds = new Map()
  for (const row of files) {
    const name = `${kindOf(row.file)} (${row.task})`
    const sum = kinds.get(name) ?? {
      file: name,
      task: row.task,
      wallMs: 0,
      cpuMs: 0,
      childCpuMs: 0,
      processes: 0,
      files: 0,
    }
    for (const key of /** @type {const} */ (['wallMs', 'cpuMs', 'childCpuMs', 'processes'])) sum[key] += row[key]
    sum.files++
    kinds.set(name, sum)
  }
  const byCost = (/** @type {readonly Timing[]} */ some) =>
    [...some].sort((a, b) => b.cpuMs + b.childCpuMs - a.cpuMs - a.childCpuMs)
  const part = (/** @type {string} */ title, /** @type {readonly Timing[]} */ some) => {
    const head = [title, 'seconds', 'processor', 'of children', 'processes']
    const rows = some.map((row) => [row.file, ...[row.wallMs, row.cpuMs, row.childCpuMs].map(seconds), row.processes])
    return columns({ head, rows, align: ['left', 'right', 'right', 'right', 'right'] })
  }
  return [
    total,
    part('task', byCost(rows.filter((row) => !isFile(row)))),
    part('kind (stack)', byCost([...kinds.values()])),
    part(
      'file (stack)',
      byCost(files)
        .slice(0, 40)
        .map((row) => ({ ...row, file: `${row.file} (${row.task})` })),
    ),
  ].join('\n\n')
}

/** @param {string} path for example `packages/engine/test/run/steps.test.ts`: `engine/run` */
function kindOf(path) {
  const [, name = '', , ...rest] = path.split('/')
  return rest.length > 1 ? `${name}/${rest[0]}` : name
}
