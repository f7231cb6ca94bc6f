/** A comment that asks for silence. */
export interface Ignore {
  /** Names, in the order of the comment. */
  readonly rules: readonly string[]
  /** Empty if none is given. */
  readonly reason: string
  /** `file`: the whole revision file; `next`: the statement after it. */
  readonly scope: 'file' | 'next'
}

/** The words with which a comment asks for silence: of `lint`, and of `test`. */
export type IgnoreWord = 'aludel-lint-ignore' | 'aludel-test-ignore'

const form =
  /^\s*\**\s*(aludel-(?:lint|test)-ignore)(-file)?\s+([a-z0-9-]+(?:\s*,\s*[a-z0-9-]+)*)\s*(?::\s*([^]*?))?\s*$/

/**
 * Reads a comment.
 *
 * @param text without its marks
 * @returns undefined for any other comment
 * @example
 * readIgnore(' aludel-lint-ignore drop-table: empty since release 12')
 * // { rules: ['drop-table'], reason: 'empty since release 12', scope: 'next' }
 */
export function readIgnore(text: string, word: IgnoreWord = 'aludel-lint-ignore'): Ignore | undefined {
  const found = form.exec(text)
  if (found?.[1] !== word) return undefined
  const [, , file, names = '', reason = ''] = found
  return { rules: names.split(',').map((name) => name.trim()), reason, scope: file === undefined ? 'next' : 'file' }
}
