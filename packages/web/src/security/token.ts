import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'

import { AludelError } from '@aludel/engine'

/** Characters that a token has at least: 16 random letters are out of reach for a guess over a network. */
export const shortestToken = 16

/** A random token of 256 bits. */
export function newToken(): string {
  return randomBytes(32).toString('base64url')
}

/**
 * A token that somebody chose, without the line break of a file.
 *
 * @param from where it comes from, for the error: `ALUDEL_WEB_TOKEN`
 * @throws AludelError `ALUDEL_USAGE` when it is too short to be safe; the message does not contain it
 */
export function chosenToken(text: string, from: string): string {
  const token = text.trim()
  if (token.length >= shortestToken && !/\s/.test(token)) return token
  throw new AludelError(
    'ALUDEL_USAGE',
    `the token in ${from} must have at least ${String(shortestToken)} characters, and no space`,
    {
      help: 'Make one, for example with `openssl rand -hex 32`.',
    },
  )
}

/** Whether two secrets are equal. Takes the same time wherever they differ, and whatever their lengths. */
export function sameSecret(given: string, expected: string): boolean {
  return timingSafeEqual(digest(given), digest(expected))
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
