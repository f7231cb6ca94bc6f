import { isRegExp } from 'node:util/types'

import type { Dialect } from '../dialect/dialect'
import type { Refusal } from '../dialect/roles/errors'
import { isAludelError, messageOf } from '../errors'
import { TestFailed } from './failed'

/**
 * Asserts that a revision has failed for the expected reason.
 *
 * @throws TestFailed with what the database says
 */
export function refusedAsExpected(error: unknown, expected: RegExp | Refusal, dialect: Dialect): void {
  const words = isAludelError(error) ? error.message : dialect.errors.textOf(error)
  if (isRegExp(expected)) {
    // A flag such as `g` must not make the answer depend on the test before.
    const matches = new RegExp(expected.source, expected.flags.replace(/[gy]/g, ''))
    if (matches.test(words) || matches.test(messageOf(error))) return
    throw new TestFailed(`the upgrade failed with another error than ${String(expected)}: ${words}`)
  }
  const found = isAludelError(error, 'ALUDEL_FOREIGN_KEYS') ? 'foreign key' : dialect.errors.refusalOf(error)
  if (found === expected) return
  throw new TestFailed(
    `the upgrade failed${found === undefined ? '' : ` (${found})`}, but not because of "${expected}": ${words}`,
  )
}
