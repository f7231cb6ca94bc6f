// Runs the jest tests of one package as a task that counts: `node tools/run-jest.mjs engine [jest argument …]`.
import { availableParallelism } from 'node:os'
import process from 'node:process'
import { runTests } from './lib/run-tests.mjs'

const [name, ...args] = process.argv.slice(2)
if (name === undefined) {
  console.error('usage: node tools/run-jest.mjs PACKAGE [jest argument …]')
  process.exit(2)
}

// --experimental-vm-modules: libraries that are ES modules only are loaded by `import()` from inside a test.
const nodeOptions = [process.env['NODE_OPTIONS'], '--experimental-vm-modules', '--disable-warning=ExperimentalWarning']
const workers = Math.max(2, Math.floor(availableParallelism() / 2))

process.exitCode = await runTests({
  task: `${name}:test`,
  command: 'jest',
  args: (report) => [
    ...['-c', `packages/${name}/jest.config.cjs`, `--maxWorkers=${workers}`],
    ...['--json', `--outputFile=${report}`],
    ...args,
  ],
  env: { NODE_OPTIONS: nodeOptions.filter(Boolean).join(' ') },
  counts: (report) => ({
    passed: report.numPassedTests,
    failed: report.numFailedTests + report.numRuntimeErrorTestSuites,
    skipped: report.numPendingTests + report.numTodoTests,
  }),
})
