// Runs the jest tests of one package as a task that counts: `node tools/run-jest.mjs engine [jest argument …]`.
// ALUDEL_TEST_STACK and ALUDEL_TEST_SCOPE choose the stacks, and the tests on each: see tools/testing/stacks.cjs.
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { root } from './lib/process.mjs'
import { runTests } from './lib/run-tests.mjs'

const [name, ...args] = process.argv.slice(2)
if (name === undefined) {
  console.error('usage: node tools/run-jest.mjs PACKAGE [jest argument …]')
  process.exit(2)
}

// --experimental-vm-modules: tests load ES modules by `import()`.
const nodeOptions = [process.env['NODE_OPTIONS'], '--experimental-vm-modules', '--disable-warning=ExperimentalWarning']
// Tests wait for the server half of the time, which runs beside them. The maximum is for containers that report the processors of
// their host, because the server accepts 300 connections.
const workers = Math.min(8, Math.max(2, availableParallelism()))

process.exitCode = await runTests({
  task: process.env['ALUDEL_TEST_TASK'] ?? `${name}:test`,
  command: 'jest',
  args: () => [
    // First, because a path after --reporters would be another reporter.
    ...args,
    ...['-c', `packages/${name}/jest.config.cjs`, `--maxWorkers=${workers}`],
    ...['--reporters=default', `--reporters=${join(root, 'tools/lib/jest-reporter.cjs')}`],
  ],
  env: (report) => ({ NODE_OPTIONS: nodeOptions.filter(Boolean).join(' '), ALUDEL_TEST_REPORT: report }),
  counts: (report) => report,
})
