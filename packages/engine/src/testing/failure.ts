import { AssertionError } from 'node:assert'

import type { Dialect } from '../dialect/dialect'
import { isAludelError, messageOf } from '../errors'
import type { RevisionTestFailure } from '../results'
import { statementOf } from '../shadow/statements'

/** A failure that is not that of a database or an assertion: its words are all there is to say. */
export class TestFailed extends Error {
  override readonly name = 'TestFailed'
}

/** A failure of a test, with its place in the file if the error comes from there. */
export function failureOf(
  phase: RevisionTestFailure['phase'],
  error: unknown,
  dialect: Dialect,
  file: string,
): RevisionTestFailure {
  const statement = statementOf(error) ?? null
  const place = placeIn(file, error)
  return {
    phase,
    message: wordsOf(error, dialect, statement),
    line: place?.line ?? null,
    column: place?.column ?? null,
    statement,
  }
}

function wordsOf(error: unknown, dialect: Dialect, statement: string | null): string {
  if (error instanceof TestFailed || error instanceof AssertionError || isAludelError(error)) return error.message
  if (statement !== null) return dialect.errors.textOf(error)
  const words = messageOf(error)
  // The difference of an assertion library begins with its own words.
  const name = error instanceof Error ? error.name : 'Error'
  return name === 'Error' || name.startsWith('Assertion') || words.includes('\n') ? words : `${name}: ${words}`
}

/** The innermost place of a stack that is in the file. */
function placeIn(file: string, error: unknown): { readonly line: number; readonly column: number } | undefined {
  const stack = typeof error === 'object' && error !== null && 'stack' in error ? error.stack : undefined
  if (typeof stack !== 'string') return undefined
  for (const line of stack.split('\n')) {
    if (!line.includes(file)) continue
    const [, row, column] = /:(\d+):(\d+)\)?$/.exec(line) ?? []
    if (row !== undefined && column !== undefined) return { line: Number(row), column: Number(column) }
  }
  return undefined
}
