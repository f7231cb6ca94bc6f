/**
 * How many cases a search among random ones tries in this run: `base`, which is what `npm test` tries, times ALUDEL_TEST_RUNS,
 * which is 1 unless it is set.
 *
 * @example
 * fc.assert(property, { numRuns: testRuns(20) })
 * @throws {Error} when ALUDEL_TEST_RUNS is not a positive integer
 */
export function testRuns(base: number): number
/** Whether a text is a positive integer, as ALUDEL_TEST_RUNS must be. */
export function isPositiveInteger(text: string): boolean
