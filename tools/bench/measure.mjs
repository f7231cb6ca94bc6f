import { spawn } from 'node:child_process'
import { performance } from 'node:perf_hooks'
import { environment } from '../lib/process.mjs'

/**
 * What one execution of a program took: `ms`, and what its command measures in addition (see {@link Measure}).
 *
 * @typedef {Record<string, number>} Sample
 */

/**
 * `ms` wall-clock time · `cpuMs` processor time in milliseconds · `loadedCpuMs` without that of loading modules first · `rss` peak memory in bytes · `queries` · `trips` round trips
 *
 * @typedef {'ms' | 'cpuMs' | 'loadedCpuMs' | 'rss' | 'queries' | 'trips'} Measure
 */

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
 * @property {string} [cwd]
 * @property {NodeJS.ProcessEnv} [env] variables to add
 * @property {number[]} [codes] exit codes of success; default 0
 * @property {(output: string) => Promise<Sample> | Sample} [collect] further measures, after the program has ended
 * @property {() => Promise<void>} [check] rejects if the work was not done; not measured
 * @property {() => Promise<void>} [clean]
 */

/**
 * One row of the table: a number of ours, compared with one of a peer or with a limit.
 *
 * @typedef {object} Comparison
 * @property {string} [figure] default: the name of the scenario
 * @property {string} [against] default: the name of the peer
 * @property {Measure} [measure] default `ms`
 * @property {'ratio' | 'more' | 'limit'} [kind] `ratio` (default): ours / theirs; `more`: ours - theirs; `limit`: ours alone
 * @property {number} [factor] `ratio`: theirs counts this many times; default 1
 * @property {number} [goal] the highest value that is ok; none: the row only informs
 * @property {number} [least] the lowest value that is ok; default: there is none
 */

/** @typedef {Program & { rows?: Comparison[], goal?: number }} Peer `rows`: default one ratio of times, with that goal */
/** @typedef {{ name: string, skipped: string, goal?: number }} SkippedPeer */

/**
 * @typedef {object} Contest
 * @property {Program} ours
 * @property {(Peer | SkippedPeer)[]} peers
 * @property {Comparison[]} [limits]
 * @property {() => Promise<void>} [close] removes the databases and files of all programs
 */

/**
 * Something that is or is not so.
 *
 * @typedef {object} Answer
 * @property {string} figure
 * @property {string} against how it is known
 * @property {boolean} ok
 * @property {string} [details] why not
 */

/**
 * @typedef {object} Scenario
 * @property {string} name the figure of its rows
 * @property {boolean} [long] takes so long that {@link longRounds} rounds suffice, with none to fill the caches
 * @property {() => Promise<Contest>} [open] prepares the programs
 * @property {() => Promise<Answer[]>} [ask]
 */

/**
 * What is known of a row. Numbers are by round.
 *
 * @typedef {object} Row
 * @property {string} scenario
 * @property {string} figure
 * @property {string} against
 * @property {Measure | null} measure
 * @property {'ratio' | 'more' | 'limit' | 'answer'} kind
 * @property {number} [factor]
 * @property {number} [goal]
 * @property {number} [least]
 * @property {number[]} ours
 * @property {number[]} theirs
 * @property {number[]} values ratios, differences, or ours
 * @property {boolean | null} ok null: no goal, or not measured
 * @property {string} [skipped] why it was not measured
 * @property {string} [failed] why there is no result
 */

/** The number of rounds of a long scenario, if more are asked for. */
export const longRounds = 3

/**
 * Runs the programs of a scenario in turns, so that other load on the machine affects all of them, and compares ours with each
 * peer. A program that fails makes its rows fail, not the run.
 *
 * @param {Scenario} scenario
 * @param {object} options
 * @param {number} options.runs
 * @param {boolean} [options.warmUp] whether to begin with a round that is not counted
 * @returns {Promise<Row[]>}
 */
export async function compare(scenario, { runs, warmUp = true }) {
  try {
    if (scenario.ask) return (await scenario.ask()).map((answer) => answerRow(scenario.name, answer))
    if (!scenario.open) throw new Error('nothing to do')
    const contest = await scenario.open()
    try {
      const rounds = scenario.long ? Math.min(runs, longRounds) : runs
      return rowsOf(scenario.name, contest, await runInTurns(contest, rounds, warmUp && !scenario.long))
    } finally {
      await contest.close?.()
    }
  } catch (error) {
    return [{ ...emptyRow(scenario.name), against: '–', failed: messageOf(error) }]
  }
}

/**
 * @param {Contest} contest
 * @param {number} rounds
 * @param {boolean} warmUp
 */
async function runInTurns({ ours, peers }, rounds, warmUp) {
  const programs = [ours, ...peers].flatMap((program) => ('prepare' in program ? [program] : []))
  /** @type {Map<Program, Sample[]>} */
  const samples = new Map(programs.map((program) => [program, []]))
  /** @type {Map<Program, string>} */
  const failures = new Map()
  for (let round = warmUp ? -1 : 0; round < rounds && !failures.has(ours); round++) {
    for (const program of programs) {
      if (failures.has(program)) continue
      try {
        const sample = await execute(program)
        if (round >= 0) samples.get(program)?.push(sample)
      } catch (error) {
        failures.set(program, messageOf(error))
      }
    }
  }
  return { samples, failures }
}

