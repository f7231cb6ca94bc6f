import { parseSource } from './parse'

/** A comment of a file. */
export interface Comment {
  /** Without `//`, or `/*` and its end. */
  readonly text: string
  /** Offset of its first character, and after its last. */
  readonly start: number
  readonly end: number
}

/**
 * The comments of a source file, in order.
 *
 * @param file its extension decides the language
 */
export async function commentsIn(file: string, text: string): Promise<readonly Comment[]> {
  const { comments } = parseSource(await import('oxc-parser'), file, text)
  return comments.map(({ value, start, end }) => ({ text: value, start, end }))
}

/** True if only comments, spaces and words before a call (`await`, `return`) are between two places of a text. */
export function isDirectlyBefore(text: string, end: number, start: number): boolean {
  return /^(?:\s|\/\/[^\n]*\n|\/\*[^]*?\*\/|(?:await|return|void|yield)\b)*$/.test(text.slice(end, start))
}

/** The line of an offset, from 1. */
export function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length
}
