import { spawn } from 'node:child_process'
import { performance } from 'node:perf_hooks'
import { environment } from '../lib/process.mjs'
import { columns } from '../lib/table.mjs'

/**
 * A program that does the work of a scenario.
 *
 * @typedef {object} Program
 * @property {string} name
 * @property {() => Promise<Command>} prepare creates the initial state; not measured
 */

/**
 * @typedef {object} Command
 * @property {string} command
 * @property {string[]} args
 * @property {() => Promise<void>} [check] rejects if the work was not done; not measured
 * @property {() => Promise<void>} [clean]
 */

/**
 * @typedef {object} Scenario
 * @property {string} name
 * @property {Program} ours
 * @property {Program[]} peers
 * @property {() => Promise<void>} [close] removes the databases and files of all programs
 */

/**
 * Runs the programs of a scenario in turns, so that other load on the machine affects all of them, and prints how ours
 * compares with each peer.
 *
 * @param {Scenario} scenario
 * @param {number} runs
 */
export async function compare({ name, ours, peers, close }, runs) {
  const programs = [ours, ...peers]
  /** @type {number[][]} milliseconds, by program and round */
  const times = programs.map(() => [])
  // The first round fills the caches of the operating system and is not counted.
  for (let round = -1; round < runs; round++) {
    for (const [index, program] of programs.entries()) {
      const ms = await time(program)
      if (round >= 0) times[index]?.push(ms)
    }
  }
  await close?.()
  const [own = [], ...others] = times
  for (const [index, peer] of peers.entries()) {
    const theirs = others[index] ?? []
    const ratios = own.map((ms, round) => ms / Number(theirs[round]))
    const ratio = spread(ratios, (value) => value.toFixed(2))
    printRow([index === 0 ? name : '', peer.name, ratio, spread(own, milliseconds), spread(theirs, milliseconds)])
  }
}

/** Prints the head of the table; `compare` prints its rows. */
export function printHead() {
  printRow(['figure', 'against', 'ratio', 'aludel', 'peer'])
  printRow(widths.map((width) => '─'.repeat(width)))
}

/** Fixed widths, because each row is printed as soon as it is known: a whole run takes long. */
const widths = [36, 52, 20, 26, 26]

/** @param {string[]} cells */
const printRow = (cells) => console.log(columns({ rows: [cells], align: widths.map(() => 'left'), widths }))

/** @param {Program} program */
async function time(program) {
  const { command, args, check, clean } = await program.prepare()
  const started = performance.now()
  const output = await finish(program.name, command, args)
  const ms = performance.now() - started
  try {
    await check?.()
  } catch (error) {
    throw new Error(`${program.name} did not do its work\n${output}`, { cause: error })
  }
  await clean?.()
  return ms
}

/**
 * @param {string} name
 * @param {string} command
 * @param {string[]} args
 * @returns {Promise<string>} what it printed
 */
function finish(name, command, args) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: environment({ NO_COLOR: '1', DATABASE_URL: undefined, NODE_OPTIONS: undefined }),
    })
    let output = ''
    child.stdout.on('data', (chunk) => (output += chunk))
    child.stderr.on('data', (chunk) => (output += chunk))
    child.on('error', reject)
    child.on('close', (code) => {
      if (code === 0) resolve(output)
      else reject(new Error(`${name} ended with exit code ${code}:\n${output.slice(-2000)}`))
    })
  })
}

/** @param {number} ms */
const milliseconds = (ms) => (ms < 1000 ? `${ms.toFixed(0)} ms` : `${(ms / 1000).toFixed(2)} s`)

/**
 * @param {number[]} values
 * @param {(value: number) => string} format
 */
function spread(values, format) {
  const sorted = values.toSorted((a, b) => a - b)
  const at = (/** @type {number} */ index) => format(Number(sorted[index]))
  return `${at(Math.floor((sorted.length - 1) / 2))} (${at(0)}–${at(sorted.length - 1)})`
}
