import type { Readable, Writable } from 'node:stream'

import { toolVersion } from '@aludel/engine'

import type { CommandContext } from './command-context'
import { Interrupt } from './interrupt'
import { Output, type TextStream } from './output/output'
import { printError } from './output/print-error'
import { Progress } from './output/progress'
import type { GlobalValues } from './parser/global-options'
import { parseCommandLine } from './parser/parse'
import { beforeDashes } from './parser/values'
import { Prompts } from './prompts'

/** The streams and environment of one run of the command line. */
export interface World {
  readonly stdin: Readable & { readonly isTTY?: boolean }
  readonly stdout: TextStream
  readonly stderr: Writable & Pick<TextStream, 'isTTY' | 'columns'>
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
  /** When the process began, in milliseconds since 1970. Default: when `main` is called. */
  readonly startedAt?: number
  /** Changes the working directory of the process. Default: it stays. */
  readonly chdir?: (directory: string) => void
  /** Ends the process at once, for the second Ctrl-C. */
  exit(code: number): void
}

/**
 * Runs one command line.
 *
 * @param argv arguments after `aludel`
 * @returns the exit code; never throws
 * @example
 * process.exitCode = await main(['migrate', 'current', '--json'], world)
 */
export async function main(argv: readonly string[], world: World): Promise<number> {
  const { startedAt = Date.now() } = world
  // Read first, so that errors in the command line itself are printed as its options require.
  const output = outputFor(argv, world)
  const progress = new Progress(output)
  const interrupt = new Interrupt(
    () => {
      progress.clear()
      output.errorLines(progress.interruption)
    },
    (code) => {
      progress.clear()
      world.exit(code)
    },
  )
  try {
    const parsed = await parseCommandLine(argv, toolVersion, world.stdout.columns ?? 80, world.cwd)
    if (parsed.kind === 'text') {
      output.raw(parsed.text)
      return 0
    }
    const { command, args, globals } = parsed
    const context = makeContext(world, startedAt, globals, output, progress, interrupt.signal)
    const report = await interrupt.waitFor(command.run(args, context), () => progress.runs)
    progress.clear()
    if (report.printed === true) return report.exitCode ?? 0
    if (output.json) output.document(report.json)
    else report.human(output)
    return report.exitCode ?? 0
  } catch (error) {
    progress.clear()
    return printError(interrupt.explain(error), output)
  } finally {
    interrupt.dispose()
  }
}

/** Reads the options for printing, without validating the rest of the command line. */
export function outputFor(
  argv: readonly string[],
  { stdout, stderr, env }: Pick<World, 'stdout' | 'stderr' | 'env'>,
): Output {
  const options = beforeDashes(argv)
  const has = (name: string, letter?: string): boolean =>
    options.some(
      (option) =>
        option === `--${name}` || (letter !== undefined && new RegExp(`^-[a-z]*${letter}[a-z]*$`).test(option)),
    )
  return new Output({
    stdout,
    stderr,
    env,
    json: has('json'),
    quiet: has('quiet', 'q'),
    verbose: has('verbose', 'v'),
    noColor: has('no-color'),
  })
}

function makeContext(
  world: World,
  startedAt: number,
  globals: GlobalValues,
  output: Output,
  progress: Progress,
  signal: AbortSignal,
): CommandContext {
  const prompts = new Prompts({
    progress,
    get stdin() {
      return world.stdin
    },
    stderr: world.stderr,
    signal,
    yes: globals.yes,
    noInput: globals['no-input'],
  })
  const elapsed = (): number => Math.max(0, Date.now() - startedAt - prompts.askedMs)
  return { globals, output, progress, prompts, signal, cwd: world.cwd, env: world.env, enter: world.chdir, elapsed }
}
