// Runs the tests of tools/ with Node's own test runner, as a task that counts: `node tools/run-node-test.mjs [-t NAME] [FILE …]`.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { parseArgs } from 'node:util'
import { root } from './lib/process.mjs'
import { runTests } from './lib/run-tests.mjs'

const { values, positionals } = parseArgs({ allowPositionals: true, options: { t: { type: 'string', short: 't' } } })
const all = readdirSync(join(root, 'tools', 'test')).filter((file) => file.endsWith('.test.mjs'))

process.exitCode = await runTests({
  task: 'tools:test',
  command: process.execPath,
  args: (report) => [
    ...['--test', '--test-concurrency=2'],
    ...['--test-reporter=spec', '--test-reporter-destination=stdout'],
    ...['--test-reporter=./tools/lib/count-reporter.mjs', `--test-reporter-destination=${report}`],
    ...(values.t === undefined ? [] : [`--test-name-pattern=${values.t}`]),
    ...(positionals.length > 0 ? positionals : all.map((file) => `tools/test/${file}`)),
  ],
  counts: (report) => report,
})
