// Runs the jest tests of one package as a task that counts: `node tools/run-jest.mjs engine [--stack=NAME] [jest argument …]`.
import { availableParallelism } from 'node:os'
import { relative } from 'node:path'
import process from 'node:process'
import { root } from './lib/process.mjs'
import { runTests } from './lib/run-tests.mjs'
import stacks from './testing/stacks.cjs'

const [name, ...rest] = process.argv.slice(2)
const named = rest.find((arg) => arg.startsWith('--stack='))?.slice('--stack='.length)
const stackName = named ?? process.env['ALUDEL_TEST_STACK'] ?? stacks.mainStack
const args = rest.filter((arg) => !arg.startsWith('--stack='))
if (name === undefined || !(stackName === stacks.servers || stackName in stacks.stacks)) {
  console.error('usage: node tools/run-jest.mjs PACKAGE [--stack=NAME] [jest argument …]')
  process.exit(2)
}

// --experimental-vm-modules: libraries that are ES modules only are loaded by `import()` from inside a test.
const nodeOptions = [process.env['NODE_OPTIONS'], '--experimental-vm-modules', '--disable-warning=ExperimentalWarning']
// Two tasks run at a time. A container may count the processors of its host, and the server takes 300 connections.
const workers = Math.min(8, Math.max(2, Math.floor(availableParallelism() / 2)))

process.exitCode = await runTests({
  task: `${name}:${stacks.targetOf(stackName, process.env['ALUDEL_TEST_POSTGRES_VERSION'])}`,
  command: 'jest',
  args: (report) => [
    ...['-c', `packages/${name}/jest.config.cjs`, `--maxWorkers=${workers}`],
    ...['--json', `--outputFile=${report}`],
    ...args,
  ],
  env: { NODE_OPTIONS: nodeOptions.filter(Boolean).join(' '), ALUDEL_TEST_STACK: stackName },
  counts: (report) => ({
    passed: report.numPassedTests,
    failed: report.numFailedTests + report.numRuntimeErrorTestSuites,
    skipped: report.numPendingTests + report.numTodoTests,
    failures: failuresOf(report),
  }),
})

/**
 * @param {{ testResults: { name: string, message: string, assertionResults: import('@jest/test-result').AssertionResult[] }[] }} report
 * @returns {import('./lib/results.mjs').Failure[]}
 */
function failuresOf({ testResults }) {
  return testResults.flatMap(({ name: path, message, assertionResults }) => {
    const file = relative(root, path)
    const failed = assertionResults.filter(({ status }) => status === 'failed')
    // A file that could not be run has a message, and no test.
    if (assertionResults.length === 0 && message !== '') return [{ file, name: 'could not be run', message }]
    return failed.map(({ fullName, failureMessages }) => ({
      file,
      name: fullName,
      message: (failureMessages ?? []).join('\n'),
    }))
  })
}
