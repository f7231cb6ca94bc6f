/**
 * The number of cases that a random test tries in this run: `base`, the number in `npm test`, times ALUDEL_TEST_RUNS. Default of
 * ALUDEL_TEST_RUNS is 1.
 *
 * @example
 * fc.assert(property, { numRuns: testRuns(20) })
 * @throws {Error} if ALUDEL_TEST_RUNS is not a positive integer
 */
export function testRuns(base: number): number
