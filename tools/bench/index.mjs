// `npm run bench [-- --quick]`: how fast the command line is, against other programs that do the same work in the same
// run on the same machine. What counts is the ratio; times on other machines differ, ratios hardly.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { parseArgs } from 'node:util'
import { installIfNeeded } from '../lib/install.mjs'
import { runTargets } from '../lib/nx.mjs'
import { startPostgres } from '../postgres.mjs'
import { current } from './current.mjs'
import { compare } from './measure.mjs'
import { upgrade } from './upgrade.mjs'

const { values } = parseArgs({
  options: { quick: { type: 'boolean', default: false }, revisions: { type: 'string' }, runs: { type: 'string' } },
})
const revisions = Number(values.revisions ?? (values.quick ? 100 : 1000))
const runs = Number(values.runs ?? (values.quick ? 3 : 7))

process.exitCode = (await installIfNeeded()) || (await runTargets(['build'], { quiet: true }))
if (process.exitCode === 0) await bench()

async function bench() {
  const folder = mkdtempSync(join(tmpdir(), 'aludel-bench-'))
  const server = await startPostgres()
  try {
    console.log(
      `\nNode ${process.versions.node}, ${process.platform} ${process.arch}; ${runs} rounds, the programs by turns`,
    )
    console.log(
      'ratio = time of aludel / time of the peer: median (lowest–highest) of the rounds; below 1 aludel is faster\n',
    )
    const scenarios = [...(await current(folder, server.url)), ...(await upgrade(folder, server.url, revisions))]
    for (const scenario of scenarios) await compare(scenario, runs)
  } finally {
    await server.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}
