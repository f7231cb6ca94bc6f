import { AludelError, isAludelError } from '@aludel/engine'

import { exitCodes } from '../errors'
import type { Output } from './output'

/**
 * Prints an error: one line, then its help; with `--json`, one document on standard output.
 *
 * @returns the exit code
 */
export function printError(error: unknown, output: Output): number {
  const known = toAludelError(error)
  if (output.json) {
    output.document({
      error: {
        code: known.code,
        message: known.message,
        help: known.help,
        details: known.details,
      },
    })
    if (output.verbose) output.errorLines(...stackOf(error))
    return exitCodes[known.kind]
  }
  const { red, bold, dim } = output.errorColors
  // One line, because log readers take the first line that starts with "error:".
  const message = known.message.replace(/\s*\n\s*/g, ' ')
  output.errorLines(`${red(bold('error:'))} ${message} ${dim(`[${known.code}]`)}`)
  if (known.help !== undefined) output.errorLines(...known.help.split('\n').map((line) => `  ${line}`))
  if (output.verbose) output.errorLines(...stackOf(error).map((line) => dim(line)))
  return exitCodes[known.kind]
}

function toAludelError(error: unknown): AludelError {
  if (isAludelError(error)) return error
  return new AludelError('ALUDEL_INTERNAL', error instanceof Error ? error.message : String(error), {
    help: 'Run it again with --verbose to see where.',
    cause: error,
  })
}

/** The stack of an error, and those of its causes. */
function stackOf(error: unknown): string[] {
  const lines: string[] = []
  const seen = new Set<unknown>()
  for (let current = error; current instanceof Error && !seen.has(current); current = current.cause) {
    seen.add(current)
    const stack = current.stack ?? String(current)
    lines.push(...(lines.length === 0 ? stack : `caused by: ${stack}`).split('\n'))
  }
  return lines
}
