/**
 * `@aludel/cli`: the `aludel` command, as a function and as a process.
 *
 * @module @aludel/cli
 * @packageDocumentation
 */
import { once } from 'node:events'

import { main, outputFor } from './main'
import type { TextStream } from './output/output'
import { ProcessEnd } from './process-end'

// Where only this package is installed (pnpm, for one), a configuration can import nothing else.
export { type AludelConfig, defineConfig } from '@aludel/engine'
export { main, type World } from './main'
export { type TextStream } from './output/output'

/**
 * Runs the command line of this process and sets its exit code. The process ends after all output is flushed.
 */
export async function runProcess(): Promise<void> {
  const argv = process.argv.slice(2)
  const stdout = ownStdout()
  const { stderr, env } = process
  for (const stream of [process.stdout, process.stderr]) stream.on('error', ignoreClosedPipe)
  const output = outputFor(argv, { stdout, stderr, env })
  const end = new ProcessEnd(output)
  process.on('uncaughtException', (error: unknown) => end.uncaught(error))
  process.on('unhandledRejection', (reason) => end.uncaught(reason))
  const exit = (code: number): void => end.now(code)
  // `performance` would load what measures functions and event loops.
  const startedAt = Date.now() - process.uptime() * 1000
  const chdir = (directory: string): void => process.chdir(directory)
  end.soon(
    await main(argv, {
      // Opening it takes as long as reading a history; only questions need it.
      get stdin() {
        return process.stdin
      },
      ...{ stdout, stderr, env, cwd: process.cwd(), startedAt, chdir, exit },
    }),
  )
}

/**
 * Reserves standard output for results: output of revisions and entity files goes to standard error, to keep it out of
 * JSON documents and SQL scripts.
 */
function ownStdout(): TextStream {
  const { stdout, stderr } = process
  const write = stdout.write.bind(stdout)
  stdout.write = stderr.write.bind(stderr)
  return {
    write: (text) => write(text),
    async ready() {
      // A pipe that is closed never drains.
      if (stdout.writableNeedDrain)
        await Promise.race([once(stdout, 'drain'), once(stdout, 'close')]).catch(ignoreClosedPipe)
      return !stdout.destroyed
    },
    isTTY: stdout.isTTY,
    columns: stdout.columns,
  }
}

/** A closed pipe (`aludel migrate history | head -1`) is not an error, and must not stop a run. */
function ignoreClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE' && error.code !== 'ERR_STREAM_DESTROYED') throw error
}