/**
 * @param {string} scenario
 * @param {Contest} contest
 * @param {Awaited<ReturnType<typeof runInTurns>>} results
 * @returns {Row[]}
 */
function rowsOf(scenario, { ours, peers, limits = [] }, { samples, failures }) {
  /** @param {Program} program @param {Measure} measure */
  const numbers = (program, measure) => (samples.get(program) ?? []).map((sample) => Number(sample[measure]))
  const rows = peers.flatMap((peer) => {
    if (!('prepare' in peer)) {
      const { name, skipped, goal } = peer
      return [{ ...emptyRow(scenario), against: name, skipped, ...(goal !== undefined && { goal }) }]
    }
    const { rows: comparisons = [{ ...(peer.goal !== undefined && { goal: peer.goal }) }] } = peer
    const failed = failures.get(ours) ?? failures.get(peer)
    return comparisons.map((comparison) => {
      const { measure = 'ms' } = comparison
      const row = { ...emptyRow(scenario), against: peer.name, ...comparison, measure }
      return failed === undefined
        ? judge({ ...row, ours: numbers(ours, measure), theirs: numbers(peer, measure) })
        : { ...row, failed }
    })
  })
  const failed = failures.get(ours)
  const limited = limits.map((comparison) => {
    const { measure = 'ms' } = comparison
    /** @type {Row} */
    const row = { ...emptyRow(scenario), against: 'a limit', ...comparison, measure, kind: 'limit' }
    return failed === undefined ? judge({ ...row, ours: numbers(ours, measure) }) : { ...row, failed }
  })
  return [...rows, ...limited]
}

/**
 * @param {string} scenario
 * @returns {Row}
 */
function emptyRow(scenario) {
  return {
    scenario,
    figure: scenario,
    against: '',
    measure: 'ms',
    kind: 'ratio',
    ours: [],
    theirs: [],
    values: [],
    ok: null,
  }
}

/**
 * @param {string} scenario
 * @param {Answer} answer
 * @returns {Row}
 */
function answerRow(scenario, { figure, against, ok, details }) {
  return {
    ...emptyRow(scenario),
    figure,
    against,
    measure: null,
    kind: 'answer',
    ok,
    ...(details && { failed: details }),
  }
}

/**
 * @param {Row} row
 * @returns {Row} with its values, and whether their median reaches the goal
 */
function judge(row) {
  const { kind, factor = 1, ours, theirs, goal, least = -Infinity } = row
  const values = ours.map((own, round) => {
    const other = Number(theirs[round])
    return kind === 'limit' ? own : kind === 'more' ? own - other : own / (other * factor)
  })
  const middle = median(values)
  return { ...row, values, ok: goal === undefined ? null : least <= middle && middle <= goal }
}

/** @param {number[]} values */
export function median(values) {
  const sorted = values.toSorted((a, b) => a - b)
  return Number(sorted[Math.floor((sorted.length - 1) / 2)])
}

/**
 * @param {Program} program
 * @returns {Promise<Sample>}
 */
async function execute(program) {
  const prepared = await program.prepare()
  const { check, clean, collect } = prepared
  try {
    const started = performance.now()
    const { stdout, output } = await finish(program.name, prepared)
    const ms = performance.now() - started
    try {
      await check?.()
      return { ms, ...(await collect?.(stdout)) }
    } catch (error) {
      throw new Error(`${program.name} did not do its work: ${messageOf(error)}\n${output.slice(-2000)}`, {
        cause: error,
      })
    }
  } finally {
    await clean?.()
  }
}

/**
 * @param {string} name
 * @param {Command} command
 * @returns {Promise<{ stdout: string; output: string }>} its standard output alone, and everything that it printed
 */
export function finish(name, { command, args, cwd, env, codes = [0] }) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      ...(cwd !== undefined && { cwd }),
      stdio: ['ignore', 'pipe', 'pipe'],
      // Node warns of two variables that disagree, and nx sets the second.
      env: environment({
        NO_COLOR: '1',
        FORCE_COLOR: undefined,
        DATABASE_URL: undefined,
        NODE_OPTIONS: undefined,
        ...env,
      }),
    })
    let stdout = ''
    let output = ''
    child.stdout.on('data', (chunk) => {
      stdout += chunk
      output += chunk
    })
    child.stderr.on('data', (chunk) => (output += chunk))
    child.on('error', reject)
    child.on('close', (code) => {
      if (codes.includes(Number(code))) resolve({ stdout, output })
      else reject(new Error(`${name} ended with exit code ${code}:\n${output.slice(-2000)}`))
    })
  })
}

/** @param {unknown} error */
export const messageOf = (error) => (error instanceof Error ? error.message : String(error))
