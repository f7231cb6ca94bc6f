import { execFile } from 'node:child_process'
import process from 'node:process'

/**
 * @typedef {object} Runner
 * @property {string[]} command the words that start the command line
 * @property {string[]} more further arguments for every command
 * @property {string} directory of the project
 */

/**
 * @typedef {object} Check
 * @property {string} name of the command, as a person would type it
 * @property {'passed' | 'found' | 'failed' | 'missing'} outcome `found`: the answer is no; `missing`: there is no such command
 * @property {string} output
 */

/**
 * @typedef {object} Step a step of the plan, as `aludel migrate upgrade --plan --json` prints it
 * @property {string} revision
 * @property {string} message
 * @property {boolean} transactional
 * @property {string[]} does
 * @property {string[]} destroys
 * @property {string[]} unknown
 * @property {string[]} [needs]
 * @property {string[]} locks
 * @property {string[]} rewrites
 * @property {string[]} sql
 */

/**
 * What a plan became: its steps, each with the path of its file from the root of the repository if that is known, or why there is none.
 *
 * @typedef {{ steps: (Step & { path?: string })[] } | { error: string }} Plan
 */

/** @type {Readonly<Record<string, string[]>>} */
const commandOf = { check: ['check'], heads: ['check', '--heads'], lint: ['lint'] }

/**
 * Runs checks, one after another: they share the cache of replayed revisions.
 *
 * @param {Runner} runner
 * @param {string[]} names of `check`, `heads`, `lint`
 * @param {string} [since] the commit from which a pull request starts: `lint` looks at what is new since it, if the clone has it
 * @returns {Promise<Check[]>}
 * @throws {Error} if there is no such check
 */
export async function runChecks(runner, names, since) {
  const wrong = names.find((name) => commandOf[name] === undefined)
  if (wrong !== undefined) {
    throw new Error(`checks: ${JSON.stringify(wrong)} is not one of ${Object.keys(commandOf).join(', ')}`)
  }
  /** @type {Check[]} */
  const checks = []
  for (const name of names) {
    const whole = ['migrate', ...(commandOf[name] ?? [])]
    const part = name === 'lint' && since !== undefined ? [...whole, '--since', since] : whole
    const first = await check(runner, part)
    checks.push(part !== whole && first.output.includes('[ALUDEL_GIT]') ? await check(runner, whole) : first)
  }
  return checks
}

/**
 * @param {Runner} runner
 * @param {string[]} args
 * @returns {Promise<Check>}
 */
async function check(runner, args) {
  const { code, stdout, stderr } = await start(runner, [...args, '--no-color', '--no-input'])
  const output = (stdout + stderr).trim()
  return { name: `aludel ${args.join(' ')}`, outcome: outcomeOf(code, output), output }
}

/**
 * The findings of a `lint` as annotations at the lines of the files.
 *
 * @param {Runner} runner
 * @param {Check[]} checks that ran
 * @returns {Promise<string[]>} none if it found nothing, or did not run
 */
export async function annotations(runner, checks) {
  const lint = checks.find(({ name, outcome }) => name.startsWith('aludel migrate lint') && outcome === 'found')
  if (lint === undefined) return []
  const args = lint.name.split(' ').slice(1)
  const { stdout } = await start(runner, [...args, '--format', 'github', '--no-input'])
  // Nothing else that the project prints is a command to the runner.
  return stdout.split('\n').filter((line) => /^::(?:error|warning|notice) file=/.test(line))
}

/**
 * @param {number} code
 * @param {string} output
 * @returns {Check['outcome']}
 */
function outcomeOf(code, output) {
  if (code === 0) return 'passed'
  if (code === 3) return 'found'
  return code === 2 && output.includes('unknown command') ? 'missing' : 'failed'
}

/**
 * Reads the plan of an upgrade to all heads.
 *
 * @param {Runner} runner
 * @returns {Promise<Plan>}
 */
export async function runPlan(runner) {
  const planned = await start(runner, ['migrate', 'upgrade', 'heads', '--plan', '--json', '--no-input'])
  const plan = documentOf(planned)
  if (planned.code !== 0) return { error: plan?.error?.message ?? (planned.stderr.trim() || planned.stdout.trim()) }
  const history = documentOf(await start(runner, ['migrate', 'history', '--json', '--no-input']))
  /** @type {Map<string, string>} */
  const paths = new Map(
    (history?.revisions ?? []).map((/** @type {{ revision: string, path: string }} */ one) => [one.revision, one.path]),
  )
  return { steps: plan.steps.map((/** @type {Step} */ step) => ({ ...step, path: paths.get(step.revision) })) }
}

/**
 * @param {{ stdout: string }} ran
 * @returns {any} `undefined` unless it printed a JSON document
 */
function documentOf({ stdout }) {
  try {
    return JSON.parse(stdout)
  } catch {
    return undefined
  }
}

/**
 * @param {Runner} runner
 * @param {string[]} args
 * @returns {Promise<{ code: number, stdout: string, stderr: string }>}
 */
function start({ command, more, directory }, args) {
  const [program = '', ...first] = command
  const options = { cwd: directory, env: { ...process.env, GITHUB_TOKEN: '' }, maxBuffer: 256 * 1024 * 1024 }
  return new Promise((resolve) => {
    execFile(program, [...first, ...args, ...more], options, (error, stdout, stderr) => {
      // Not started, or ended by a signal.
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 1
      resolve({ code, stdout, stderr: stderr || (error !== null && stdout === '' ? error.message : '') })
    })
  })
}

/**
 * The words of a line, as a shell has them: quotes keep spaces together.
 *
 * @param {string} line
 * @returns {string[]}
 * @example wordsOf(`--config 'my project/a.ts'`) // ['--config', 'my project/a.ts']
 */
export function wordsOf(line) {
  const words = line.match(/(?:[^\s"']|"[^"]*"|'[^']*')+/g) ?? []
  return words.map((word) => word.replace(/"([^"]*)"|'([^']*)'/g, (_all, double, single) => double ?? single))
}
