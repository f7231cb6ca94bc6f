// Runs a command as a task that counts: `node tools/run.mjs engine:lint -- eslint packages/engine`.
import process from 'node:process'
import { run } from './lib/process.mjs'
import { writeResult } from './lib/results.mjs'
import timings from './testing/timings.cjs'

const [task, separator, command, ...args] = process.argv.slice(2)
if (task === undefined || separator !== '--' || command === undefined) {
  console.error('usage: node tools/run.mjs project:target -- command [argument …]')
  process.exit(2)
}

const started = Date.now()
const writeTiming = timings.startTiming(task, task)
const code = await run(command, args)
writeResult(task, {
  passed: code === 0 ? 1 : 0,
  failed: code === 0 ? 0 : 1,
  skipped: 0,
  seconds: (Date.now() - started) / 1000,
})
writeTiming()
process.exitCode = code
