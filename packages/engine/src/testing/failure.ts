import { stripVTControlCharacters } from 'node:util'
import { isNativeError } from 'node:util/types'

import type { Dialect } from '../dialect/dialect'
import { messageOf } from '../errors'
import type { ModuleLoader } from '../files/load'
import { originalPlace, type Place } from '../files/original-place'
import { readText } from '../files/text-file'
import type { RevisionTestFailure } from '../results'
import { statementOf } from '../shadow/statements'
import type { LoadedTest } from './load'

/**
 * A failure of a test, with its place in the file: where the error comes from, else where the test is.
 *
 * @param load the loader of the file
 */
export async function failureOf(
  phase: RevisionTestFailure['phase'],
  error: unknown,
  { dialect, test, load }: { readonly dialect: Dialect; readonly test: LoadedTest; readonly load: ModuleLoader },
): Promise<RevisionTestFailure> {
  const statement = statementOf(error) ?? null
  const { path } = test.file
  const thrown = placeIn(path, error)
  const place = thrown && (await originalPlace(path, thrown, load))
  const { line, column } = place ?? (await placeOfTitle(test)) ?? { line: null, column: null }
  return { phase, message: wordsOf(error, dialect, statement), line, column, statement }
}

/** Where the title is written. */
async function placeOfTitle({ title, file }: LoadedTest): Promise<Place | undefined> {
  const text = await readText(file.path).catch(() => '')
  const written = [`'${title}'`, `"${title}"`, `\`${title}\``].map((quoted) => text.indexOf(quoted))
  const start = written.find((place) => place >= 0)
  if (start === undefined) return undefined
  const before = text.slice(0, start).split('\n')
  return { line: before.length, column: (before.at(-1) ?? '').length + 1 }
}

function wordsOf(error: unknown, dialect: Dialect, statement: string | null): string {
  if (statement !== null) return dialect.errors.textOf(error)
  // Node colors the difference of an assertion where it takes standard error for a terminal.
  const words = stripVTControlCharacters(messageOf(error))
  const name = isNativeError(error) ? error.name : ''
  // A mistake in the code: the words of an assertion, and those of Aludel, say all.
  return /^(?:Type|Reference|Range|Syntax)Error$/.test(name) ? `${name}: ${words}` : words
}

/** The innermost place of a stack that is in the file. */
function placeIn(file: string, error: unknown): Place | undefined {
  const stack = typeof error === 'object' && error !== null && 'stack' in error ? error.stack : undefined
  if (typeof stack !== 'string') return undefined
  for (const line of stack.split('\n')) {
    if (!line.includes(file)) continue
    const [, row, column] = /:(\d+):(\d+)\)?$/.exec(line) ?? []
    if (row !== undefined && column !== undefined) return { line: Number(row), column: Number(column) }
  }
  return undefined
}
