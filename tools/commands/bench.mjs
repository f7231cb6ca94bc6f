import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { wholeNumber } from '../lib/options.mjs'
import { setUp } from '../lib/setup.mjs'

const help = `usage: npm run bench -- [option …]

Compares the speed of Aludel with other programs that do the same work, in the same run on the same machine. It prints ratios,
ours / theirs, because times depend on the machine and ratios hardly do: median (lowest–highest) of the rounds, in which the programs
take turns. Below 1 Aludel is faster. Run it on a machine that does nothing else.

  --quick         small sizes, 3 rounds, no programs to install: for a change in hand
  --only WORD     only scenarios whose name contains the word, in any case: --only sqlite
  --runs N        number of rounds; default 7, with --quick 3. Long scenarios get 3 at most
  --revisions N   number of revisions; default 1000, with --quick 100. Where many are needed, ten times as many
  --json FILE     write machine, versions and every number to a file
  --svg FOLDER    write bench-light.svg and bench-dark.svg into a folder
  --from FILE     measure nothing: print the table, and make the pictures, from a file of --json
  --list          print the names of the scenarios, and measure nothing

Exits with 1 if a program failed; a goal that is not reached is no failure.`

/**
 * `npm run bench`: compares the speed of the command line with other programs.
 *
 * @param {string[]} args
 * @returns {Promise<number>} the exit code: 0 measured, 1 a program failed, 2 wrong usage
 */
export async function main(args) {
  const options = read(args)
  if (typeof options === 'string') {
    console.error(`error: ${options} (npm run bench -- --help lists the options)`)
    return 2
  }
  if (options.help) {
    console.log(help)
    return 0
  }
  const ready = await setUp({ quiet: true })
  if (ready !== 0) return ready

  // Imported here because it needs the packages that have just been installed and built.
  const { listScenarios, measure, printResults, report } = await import('../bench/run.mjs')
  if (options.list) {
    console.log(listScenarios(options).join('\n'))
    return 0
  }
  if (options.from) printResults(options.from)
  const results = options.from ?? (await measure(options))
  if (results.rows.length === 0) {
    console.error(`error: no scenario has ${options.only} in its name (npm run bench -- --list prints them)`)
    return 2
  }
  report(results, options)
  return results.rows.some(({ kind, failed }) => failed !== undefined && kind !== 'answer') ? 1 : 0
}

/** @typedef {import('../bench/run.mjs').Options & { help: boolean, list: boolean, from?: import('../bench/run.mjs').Results }} AllOptions */

/**
 * @param {string[]} args
 * @returns {AllOptions | string} the options, or an error message
 */
function read(args) {
  try {
    const { values } = parseArgs({
      args,
      options: {
        quick: { type: 'boolean', default: false },
        only: { type: 'string' },
        runs: { type: 'string' },
        revisions: { type: 'string' },
        json: { type: 'string' },
        svg: { type: 'string' },
        from: { type: 'string' },
        list: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    })
    const { quick, only, json, svg, from, list } = values
    const measuring = ['only', 'runs', 'revisions', 'quick'].find((name) =>
      args.some((it) => it.split('=')[0] === `--${name}`),
    )
    if (from !== undefined && measuring !== undefined) return `--${measuring} has no effect with --from`
    return {
      quick,
      only: only ?? '',
      runs: wholeNumber('--runs', values.runs, 1) ?? (quick ? 3 : 7),
      revisions: wholeNumber('--revisions', values.revisions, 1) ?? (quick ? 100 : 1000),
      list,
      help: values.help,
      ...(json !== undefined && { json }),
      ...(svg !== undefined && { svg }),
      ...(from !== undefined && { from: readResults(from) }),
    }
  } catch (error) {
    return String(error instanceof Error ? error.message : error).split('\n')[0] ?? ''
  }
}

/** @param {string} file */
function readResults(file) {
  let results
  try {
    results = JSON.parse(readFileSync(file, 'utf8'))
  } catch (error) {
    throw new Error(`cannot read ${file}: ${error instanceof Error ? error.message : error}`, { cause: error })
  }
  if (!Array.isArray(results?.rows)) throw new Error(`${file} was not written by --json`)
  return results
}
