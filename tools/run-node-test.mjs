// Runs the tests of tools/ with Node's own test runner, as a task that counts: `node tools/run-node-test.mjs`.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { root } from './lib/process.mjs'
import { runTests } from './lib/run-tests.mjs'

const files = readdirSync(join(root, 'tools', 'test')).filter((file) => file.endsWith('.test.mjs'))

process.exitCode = await runTests({
  task: 'tools:test',
  command: process.execPath,
  args: (report) => [
    ...['--test', '--test-concurrency=2'],
    ...['--test-reporter=spec', '--test-reporter-destination=stdout'],
    ...['--test-reporter=./tools/lib/count-reporter.mjs', `--test-reporter-destination=${report}`],
    ...files.map((file) => `tools/test/${file}`),
  ],
  counts: (report) => report,
})
