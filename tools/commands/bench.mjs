import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { parseArgs } from 'node:util'
import { setUp } from '../lib/setup.mjs'

/**
 * `npm run bench`: compares the speed of the command line with other programs that do the same work in the same run on the
 * same machine. It prints ratios, because times depend on the machine and ratios hardly do.
 *
 * @param {string[]} args `--quick` for a short run; `--revisions N` and `--runs N` set the size
 * @returns {Promise<number>} the exit code
 */
export async function main(args) {
  const { values } = parseArgs({
    args,
    options: { quick: { type: 'boolean', default: false }, revisions: { type: 'string' }, runs: { type: 'string' } },
  })
  const revisions = Number(values.revisions ?? (values.quick ? 100 : 1000))
  const runs = Number(values.runs ?? (values.quick ? 3 : 7))

  const ready = await setUp({ quiet: true })
  if (ready !== 0) return ready

  // Imported here because they need the packages that have just been installed and built.
  const { startPostgres } = await import('../postgres.mjs')
  const { compare, printHead } = await import('../bench/measure.mjs')
  const { current } = await import('../bench/current.mjs')
  const { scale } = await import('../bench/scale.mjs')
  const { upgrade } = await import('../bench/upgrade.mjs')

  const folder = mkdtempSync(join(tmpdir(), 'aludel-bench-'))
  const server = await startPostgres()
  try {
    const machine = `Node ${process.versions.node}, ${process.platform} ${process.arch}`
    console.log(`\n${machine}; ${runs} rounds, the programs in turns`)
    console.log('ratio: time of aludel / time of the peer, median (lowest–highest); below 1 aludel is faster\n')
    printHead()
    for (const scenario of await current(folder, server.url)) await compare(scenario, runs)
    for (const scenario of await scale(folder)) await compare(scenario, runs)
    for (const scenario of await upgrade(folder, server.url, revisions)) await compare(scenario, runs)
  } finally {
    await server.stop()
    rmSync(folder, { recursive: true, force: true })
  }
  return 0
}
