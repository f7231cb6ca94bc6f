import type { TestResult } from '@aludel/engine'

import { plural } from '../format'
import type { Output } from '../output'

/** Prints each test, then each failure in full, and how many there are. */
export function printTests({ tests }: TestResult, out: Output): void {
  out.note(plural(tests.length, 'test'))
}
